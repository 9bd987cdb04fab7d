"""Salts in a folder: kept while their day lasts, then in no file; one list for runs that meet."""

import stat
from concurrent.futures import ThreadPoolExecutor
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest

from pipeline.errors import UserError
from pipeline.salts.folder import renew_salts, take_legacy_salts
from pipeline.salts.legacy import LEGACY_LIFE

HOUR = 60 * 60 * 1000
BLOG = {"blog": "Europe/Berlin"}
DAY = ("blog", date(2026, 11, 23))


def ms(text: str) -> int:
    return int(datetime.fromisoformat(text).timestamp() * 1000)


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
