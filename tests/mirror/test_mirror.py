"""The mirror: which rows of the rollups an end gets."""

from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.mirror import Window, mirror
from pipeline.mirror.tabs import TABS, Tab
from pipeline.query import queries

SITES = {"west": "Pacific/Pago_Pago", "east": "Pacific/Kiritimati"}
NOON = datetime(2026, 7, 10, 12, tzinfo=UTC)  # 01:00 on the 10th in the west, 02:00 on the 11th in the east


class Rollups:
    """An engine that knows one answer."""

    def __init__(self, rows: list[dict[str, object]]) -> None:
        self.rows, self.asked = rows, list[Mapping[str, object]]()

    def answer(self, sql: str, parameters: Mapping[str, object]) -> pa.Table:
        assert queries()["daily"].sql == sql
        self.asked.append(parameters)
        return pa.Table.from_pylist(self.rows, pa.schema([("site", pa.string()), ("date", pa.date32())]))


class Notes:
    """An end that remembers what it was given."""

    def __init__(self) -> None:
        self.got: dict[str, list[tuple[str, date]]] = {}

    def upsert(self, tab: Tab, frame: pd.DataFrame) -> None:
        self.got[tab.name] = [tuple(row) for row in frame.itertuples(index=False)]


def mirrored(window: Window | None) -> list[tuple[str, date]]:
    days = [date(2026, 7, 7) + timedelta(days=it) for it in range(5)]
    end = Notes()
    rows: list[dict[str, object]] = [{"site": site, "date": day} for site in ("east", "west", "other") for day in days]
    counts = mirror(Rollups(rows), end, window)
    assert {name: len(rows) for name, rows in end.got.items()} == counts
    return end.got["daily"]


def test_all_days_are_mirrored_unless_a_window_is_given() -> None:
    assert 15 == len(mirrored(None))


@pytest.mark.parametrize(("site", "expected"), [("west", 8), ("east", 9), ("other", 8)])
def test_the_last_days_are_those_of_the_sites_own_zone(site: str, expected: int) -> None:
    assert date(2026, 7, expected) == min(day for name, day in mirrored(Window(3, NOON, SITES)) if name == site)


@given(st.sampled_from(sorted(SITES)), st.datetimes(datetime(2026, 1, 1), datetime(2027, 1, 1)))  # noqa: DTZ001
def test_three_days_hold_the_day_that_ended_24_hours_ago(site: str, now: datetime) -> None:
    now = now.replace(tzinfo=UTC)
    a_day_ago = (now - timedelta(hours=24)).astimezone(ZoneInfo(SITES[site])).date()
    assert Window(3, now, SITES).holds(site, a_day_ago - timedelta(days=1))


@given(st.datetimes(datetime(2026, 1, 1), datetime(2027, 1, 1)), st.integers(1, 9))  # noqa: DTZ001
def test_the_engine_is_asked_for_no_more_days_than_some_site_may_need(now: datetime, days: int) -> None:
    window = Window(days, now.replace(tzinfo=UTC), SITES)
    rollups = Rollups([])
    mirror(rollups, Notes(), window)
    assert [{"first_day": window.first_day, "last_day": date.max}] == rollups.asked
    assert not any(window.holds(site, window.first_day - timedelta(days=1)) for site in SITES)
    assert any(window.holds(site, window.first_day + timedelta(days=it)) for it in (0, 1) for site in SITES)


def test_a_line_of_no_site_has_the_days_of_utc() -> None:
    late = datetime(2026, 7, 10, 23, 59, tzinfo=UTC)
    assert Window(1, late, SITES).holds("*", date(2026, 7, 10))
    assert not Window(1, late, SITES).holds("*", date(2026, 7, 9))


def test_a_tab_is_known_by_site_and_date_and_filled_by_a_query_that_there_is() -> None:
    assert all({"site", "date"} <= set(tab.key) for tab in TABS)
    assert {tab.query for tab in TABS} <= queries().keys()
