"""Raw objects into the lake: each in the place of what was there of it, a broken one without harm to any."""

import gzip
from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import date
from functools import partial
from pathlib import Path

import pytest

from pipeline import load as loading
from pipeline.lake import Lake, scan
from pipeline.legacy import SiteDay
from pipeline.load import Tally, load
from pipeline.raw import RawObject, raw_objects
from pipeline.sqlite_catalog import open_lake
from pipeline.transform import Given, no_salts

HEADER = "#Fields: date time cs-method cs-uri-stem cs-uri-query\n"
EVENT = "2026-11-24\t10:30:00\tGET\t/i\te=pv&aid={}\n"
BAD = "no log line\n"
IGNORED = "2026-11-24\t10:30:00\tGET\t/other\t-\n"


@pytest.fixture
def lake(tmp_path: Path) -> Lake:
    return open_lake(tmp_path / "lake")


def put(folder: Path, **files: bytes | str) -> list[RawObject]:
    """These files below raw/, as raw objects."""
    folder = folder / "raw"
    folder.mkdir(exist_ok=True)
    for name, content in files.items():
        (folder / name).write_bytes(content if isinstance(content, bytes) else content.encode())
    return raw_objects([folder], folder)


def rows(lake: Lake, table: str, *columns: str) -> list[tuple[object, ...]]:
    return sorted(tuple(it.values()) for it in scan(lake, table, columns).to_pylist())


def test_the_tally_counts_each_line_once_and_says_what_became_of_it(tmp_path: Path, lake: Lake) -> None:
    objects = put(tmp_path, a=HEADER + EVENT.format("a") + BAD + "\n", b=HEADER + IGNORED * 2 + EVENT.format("b") * 3)
    tally = load(objects, Given(), lake)
    expected = Tally(objects=2, lines=7, events=4, bad_rows=1, ignored=Counter(other_path=2))
    assert expected == tally
    assert [("a", "a", 2), *[("b", "b", line) for line in (4, 5, 6)]] == rows(
        lake, "events", "raw_object", "app_id", "raw_line"
    )
    assert [("a", 3, "no log line", "not_a_log_line", 11)] == rows(
        lake, "bad_rows", "raw_object", "raw_line", "line", "reason", "line_length"
    )


def test_loading_twice_changes_nothing(tmp_path: Path, lake: Lake) -> None:
    objects = put(tmp_path, a=HEADER + EVENT.format("a") + BAD)
    first = load(objects, Given(), lake)
    kept = scan(lake, "events"), scan(lake, "bad_rows")
    assert first == load(objects, Given(), lake)
    assert kept == (scan(lake, "events"), scan(lake, "bad_rows"))


def test_an_object_that_lost_its_lines_loses_its_rows(tmp_path: Path, lake: Lake) -> None:
    load(put(tmp_path, a=HEADER + EVENT.format("a") + BAD), Given(), lake)
    load(put(tmp_path, a=""), Given(), lake)
    assert ([], []) == (rows(lake, "events", "app_id"), rows(lake, "bad_rows", "line"))


def damaged(text: str) -> bytes:
    return gzip.compress(text.encode())[:-4]


def test_a_broken_object_stops_no_other_and_keeps_the_rows_it_had(tmp_path: Path, lake: Lake) -> None:
    load(put(tmp_path, b=HEADER + EVENT.format("old")), Given(), lake)
    objects = put(
        tmp_path,
        a=HEADER + EVENT.format("a"),
        b=damaged(HEADER + EVENT.format("new")),
        c=b"\x1f\x8bno gzip",
        d=HEADER + EVENT.format("d"),
    )
    tally = load(objects, Given(), lake)
    assert (2, 2, 2, {"b", "c"}) == (tally.objects, tally.lines, tally.events, set(tally.unreadable))
    assert [("a", "a"), ("b", "old"), ("d", "d")] == rows(lake, "events", "raw_object", "app_id")


def test_an_object_that_is_gone_when_its_turn_comes_is_a_broken_one(tmp_path: Path, lake: Lake) -> None:
    objects = put(tmp_path, a=HEADER + EVENT.format("a"), b=HEADER + EVENT.format("b"))
    (tmp_path / "raw" / "a").unlink()
    assert {"a"} == set(load(objects, Given(), lake).unreadable)
    assert [("b",)] == rows(lake, "events", "app_id")


def test_however_many_are_broken_the_others_are_read_twice_at_most(tmp_path: Path, lake: Lake) -> None:
    objects = put(tmp_path, good=HEADER + EVENT.format("good"), **{name: damaged(BAD) for name in "abcd"})
    opened = Counter[str]()

    def counted(it: RawObject) -> Iterator[bytes]:
        opened[it.name] += 1
        return it.chunks()

    counting = [RawObject(it.name, partial(counted, it)) for it in objects]
    assert set("abcd") == set(load(counting, Given(), lake).unreadable)
    assert {"good": 2, "a": 1, "b": 1, "c": 1, "d": 1} == opened


def test_all_broken_is_no_error_and_no_rows(tmp_path: Path, lake: Lake) -> None:
    tally = load(put(tmp_path, a=damaged(HEADER), b=damaged(BAD)), Given(), lake)
    assert (0, 0, {"a", "b"}) == (tally.objects, tally.lines, set(tally.unreadable))


def test_groups_of_objects_add_up_and_each_is_told(tmp_path: Path, lake: Lake, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(loading, "TOGETHER", 2)
    objects = put(tmp_path, **{name: HEADER + EVENT.format(name) for name in "abc"}, d=damaged(BAD), e=HEADER + IGNORED)
    heard: list[int] = []
    tally = load(objects, Given(), lake, heard.append)
    assert ([2, 2, 1], 4, 3, 1) == (heard, tally.objects, tally.events, tally.ignored.total())
    assert {"d"} == set(tally.unreadable)


def test_nothing_to_load_is_nothing_done(lake: Lake) -> None:
    assert Tally() == load([], Given(), lake)


def test_a_log_with_addresses_needs_no_salts(tmp_path: Path, lake: Lake) -> None:
    header = "#Fields: date time c-ip cs-method cs-uri-stem cs-uri-query\n"
    log = f"{header}2026-11-24\t10:30:00\t192.0.2.7\tGET\t/i\te=pv&p=web\n"
    assert 1 == load(put(tmp_path, a=log), Given(), lake).events
    assert [(None, None)] == rows(lake, "events", "network_userid", "user_ipaddress")


def test_each_salt_is_asked_for_once() -> None:
    heard: list[set[SiteDay]] = []

    def salts(days: Iterable[SiteDay]) -> dict[SiteDay, str | None]:
        heard.append({*days})
        return {day: "salt" if day[0] == "a" else None for day in heard[-1]}

    a, b = ("a", date(2026, 11, 24)), ("b", date(2026, 11, 24))
    asked = loading.Asked(salts)
    assert ({a: "salt"}, False) == (asked([a, a]), asked.gone)
    assert ({a: "salt", b: None}, True) == (asked([a, b]), asked.gone)
    assert {b: None} == asked([b])
    assert [{a}, {b}] == heard
    assert {} == loading.Asked(no_salts)([a])
