"""The demo's month: the same each time, true to its own counts, with everything in it that a real log has."""

import ipaddress
import json
from collections import Counter
from hashlib import sha256
from itertools import groupby, pairwise
from pathlib import Path

import fastjsonschema
import pytest

from enrich.channel import CHANNELS, channel
from enrich.referrer import referrer
from enrich.rules import Rules
from pipeline import settings
from pipeline.errors import UserError
from pipeline.places import shipped
from pipeline.transform import Given, transform
from pipeline.twin.month import write_month
from pipeline.twin.month.events import Event
from pipeline.twin.month.log import BAD_ROWS, EDITION, Delivery, deliveries, totals
from pipeline.twin.month.plan import PAUSE, Session, planned
from pipeline.twin.month.tables import tables
from pipeline.twin.month.truth import Truth, truth, visits_of

HOUR = 3_600_000
SCHEMAS = shipped("tracker/schemas") / "com.firn-analytics"


@pytest.fixture(scope="module")
def sessions() -> list[Session]:
    return planned(tables())


@pytest.fixture(scope="module")
def counts(sessions: list[Session]) -> Truth:
    return truth(sessions, tables())


@pytest.fixture(scope="module")
def objects(sessions: list[Session]) -> list[Delivery]:
    return deliveries(sessions, tables().seed)


@pytest.fixture(scope="module")
def events(sessions: list[Session]) -> list[Event]:
    return [event for it in sessions for view in it.views for event in view.events]


def rules() -> Rules:
    return settings.load(shipped("firn.toml")).rules


def test_the_plan_is_the_same_each_time(sessions: list[Session]) -> None:
    assert sessions == planned(tables())


@pytest.mark.e2e
def test_the_lines_are_those_of_this_edition_byte_for_byte(objects: list[Delivery]) -> None:
    """When the month is changed on purpose, EDITION becomes what this test finds."""
    digest = sha256()
    for it in objects:
        digest.update("\n".join(hit.line() for hit in it.hits).encode("utf-8", "surrogateescape"))
    assert digest.hexdigest()[:8] == EDITION


def test_every_line_becomes_what_was_planned_and_no_value_is_faulty(objects: list[Delivery]) -> None:
    some, found = objects[::8], Counter[str]()
    for batch in transform((it.content() for it in some), Given(rules())):
        found.update(events=len(batch.events), bad_rows=len(batch.bad_rows))
        found.update(failures=len(batch.events) - batch.events["failures"].null_count)
        found.update(batch.ignored_reasons)
    expected = totals(some)
    assert {"events": expected.events, "bad_rows": expected.bad_rows, "failures": 0, **expected.ignored} == found


def test_about_a_hundred_thousand_events_are_in_the_log(objects: list[Delivery]) -> None:
    told = totals(objects)
    assert 95_000 < told.events < 115_000
    assert told.lines == told.events + told.bad_rows + sum(told.ignored.values())


def test_the_example_settings_know_the_sites_as_the_month_does() -> None:
    known = rules().sites
    for name, site in tables().sites.items():
        assert (site.host, site.time_zone) == (known[name].hosts[0], known[name].time_zone)
    assert "?me=1" in rules().filters.own_visits


def test_what_is_said_of_a_source_is_what_its_link_and_referrer_say() -> None:
    pools = [*(it.audience.sources for it in tables().sites.values()), *(it.audience.sources for it in tables().waves)]
    for source in {it for pool in pools for it in pool.values}:
        found = referrer(source.referrer or None, "shop.example.org", rules=rules())
        words = dict(pair.split("=") for pair in source.query.split("&") if pair)
        network = {"gclid": "Google", "msclkid": "Microsoft", "fbclid": "Facebook", "ttclid": "TikTok"}
        campaign = (words.get("utm_medium"), words.get("utm_source"), words.get("utm_campaign"))
        clicked = next((of for name, of in network.items() if name in words), None)
        came = channel(*campaign, clicked, found.refr_medium, found.refr_urlhost)
        named = None if source.channel == "internal" else found.refr_source or campaign[1] or found.refr_urlhost
        assert (source.channel, source.source, source.campaign) == (*came, named, campaign[2])


def test_the_counts_of_the_days_add_up(sessions: list[Session], counts: Truth) -> None:
    days = counts.days.values()
    assert dict.fromkeys(tables().sites, 31) == Counter(site for site, _ in counts.days)
    assert all(0 < it.visitors <= it.visits <= it.page_views and it.bounces <= it.visits for it in days)
    views = Counter[str | None]()
    for it in sessions:
        views[it.filter_reason] += len(it.views)
    assert views[None] == sum(it.page_views for it in days) == counts.pages.total()
    assert sum(it.visits for it in days) == counts.sources.total() == counts.countries.total()
    assert views["bot"] == sum(it.bot_page_views for it in days) == counts.bots.total()


def test_a_pause_within_a_visit_is_short_and_between_two_of_one_visitor_long(sessions: list[Session]) -> None:
    def who(it: Session) -> tuple[str, str]:
        return it.app_id, it.person.address

    counted = sorted((it for it in sessions if it.filter_reason is None), key=lambda it: (who(it), it.views[0].at))
    for it in counted:
        assert all(0 < after.at - before.at < PAUSE - HOUR // 60 for before, after in pairwise(it.views))
    for _, visits in groupby(counted, key=who):
        for before, after in pairwise(visits):
            assert after.views[0].at - before.views[-1].at > PAUSE


def test_no_page_view_is_so_near_to_midnight_that_its_day_is_in_doubt(sessions: list[Session]) -> None:
    for it in sessions:
        for view in it.views if it.app_id in tables().sites else ():
            starts = tables().sites[it.app_id].days.starts
            assert starts[0] <= view.at < starts[-1]
            assert all(abs(view.at - start) >= HOUR // 60 for start in starts)


def test_every_address_is_for_documentation_and_belongs_to_one_person(sessions: list[Session]) -> None:
    people = {it.person for it in sessions}
    assert len(people) == len({it.address for it in people})
    assert all(ipaddress.ip_address(it.address) in ipaddress.ip_network("2001:db8::/32") for it in people)


def test_events_are_the_page_views_and_those_with_a_schema(events: list[Event]) -> None:
    checks = {
        it.name: fastjsonschema.compile(json.loads(it.joinpath("jsonschema/1-0-0").read_text()))
        for it in SCHEMAS.iterdir()
    }
    assert {"page_view", *checks} == {it.name for it in events}
    for it in events:
        if it.name != "page_view":
            checks[it.name](it.data)
    assert len(events) == len({it.event_id for it in events})


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("page_leave", {"engaged_seconds": -1, "scroll_percent": 50}),
        ("page_leave", {"engaged_seconds": 1, "scroll_percent": 101}),
        ("page_leave", {"engaged_seconds": 1}),
        ("web_vital", {"name": "FID", "value": 1, "rating": "good"}),
        ("web_vital", {"name": "LCP", "value": 1, "rating": "fine"}),
        ("outbound_click", {}),
        ("download", {"url": 1}),
        ("site_search", {"results": 3}),
        ("not_found", {"url": "https://www.example.com/"}),
    ],
)
def test_a_schema_refuses_what_is_not_meant(name: str, data: dict[str, object]) -> None:
    schema = json.loads((SCHEMAS / name / "jsonschema/1-0-0").read_text())
    with pytest.raises(fastjsonschema.JsonSchemaValueException):
        fastjsonschema.compile(schema)(data)


@pytest.mark.parametrize("path", sorted(SCHEMAS.glob("*/*/*")), ids=lambda it: it.parts[-3])
def test_a_schema_describes_itself_and_each_of_its_fields(path: Path) -> None:
    schema = json.loads(path.read_text())
    name = path.relative_to(SCHEMAS).parts[0]
    expected = {"vendor": "com.firn-analytics", "name": name, "format": "jsonschema", "version": "1-0-0"}
    assert expected == schema["self"]
    assert schema["description"]
    assert not schema["additionalProperties"]
    assert all(it["description"] for it in schema["properties"].values())


def test_nothing_that_a_real_log_has_is_missing(
    sessions: list[Session], objects: list[Delivery], counts: Truth
) -> None:
    assert {None, "bot", "own_visit", "foreign_host", "unknown_site"} == {it.filter_reason for it in sessions}
    outcomes = {hit.outcome for it in objects for hit in it.hits}
    assert {"event", "copy", "other_path", "other_method", "no_query", *BAD_ROWS} == outcomes
    channels = {name for name, _ in CHANNELS}
    assert channels == {name for _, name, _ in counts.sources}
    assert any(it.at - it.hits[-1].at > 24 * HOUR for it in objects)
    assert any(it.again for it in objects)
    assert any(len(list(visits_of(it, tables()))) == 2 for it in sessions)
    hours = [event.at - view.at for it in sessions for view in it.views for event in view.events]
    assert max(hours) > 8 * HOUR
    assert any(it.person.clock for it in sessions)
    visitors = Counter((it.app_id, it.person.address) for it in sessions if it.filter_reason is None)
    assert sum(times > 1 for times in visitors.values()) > 500


def test_the_week_and_the_crowds_show(counts: Truth) -> None:
    of = {name: {day: it.visits for (site, day), it in counts.days.items() if site == name} for name in tables().sites}
    weekend = [visits for day, visits in of["docs"].items() if day.weekday() in {5, 6}]
    assert sum(weekend) / len(weekend) < 0.7 * sum(of["docs"].values()) / 31
    assert ["2026-10-13", "2026-10-22"] == [str(max(of[name], key=of[name].__getitem__)) for name in ("blog", "shop")]
    assert counts.sources["blog", "social", "Hacker News"] > 1500


def test_keys_are_of_the_hour_of_the_first_line_and_each_once(objects: list[Delivery]) -> None:
    assert len(objects) == len({it.key for it in objects})
    assert objects == sorted(objects, key=lambda it: it.at)
    assert all(it.hits for it in objects)


def test_only_what_is_missing_is_written_with_the_time_of_its_delivery(tmp_path: Path, objects: list[Delivery]) -> None:
    some = objects[:3]
    first = write_month(some, tmp_path)
    assert [it.at // 1000 for it in some] == [int(path.stat().st_mtime) for path in first]
    before = [path.read_bytes() for path in first]
    first[0].write_bytes(b"as it was")
    first[1].unlink()
    assert first == write_month(some, tmp_path)
    assert [b"as it was", *before[1:]] == [path.read_bytes() for path in first]


def test_the_month_of_another_release_is_not_added_to(tmp_path: Path, objects: list[Delivery]) -> None:
    (old,) = write_month(objects[:1], tmp_path)
    old.rename(old.with_name("EFIRNDEMO.2026-10-01-00.0ld.gz"))
    with pytest.raises(UserError, match="another release's demo"):
        write_month(objects[:1], tmp_path)
    assert not old.exists()
