"""Salts: one for each day of a site, random, kept while the day lasts, gone when it is over."""

import json
import stat
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from enrich.rules import Site
from pipeline.errors import UserError
from pipeline.salts import (
    LEGACY_LIFE,
    SaltList,
    first_day_over,
    key_values,
    renew_salts,
    renewed,
    renewed_lists,
    take_legacy_salts,
)

BERLIN = ZoneInfo("Europe/Berlin")
HOUR = 60 * 60 * 1000
BLOG = {"blog": Site(time_zone="Europe/Berlin")}
DAY = ("blog", date(2026, 11, 23))


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
    sites = {name: Site() for name in ("blog", "shop", "docs")}
    salts = [salt for listed in renewed_lists({}, sites, 0).values() for _, salt in listed]
    assert 9 == len(set(salts))
    assert {43} == {len(salt) for salt in salts}


def test_a_site_that_is_gone_loses_its_salts() -> None:
    both = renewed_lists({}, {"blog": Site(), "shop": Site()}, 0)
    assert {"shop": both["shop"]} == renewed_lists(both, {"shop": Site()}, 0)


def test_the_first_salt_to_destroy_is_that_of_the_site_whose_day_ends_first() -> None:
    sites = {"west": Site(time_zone="America/New_York"), "east": Site(time_zone="Asia/Tokyo")}
    lists = renewed_lists({}, sites, ms("2026-11-23 12:00Z"))
    assert ms("2026-11-23 15:00Z") == first_day_over(lists)


def test_the_key_value_store_gets_a_json_list_below_its_limit_of_1024_bytes() -> None:
    lists = renewed_lists({}, BLOG, ms("2026-11-23 12:00Z"))
    value = key_values(lists)["blog"]
    assert [list(entry) for entry in lists["blog"]] == json.loads(value)
    assert len(value) < 1024


def test_a_second_run_changes_nothing_and_only_the_owner_can_read_the_file(tmp_path: Path) -> None:
    now = ms("2026-11-23 12:00Z")
    assert renew_salts(tmp_path / "salts", BLOG, now) == renew_salts(tmp_path / "salts", BLOG, now + HOUR)
    assert 0o600 == stat.S_IMODE((tmp_path / "salts/edge.json").stat().st_mode)
    assert 0o700 == stat.S_IMODE((tmp_path / "salts").stat().st_mode)


def test_a_destroyed_salt_is_in_no_file(tmp_path: Path) -> None:
    _, old = renew_salts(tmp_path, BLOG, ms("2026-11-23 12:00Z"))["blog"][0]
    renew_salts(tmp_path, BLOG, ms("2026-11-24 12:00Z"))
    assert not [file for file in tmp_path.iterdir() if old in file.read_text()]


def test_runs_that_meet_agree_on_one_list(tmp_path: Path) -> None:
    with ThreadPoolExecutor(8) as pool:
        runs = list(pool.map(lambda _: renew_salts(tmp_path, BLOG, ms("2026-11-23 12:00Z")), range(16)))
    assert 16 == runs.count(runs[0])


def test_a_broken_file_is_one_sentence_with_the_mend(tmp_path: Path) -> None:
    (tmp_path / "edge.json").write_text("{")
    with pytest.raises(UserError, match=r"edge\.json cannot be read: delete it"):
        renew_salts(tmp_path, BLOG, 0)


def test_a_legacy_day_keeps_its_salt_for_48_hours(tmp_path: Path) -> None:
    first = take_legacy_salts(tmp_path, {DAY}, now=0)
    assert first[DAY]
    assert first == take_legacy_salts(tmp_path, {DAY}, now=LEGACY_LIFE - 1)


def test_a_legacy_day_never_gets_a_second_salt(tmp_path: Path) -> None:
    first = take_legacy_salts(tmp_path, {DAY}, now=0)
    take_legacy_salts(tmp_path, (), now=LEGACY_LIFE)
    assert str(first[DAY]) not in (tmp_path / "legacy.json").read_text()
    assert {DAY: None} == take_legacy_salts(tmp_path, {DAY}, now=LEGACY_LIFE)
    assert {DAY: None} == take_legacy_salts(tmp_path, {DAY}, now=LEGACY_LIFE * 100)


def test_each_legacy_day_of_each_site_has_its_own_salt(tmp_path: Path) -> None:
    days = {(site, date(2026, 11, 1) + timedelta(n)) for site in ("blog", "shop") for n in range(3)}
    salts = take_legacy_salts(tmp_path, days, now=0)
    assert days == set(salts)
    assert 6 == len(set(salts.values()))


def test_legacy_runs_that_meet_agree_on_one_salt(tmp_path: Path) -> None:
    with ThreadPoolExecutor(8) as pool:
        runs = list(pool.map(lambda _: take_legacy_salts(tmp_path, {DAY}, now=0), range(16)))
    assert 16 == runs.count(runs[0])
