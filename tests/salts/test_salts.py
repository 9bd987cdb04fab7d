"""Salts: one for each day of a site, random, kept while the day lasts, gone when it is over."""

import json
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.salts import SaltList, changes, first_day_over, key_values, renewed, renewed_lists, salt_list

BERLIN = ZoneInfo("Europe/Berlin")
HOUR = 60 * 60 * 1000
BLOG = {"blog": "Europe/Berlin"}
NOON = "2026-11-23 12:00Z"


def ms(text: str) -> int:
    return int(datetime.fromisoformat(text).timestamp() * 1000)


def starts(listed: SaltList) -> list[str]:
    return [f"{datetime.fromtimestamp(start / 1000, UTC):%Y-%m-%d %H:%M}" for start, _ in listed]


@pytest.mark.parametrize(
    ("zone", "now", "expected"),
    [
        ("UTC", "2026-11-23 00:00Z", ["2026-11-23 00:00", "2026-11-24 00:00", "2026-11-25 00:00"]),
        ("Europe/Berlin", "2026-11-23 12:00Z", ["2026-11-22 23:00", "2026-11-23 23:00", "2026-11-24 23:00"]),
        # An hour before midnight UTC it is the next day in Berlin already.
        ("Europe/Berlin", "2026-11-22 23:00Z", ["2026-11-22 23:00", "2026-11-23 23:00", "2026-11-24 23:00"]),
        # 29 March has 23 hours, 25 October has 25.
        ("Europe/Berlin", "2026-03-28 12:00Z", ["2026-03-27 23:00", "2026-03-28 23:00", "2026-03-29 22:00"]),
        ("Europe/Berlin", "2026-10-24 12:00Z", ["2026-10-23 22:00", "2026-10-24 22:00", "2026-10-25 23:00"]),
        # Clocks in Cairo go from 24:00 on 29 October back to 23:00, and skip midnight on 24 April.
        ("Africa/Cairo", "2026-10-29 12:00Z", ["2026-10-28 21:00", "2026-10-29 22:00", "2026-10-30 22:00"]),
        ("Africa/Cairo", "2026-04-23 12:00Z", ["2026-04-22 22:00", "2026-04-23 22:00", "2026-04-24 21:00"]),
        ("Pacific/Kiritimati", "2026-11-23 12:00Z", ["2026-11-23 10:00", "2026-11-24 10:00", "2026-11-25 10:00"]),
        ("America/St_Johns", "2026-11-23 02:00Z", ["2026-11-22 03:30", "2026-11-23 03:30", "2026-11-24 03:30"]),
    ],
)
def test_the_list_starts_with_the_sites_own_day(zone: str, now: str, expected: list[str]) -> None:
    assert expected == starts(renewed((), ZoneInfo(zone), ms(now)))


def test_a_day_keeps_its_salt_until_it_is_over() -> None:
    first = renewed((), BERLIN, ms("2026-11-23 12:00Z"))
    assert first == renewed(first, BERLIN, ms("2026-11-23 22:59Z"))
    second = renewed(first, BERLIN, ms("2026-11-23 23:00Z"))
    assert first[1:] == second[:2]
    assert first[0][1] not in dict(second).values()


def test_after_two_missed_runs_the_day_that_was_listed_last_goes_on() -> None:
    first = renewed((), BERLIN, ms("2026-11-23 12:00Z"))
    assert first[2] == renewed(first, BERLIN, ms("2026-11-25 12:00Z"))[0]


def test_after_a_week_of_missed_runs_every_salt_is_new() -> None:
    first = renewed((), BERLIN, ms("2026-11-23 12:00Z"))
    assert not set(first) & set(renewed(first, BERLIN, ms("2026-11-30 12:00Z")))


@given(
    now=st.datetimes(datetime(1990, 1, 1), datetime(2060, 1, 1)),  # noqa: DTZ001, the zone comes next
    zone=st.sampled_from(["UTC", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Asia/Beirut"]),
)
def test_now_lies_in_the_first_day_of_the_list_and_no_day_is_twice_the_others(now: datetime, zone: str) -> None:
    at = int(now.replace(tzinfo=UTC).timestamp() * 1000)
    (first, a), (second, b), (third, c) = renewed((), ZoneInfo(zone), at)
    assert first <= at < second
    assert {second - first, third - second} <= {23 * HOUR, 23.5 * HOUR, 24 * HOUR, 24.5 * HOUR, 25 * HOUR}
    assert 3 == len({a, b, c})


def test_a_salt_holds_256_random_bits_and_two_sites_never_share_one() -> None:
    sites = dict.fromkeys(("blog", "shop", "docs"), "UTC")
    salts = [salt for listed in renewed_lists({}, sites, 0).values() for _, salt in listed]
    assert 9 == len(set(salts))
    assert {43} == {len(salt) for salt in salts}


def test_a_site_that_is_gone_loses_its_salts() -> None:
    both = renewed_lists({}, {"blog": "UTC", "shop": "UTC"}, 0)
    assert {"shop": both["shop"]} == renewed_lists(both, {"shop": "UTC"}, 0)


def test_the_first_salt_to_destroy_is_that_of_the_site_whose_day_ends_first() -> None:
    sites = {"west": "America/New_York", "east": "Asia/Tokyo"}
    lists = renewed_lists({}, sites, ms("2026-11-23 12:00Z"))
    assert ms("2026-11-23 15:00Z") == first_day_over(lists)


def test_the_key_value_store_gets_a_json_list_below_its_limit_of_1024_bytes() -> None:
    lists = renewed_lists({}, BLOG, ms("2026-11-23 12:00Z"))
    value = key_values(lists)["blog"]
    assert [list(entry) for entry in lists["blog"]] == json.loads(value)
    assert len(value) < 1024


def stored(zones: dict[str, str], now: str) -> dict[str, str]:
    """A store that was brought up to that time."""
    return {key: value for key, value in changes({}, zones, ms(now)).items() if value}


def held_after(held: dict[str, str], zones: dict[str, str], now: str) -> dict[str, str]:
    both = held | changes(held, zones, ms(now))
    return {key: value for key, value in both.items() if value}


def test_a_stores_value_is_read_as_it_was_written() -> None:
    lists = renewed_lists({}, BLOG, ms(NOON))
    assert lists["blog"] == salt_list(key_values(lists)["blog"])


@pytest.mark.parametrize(
    "value",
    [
        *("", "blog", "[]", "{}", "null", "[[1]]", '[["1","s"]]', '[[1,"short"]]', "[" * 1024),
        f'[[1,"{"s" * 44}"]]',  # a salt has 43 characters
        f'[[007,"{"s" * 43}"]]',
        f'[[1,"{"s" * 43}"],null]',
        f'[[1,"{"s" * 43}"]]\n',
    ],
)
def test_a_value_that_is_no_list_of_salts_is_somebody_elses(value: str) -> None:
    assert () == salt_list(value)
    assert {} == changes({"flag": value}, {}, ms(NOON))


def test_a_store_that_is_up_to_date_needs_no_change_all_day() -> None:
    held = stored(BLOG, NOON)
    assert {} == changes(held, BLOG, ms("2026-11-23 22:59Z"))


def test_when_a_day_is_over_its_salt_leaves_the_store() -> None:
    held = stored(BLOG, NOON)
    first, *others = salt_list(held["blog"])
    new = salt_list(held_after(held, BLOG, "2026-11-23 23:00Z")["blog"])
    assert others == list(new[:2])
    assert first[1] not in dict(new).values()


def test_after_a_missed_day_the_salts_that_are_listed_go_on() -> None:
    held = stored(BLOG, NOON)
    assert salt_list(held["blog"])[2] == salt_list(held_after(held, BLOG, "2026-11-25 12:00Z")["blog"])[0]


def test_a_new_site_changes_nothing_for_the_others_and_one_that_is_gone_is_dropped() -> None:
    held = stored(BLOG | {"old": "UTC"}, NOON)
    changed = changes(held, BLOG | {"new": "Asia/Tokyo"}, ms(NOON))
    assert {"new", "old"} == set(changed)
    assert changed["old"] is None


def test_a_site_whose_value_was_broken_gets_a_new_list() -> None:
    assert salt_list(held_after({"blog": "broken"}, BLOG, NOON)["blog"])


def test_in_another_time_zone_a_site_gets_salts_for_the_days_of_that_zone() -> None:
    held = stored(BLOG, NOON)
    new = salt_list(held_after(held, {"blog": "America/New_York"}, NOON)["blog"])
    assert ["2026-11-23 05:00", "2026-11-24 05:00", "2026-11-25 05:00"] == starts(new)
    assert not {salt for _, salt in salt_list(held["blog"])} & {salt for _, salt in new}


def test_a_time_zone_with_the_same_days_changes_nothing() -> None:
    assert {} == changes(stored(BLOG, NOON), {"blog": "Europe/Paris"}, ms(NOON))


def test_a_run_whose_clock_is_a_little_behind_takes_no_salt_from_a_day_that_has_begun() -> None:
    held = stored(BLOG, "2026-11-23 23:00Z")
    late = salt_list(held_after(held, BLOG, "2026-11-23 22:59Z")["blog"])
    assert salt_list(held["blog"])[:2] == late[1:]
