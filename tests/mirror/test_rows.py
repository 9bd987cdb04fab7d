"""Cells: a number is a number, a date is ISO text, and no text of a stranger is a formula."""

from datetime import date, datetime
from decimal import Decimal

import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.mirror.rows import no_formula, rows


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r", "\n", "'", "＝", "＋", "－", "＠"])  # noqa: RUF001
@pytest.mark.parametrize("before", ["", " ", "\u00a0", "\u3000", " \t", "\x00", "\x1b", "\u200b", "\ufeff"])
def test_a_text_that_would_start_a_formula_is_kept_behind_an_apostrophe(before: str, start: str) -> None:
    text = f'{before}{start}HYPERLINK("http://192.0.2.1")'
    assert f"'{text}" == no_formula(text)


@pytest.mark.parametrize(
    "text", ["", " ", " blog", "blog\t", "a=b", "1+1", "e-mail", "me@example.com", "日本", "#REF!", "2026-07-01"]
)
def test_any_other_text_stays_as_it_is(text: str) -> None:
    assert text == no_formula(text)


@given(st.text(st.sampled_from("'=+-@ \ta"), max_size=4), st.text(st.sampled_from("'=+-@ \ta"), max_size=4))
def test_two_texts_never_become_one(one: str, other: str) -> None:
    assert (one == other) == (no_formula(one) == no_formula(other))


def test_a_cell_is_what_a_spreadsheet_takes_it_for() -> None:
    values = {
        "text": "-blog",
        "count": -3,
        "share": 0.5,
        "money": Decimal("1.50"),
        "day": date(2026, 7, 1),
        "time": datetime(2026, 7, 1, 12, 0, 5),  # noqa: DTZ001 (the lake's times have no zone)
        "missing": None,
    }
    frame: pd.DataFrame = pa.Table.from_pylist([values]).to_pandas(types_mapper=pd.ArrowDtype)
    expected = values | {"text": "'-blog", "day": "2026-07-01", "time": "2026-07-01 12:00:05"}
    assert [expected] == rows(frame)


def test_a_count_stays_whole_in_a_column_with_nulls() -> None:
    frame: pd.DataFrame = pa.table({"count": [1, None]}).to_pandas(types_mapper=pd.ArrowDtype)
    assert ["1", "None"] == [str(row["count"]) for row in rows(frame)]
