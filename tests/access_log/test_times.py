"""The log's time fields: what is read for a whole block at once is what each line says by itself."""

from datetime import datetime

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.access_log.times import collector_tstamp, moment

USUAL = datetime(2026, 11, 24, 10, 30)  # noqa: DTZ001 (the lake's times have no zone)


def read(*texts: tuple[str | None, str | None]) -> list[datetime | None]:
    dates, times = (pa.array([it[at] for it in texts], pa.string()) for at in (0, 1))
    return collector_tstamp(pa.nulls(len(texts), pa.string()), dates, times).to_pylist()  # type: ignore[no-any-return]


@pytest.mark.parametrize(
    ("date", "time"),
    [
        *(("2026-11-24", it) for it in ("10:30-05", "10:30+05", "10+05:00", "103025.1", "103025Z ", "24:00:00", "1:2")),
        ("2026-11-24 10", "30:25"),
        ("2026-11", "24 10:30:25"),
        ("2026-11-24 ", "10:30:0"),
        ("2026-11-24\0", "0:30:00"),
        ("\uff12026-11-2", "0:30:0"),
        ("2026-02-30", "10:30:00"),
        ("0000-01-01", "10:30:00"),
        ("-", "10:30:00"),
        ("2026-11-24", None),
        (None, None),
    ],
)
def test_what_is_no_time_is_null_and_harms_no_other(date: str | None, time: str | None) -> None:
    assert [None] == read((date, time))
    assert [USUAL, None, USUAL] == read(("2026-11-24", "10:30:00"), (date, time), ("2026-11-24", "10:30:00"))


odd = st.text("0123456789-:.+TZ ", max_size=10)
dates = st.one_of(st.dates().map(str), odd)
times = st.one_of(st.times().map(lambda it: f"{it:%H:%M:%S}"), odd)


@given(st.lists(st.tuples(dates, times), min_size=1, max_size=4))
def test_times_are_read_together_as_each_by_itself(texts: list[tuple[str, str]]) -> None:
    assert [moment(f"{date}T{time}") for date, time in texts] == read(*texts)
