"""What is shown: exact for programs, harmless for the eye, whatever the rows hold."""

import csv
import io
import json
import sys
import time
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pipeline import terminal

HOSTILE = "\x1b]0;owned\x07\x1b[31m|a\\b\r\n\u202e\x9b<script>"
ROWS = pa.table(
    {
        "site": ["blog", HOSTILE, None],
        "date": [date(2026, 7, 1), None, date(926, 1, 1)],
        "views": pa.array([1, 20000, None], pa.int64()),
        "money": pa.array([Decimal("1.50"), Decimal("-9999999999999999.99"), None], pa.decimal128(18, 2)),
        "share": [0.5, float("nan"), float("inf")],
        "time": pa.array([datetime(2026, 7, 1, 12, 0, 0, 5000), None, datetime(926, 1, 1)], pa.timestamp("ms")),  # noqa: DTZ001
        "known": [True, False, None],
        "list": [[1, 2], [], None],
    }
)
TEXTS = st.text(st.characters(codec="utf-8"))


def written(capsys: pytest.CaptureFixture[str], rows: pa.Table, form: str) -> str:
    capsys.readouterr()
    terminal.shown(rows, form)
    return capsys.readouterr().out


def test_json_is_one_array_of_all_rows_with_numbers_as_numbers(capsys: pytest.CaptureFixture[str]) -> None:
    text = written(capsys, ROWS, "json")
    first, second, third = json.loads(text, parse_float=Decimal)
    assert {
        "site": "blog",
        "date": "2026-07-01",
        "views": 1,
        "money": Decimal("1.50"),
        "share": Decimal("0.5"),
        "time": "2026-07-01 12:00:00.005",
        "known": True,
        "list": [1, 2],
    } == first
    assert (HOSTILE, Decimal("-9999999999999999.99"), None) == (second["site"], second["money"], second["share"])
    assert ("0926-01-01", "0926-01-01 00:00:00.000") == (third["date"], third["time"])
    assert [None, None, None, None] == [third[name] for name in ("site", "views", "money", "list")]


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.fixed_dictionaries({"a": st.none() | TEXTS, 'b"': st.integers(-9, 9)}), max_size=3))
def test_json_says_what_the_rows_say(capsys: pytest.CaptureFixture[str], rows: list[dict[str, Any]]) -> None:
    table = pa.Table.from_pylist(rows, pa.schema([("a", pa.string()), ('b"', pa.int64())]))
    assert rows == json.loads(written(capsys, table, "json"))


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(TEXTS, max_size=3))
def test_csv_holds_every_text_as_it_is(capsys: pytest.CaptureFixture[str], texts: list[str]) -> None:
    text = written(capsys, pa.table({"a,b": pa.array(texts, pa.string()), "c": [1] * len(texts)}), "csv")
    assert [["a,b", "c"], *([it, "1"] for it in texts)] == list(csv.reader(io.StringIO(text, newline=""), strict=True))


def test_lines_of_csv_end_as_its_standard_says(capsys: pytest.CaptureFixture[str]) -> None:
    assert "n\r\n1\r\n" == written(capsys, pa.table({"n": [1]}), "csv")


@pytest.mark.parametrize("form", ["table", "md", "json"])
@pytest.mark.parametrize("columns", ["40", "400"])
def test_nothing_that_is_shown_drives_the_terminal(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, form: str, columns: str
) -> None:
    monkeypatch.setenv("COLUMNS", columns)
    every_character = "".join(map(chr, range(0x3000)))
    text = written(capsys, pa.table({f"a{every_character}": [every_character, HOSTILE]}), form)
    assert set() == set(text) & {
        *map(chr, (*range(10), *range(11, 32), *range(127, 160))),
        "\u2028",
        "\u202e",
        "\u2067",
    }


def test_markdown_keeps_a_cell_a_cell(capsys: pytest.CaptureFixture[str]) -> None:
    expected = "| a\\|b | n |\n| --- | ---: |\n| x\\|y\\\\z\\n\\<b> | 1 |\n|  | 20 |\n".replace("z\\n", "z\\\\n")
    assert expected == written(capsys, pa.table({"a|b": ["x|y\\z\n<b>", None], "n": [1, 20]}), "md")


def test_numbers_stand_on_the_right_and_no_line_is_cut_where_there_is_no_terminal(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("COLUMNS", raising=False)
    text = written(capsys, pa.table({"path": ["/" * 200, "/[red]"], "views": [1, 200]}), "table")
    header, _, first, second = text.splitlines()
    assert header.endswith("views")
    assert f"{'/' * 200}       1" == first
    assert f"{'/[red]':<200}     200" == second


def test_where_a_table_is_too_wide_each_row_is_a_block(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "40")
    rows = pa.table({"site": ["blog", "shop"], "page_url": ["http://example.com/" + "a" * 40, None]})
    expected = f"site      blog\npage_url  http://example.com/{'a' * 40}\n\nsite      shop\n\n"
    assert expected == written(capsys, rows, "table")


@pytest.mark.parametrize(
    ("form", "expected"),
    [("table", "n\n─\n"), ("csv", "n\r\n"), ("json", "[]\n"), ("md", "| n |\n| ---: |\n")],
)
def test_no_rows_are_shown_as_such(capsys: pytest.CaptureFixture[str], form: str, expected: str) -> None:
    assert expected == written(capsys, pa.table({"n": pa.array([], pa.int64())}), form)


def test_output_is_utf8_whatever_the_machine_prefers(monkeypatch: pytest.MonkeyPatch) -> None:
    raw = io.BytesIO()
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(raw, encoding="ascii"))
    terminal.shown(pa.table({"a": ["日本"]}), "json")
    sys.stdout.flush()
    assert '[\n{"a": "日本"}\n]\n'.encode() == raw.getvalue()


def test_a_note_is_harmless_and_stands_on_standard_error(capsys: pytest.CaptureFixture[str]) -> None:
    terminal.note("first\x1b[2J\nsecond")
    assert ("", "first\\x1b[2J\nsecond\n") == capsys.readouterr()


def test_progress_is_plain_lines_where_there_is_no_terminal(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    moments = iter([0.0, 0.0, 5.0, 10.0, 12.0, 12.5])
    monkeypatch.setattr(time, "monotonic", lambda: next(moments))
    with terminal.progress("Reading", 3) as advance:
        advance(1)
        advance(1)
    assert ("", "Reading …\nReading: 2 of 3\nReading: done in 12.5 s\n") == capsys.readouterr()


def test_a_zoned_time_is_shown_as_it_is_in_utc(capsys: pytest.CaptureFixture[str]) -> None:
    noon = pa.array([datetime(2026, 7, 1, 12, tzinfo=UTC)], pa.timestamp("ms", "UTC"))
    assert [{"t": "2026-07-01 12:00:00.000"}] == json.loads(written(capsys, pa.table({"t": noon}), "json"))
