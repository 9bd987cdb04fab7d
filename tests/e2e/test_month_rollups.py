"""What the queries answer about the demo's month is what its generator knows of it."""

from collections import Counter
from collections.abc import Iterable
from functools import partial
from pathlib import Path

import pytest

from pipeline import settings
from pipeline.lake import scan
from pipeline.places import shipped
from pipeline.query import answer
from pipeline.query.laptop import Laptop
from pipeline.sqlite_catalog import open_lake
from pipeline.twin.month import month
from pipeline.twin.month.log import totals
from pipeline.twin.month.plan import planned
from pipeline.twin.month.tables import tables
from pipeline.twin.month.truth import Truth, truth

pytestmark = [pytest.mark.e2e, pytest.mark.usefixtures("demo_runs")]


@pytest.fixture(scope="module")
def laptop(demo_data: Path) -> Laptop:
    sites = settings.load(shipped("firn.toml")).rules.sites
    return Laptop(partial(scan, open_lake(demo_data / "lake")), sites)


@pytest.fixture(scope="module")
def counts() -> Truth:
    return truth(planned(tables()), tables())


def added(laptop: Laptop, name: str, key: Iterable[str], value: str) -> Counter[tuple[str | None, ...]]:
    """The column `value` of a query, added up by the columns of `key`; a null adds nothing."""
    sums = Counter[tuple[str | None, ...]]()
    for row in answer(name, {}, laptop).to_pylist():
        sums[tuple(row[column] for column in key)] += row[value] or 0
    return sums


def test_every_line_is_in_the_lake_once(laptop: Laptop) -> None:
    expected = totals(month())
    (found,) = laptop.answer(
        """
        SELECT (SELECT count(*) FROM events) AS events,
               (SELECT count(*) FROM events_unique) AS each_once,
               (SELECT count(*) FROM bad_rows) AS bad_rows
        """,
        {},
    ).to_pylist()
    expected_unique = expected.events - expected.copies
    assert {"events": expected.events, "each_once": expected_unique, "bad_rows": expected.bad_rows} == found


@pytest.mark.parametrize("count", ["visitors", "visits", "page_views", "bounces", "engaged_seconds"])
def test_each_day_of_each_site_is_as_planned(laptop: Laptop, counts: Truth, count: str) -> None:
    expected = {day: getattr(it, count) for day, it in counts.days.items()}
    assert expected == added(laptop, "daily_overview", ("site", "date"), count)


@pytest.mark.parametrize(
    ("column", "count"), [("sessions", "visits"), *((it, it) for it in ("visitors", "page_views", "bounces"))]
)
def test_the_daily_line_is_as_planned(laptop: Laptop, counts: Truth, column: str, count: str) -> None:
    expected = Counter({day: getattr(it, count) for day, it in counts.days.items()})
    assert +expected == +added(laptop, "daily", ("site", "date"), column)


def test_pages_are_viewed_as_often_as_planned(laptop: Laptop, counts: Truth) -> None:
    assert counts.pages == added(laptop, "pages", ("site", "page_urlpath"), "page_views")


def test_visits_come_from_where_was_planned(laptop: Laptop, counts: Truth) -> None:
    expected = {key: visits for key, visits in counts.sources.items() if key[1] != "internal"}
    assert expected == added(laptop, "sources", ("site", "channel", "source"), "visits")


def test_campaigns_bring_the_visits_that_were_planned(laptop: Laptop, counts: Truth) -> None:
    found = added(laptop, "campaigns", ("site", "mkt_campaign"), "visits")
    assert counts.campaigns == Counter({key: visits for key, visits in found.items() if key[1]})


def test_visits_come_from_the_countries_that_were_planned(laptop: Laptop, counts: Truth) -> None:
    assert counts.countries == added(laptop, "countries", ("site", "geo_country"), "visits")


def test_bots_view_as_many_pages_as_planned_and_none_counts(laptop: Laptop, counts: Truth) -> None:
    assert counts.bots == added(laptop, "bots", ("site", "bot_name"), "page_views")


@pytest.mark.parametrize(("event", "count"), [("download", "downloads"), ("not_found", "not_found")])
def test_own_events_are_as_many_as_planned(laptop: Laptop, counts: Truth, event: str, count: str) -> None:
    sql = """
        SELECT count(*) AS events FROM events_unique
        WHERE event_vendor = 'com.firn-analytics' AND event_name = :event AND filter_reason IS NULL
    """
    assert [{"events": sum(getattr(it, count) for it in counts.days.values())}] == laptop.answer(
        sql, {"event": event}
    ).to_pylist()
