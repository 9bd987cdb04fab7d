"""What is put into the lake is in it once, whatever is run again, at once, or broken off in between."""

import datetime as dt
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from decimal import Decimal
from pathlib import Path
from shutil import copytree
from typing import Any, NamedTuple

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st
from pyiceberg.exceptions import CommitFailedException, ValidationException
from pyiceberg.table import CommitTableResponse, Table
from pyiceberg.types import TimestamptzType
from sqlalchemy.exc import OperationalError

from pipeline.errors import UserError
from pipeline.lake import TABLES, Lake, LakeBusy, Shape, replace, scan, spool
from pipeline.schema import BAD_ROWS_SCHEMA, EVENTS_SCHEMA
from pipeline.sqlite_catalog import open_lake

MONDAY = dt.datetime(2026, 11, 23, 13, 0)  # noqa: DTZ001 (the lake's times have no zone)
TUESDAY = MONDAY + dt.timedelta(days=1)
# Each example is a commit or some: a few of them, and no minutes of shrinking a failure.
COMMITS = settings(deadline=None, max_examples=6, phases=[Phase.explicit, Phase.reuse, Phase.generate])
Row = dict[str, Any]


class Rows(NamedTuple):
    events: pa.Table
    bad_rows: pa.Table


def batch(*events: Row, bad_rows: Iterable[Row] = (), columns: pa.Schema = EVENTS_SCHEMA) -> Rows:
    return Rows(pa.Table.from_pylist(list(events), columns), pa.Table.from_pylist(list(bad_rows), BAD_ROWS_SCHEMA))


def event(raw_object: str, line: int = 1, at: dt.datetime = MONDAY, **columns: Any) -> Row:  # noqa: ANN401 (any column)
    return {"raw_object": raw_object, "raw_line": line, "collector_tstamp": at, **columns}


def bad_row(raw_object: str, line: int = 1) -> Row:
    return {"raw_object": raw_object, "raw_line": line, "reason": "not a log line", "line": "…"}


def lines(lake: Lake, table: str = "events") -> Counter[tuple[str, int]]:
    """How often each line of each raw object is there."""
    rows = scan(lake, table, ["raw_object", "raw_line"])
    return Counter(zip(*(column.to_pylist() for column in rows.columns), strict=True))


def once(*keys: tuple[str, int]) -> Counter[tuple[str, int]]:
    return Counter(keys)


def commits(lake: Lake, table: str) -> int:
    return len(lake.table(table).metadata.snapshots)


@pytest.fixture
def lake(tmp_path: Path) -> Lake:
    return open_lake(tmp_path / "lake")


@pytest.fixture(scope="module")
def kept_lake(tmp_path_factory: pytest.TempPathFactory) -> Lake:
    """One lake for all examples of a property, which replace the rows of one raw object again and again."""
    return open_lake(tmp_path_factory.mktemp("data") / "lake")


# What is read back


def times(first: dt.datetime, last: dt.datetime) -> st.SearchStrategy[dt.datetime]:
    return st.datetimes(first, last).map(lambda it: it.replace(microsecond=it.microsecond // 1000 * 1000))


a_time = times(dt.datetime(1, 1, 1), dt.datetime(9999, 12, 31, 23, 59, 59, 999999))  # noqa: DTZ001
a_money = st.decimals(Decimal("-9999999999999999.99"), Decimal("9999999999999999.99"), places=2)
an_event = st.fixed_dictionaries(
    {"collector_tstamp": a_time, "raw_object": st.just("any"), "raw_line": st.integers(1, 2**31 - 1)},
    optional={
        "derived_tstamp": times(dt.datetime(1970, 1, 1), dt.datetime(2100, 1, 1)),  # noqa: DTZ001
        "dvce_created_tstamp": a_time,
        "page_title": st.text(),
        "txn_id": st.integers(-(2**31), 2**31 - 1),
        "se_value": st.floats(allow_nan=False),
        "tr_total": a_money,
        "br_cookies": st.booleans(),
    },
)


@COMMITS
@given(st.lists(an_event, max_size=3, unique_by=lambda it: it["raw_line"]))
def test_what_is_written_reads_back_equal(kept_lake: Lake, events: list[Row]) -> None:
    written = batch(*events).events
    replace(kept_lake, ["any"], [batch(*events)])
    read = scan(kept_lake, "events", where="raw_object = 'any'")
    assert written.sort_by("raw_line") == read.sort_by("raw_line")


YEARS = [
    "0001-01-01T00:00:00",
    "1969-12-31T23:59:59.999",
    "1970-01-01T00:00:00",
    "2026-11-23T23:59:59.999",
    "9999-12-31T23:59:59.999",
]


def test_a_row_of_any_year_lies_in_its_own_day_and_is_found_by_its_time(lake: Lake) -> None:
    replace(lake, ["a"], [batch(*(event("a", at=dt.datetime.fromisoformat(it)) for it in YEARS))])
    files = "".join(it.file.file_path for it in lake.table("events").scan().plan_files())
    assert [it for it in YEARS if f"collector_tstamp_day={it[:10]}/" not in files] == []
    found = [scan(lake, "events", ["raw_line"], f"collector_tstamp = '{it}'").num_rows for it in YEARS]
    assert found == [1] * len(YEARS)


@pytest.mark.parametrize(
    "column",
    [
        {"page_title": "x" * 15 + "\ud7ff" + "x"},  # pyiceberg shortens it to 16 characters and counts the last one up
        {"page_title": "x" * 15 + "\U0010ffff" + "x"},
        {"page_title": "a\0b"},
        {"se_value": float("inf")},
        {"dvce_created_tstamp": 253402300800000},  # the year 10000, which Python's calendar does not know
        {"dvce_created_tstamp": -62135596800001},
    ],
)
def test_no_value_that_a_stranger_sends_stops_a_commit(lake: Lake, column: Row) -> None:
    written = batch(event("a", **column))
    replace(lake, ["a"], [written])
    assert written.events == scan(lake, "events")


@pytest.mark.parametrize("table", TABLES)
def test_an_empty_table_scans_to_no_rows_of_its_schema(lake: Lake, table: str) -> None:
    assert scan(lake, table) == TABLES[table].columns.empty_table()


def test_a_scan_gives_the_columns_asked_for_in_their_order(lake: Lake) -> None:
    replace(lake, ["a"], [batch(event("a", app_id="blog"), event("a", 2, app_id="shop"))])
    rows = scan(lake, "events", ["raw_line", "collector_tstamp"], "app_id = 'shop'")
    assert rows.to_pydict() == {"raw_line": [2], "collector_tstamp": [MONDAY]}
    assert rows.schema.types == [pa.int32(), pa.timestamp("ms")]


# Replacing


def test_replacing_twice_changes_nothing(lake: Lake) -> None:
    for _ in range(2):
        replace(lake, ["a"], [batch(event("a", 1), event("a", 2, TUESDAY), bad_rows=[bad_row("a", 3)])])
    assert lines(lake) == once(("a", 1), ("a", 2))
    assert lines(lake, "bad_rows") == once(("a", 3))


def test_a_redelivery_in_another_grouping_changes_nothing(lake: Lake) -> None:
    for grouping in (["a", "b"], ["c"]), (["a"], ["c", "b"]):
        for objects in grouping:
            replace(lake, objects, [batch(event(it, 1), event(it, 2), bad_rows=[bad_row(it, 3)]) for it in objects])
    assert lines(lake) == once(*((it, line) for it in "abc" for line in (1, 2)))
    assert lines(lake, "bad_rows") == once(*((it, 3) for it in "abc"))


@pytest.mark.parametrize("fewer", [[], [event("a", 2, TUESDAY)], [event("a", 7, TUESDAY + dt.timedelta(days=9))]])
def test_rows_that_an_object_no_longer_has_are_gone_on_whatever_day(lake: Lake, fewer: list[Row]) -> None:
    bystander = event("b", 1), event("b", 2, TUESDAY)
    replace(lake, ["a", "b"], [batch(event("a", 1), event("a", 2, TUESDAY), *bystander)])
    replace(lake, ["a"], [batch(*fewer)])
    assert lines(lake) == once(("b", 1), ("b", 2), *(("a", it["raw_line"]) for it in fewer))


def test_bad_rows_that_became_events_are_bad_rows_no_longer(lake: Lake) -> None:
    replace(lake, ["a"], [batch(bad_rows=[bad_row("a")])])
    replace(lake, ["a"], [batch(event("a"))])
    assert (lines(lake), lines(lake, "bad_rows")) == (once(("a", 1)), once())


def test_nothing_is_committed_where_nothing_is_and_was(lake: Lake) -> None:
    replace(lake, ["a"], [batch(event("a"))])
    replace(lake, ["b"], [])
    replace(lake, ["b"], [batch()])
    replace(lake, [], [])
    assert (commits(lake, "events"), commits(lake, "bad_rows")) == (1, 0)


def test_a_replace_of_many_objects_reads_no_file_of_others(lake: Lake) -> None:
    replace(lake, ["zz"], [batch(event("zz"))])
    [file] = lake.table("events").scan().plan_files()
    Path(file.file.file_path).unlink()
    many = [f"object {number:03}" for number in range(450)]
    replace(lake, many, [batch(*map(event, many))])
    assert len(scan(lake, "events", ["raw_object"], "raw_object = 'object 449'")) == 1


def test_an_object_too_large_for_memory_goes_in_by_parts_and_at_once(
    lake: Lake, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(spool, "CHUNK_BYTES", 1)
    before = lake.table("events").metadata_location
    replace(lake, ["a"], (batch(event("a", line)) for line in range(1, 4)))
    assert lines(lake) == once(("a", 1), ("a", 2), ("a", 3))
    assert before == lake.table("events").metadata.metadata_log[-1].metadata_file


def test_a_day_that_goes_on_in_the_next_part_is_in_one_file(lake: Lake, monkeypatch: pytest.MonkeyPatch) -> None:
    days = [MONDAY + dt.timedelta(days=number) for number in range(4)]
    parts = [batch(*(event("a", 10 * at + it, days[at + it // 3]) for it in range(4))) for at in range(3)]
    monkeypatch.setattr(spool, "CHUNK_BYTES", parts[0].events.nbytes)
    replace(lake, ["a"], parts)
    files = lake.table("events").inspect.data_files().select(["partition", "record_count"]).to_pylist()
    rows = sorted((it["partition"]["collector_tstamp_day"], it["record_count"]) for it in files)
    assert list(zip((it.date() for it in days), [3, 4, 4, 1], strict=True)) == rows


def test_a_heavy_day_does_not_wait_however_few_its_rows(lake: Lake, monkeypatch: pytest.MonkeyPatch) -> None:
    parts = [
        batch(event("a", at), event("a", at + 9), event("a", at + 19, TUESDAY, contexts="x" * 9000)) for at in (1, 2)
    ]
    monkeypatch.setattr(spool, "CHUNK_BYTES", parts[0].events.nbytes)
    replace(lake, ["a"], parts)
    assert [1, 1, 2, 2] == sorted(lake.table("events").inspect.data_files()["record_count"].to_pylist())


def test_rows_of_an_object_that_is_not_replaced_are_refused(lake: Lake) -> None:
    with pytest.raises(ValueError, match="not being replaced"):
        replace(lake, ["a"], [batch(event("a"), event("b"))])
    assert commits(lake, "events") == 0


steps = st.lists(
    st.dictionaries(st.sampled_from("abc"), st.lists(st.sampled_from([MONDAY, TUESDAY]), max_size=3), min_size=1),
    max_size=3,
)


@COMMITS
@given(steps)
def test_the_lake_holds_what_each_object_held_last(kept_lake: Lake, steps: list[dict[str, list[dt.datetime]]]) -> None:
    replace(kept_lake, "abc", [])
    for step in steps:
        replace(kept_lake, list(step), [batch(*object_events(*it)) for it in step.items()])
    last: dict[str, list[dt.datetime]] = {key: days for step in steps for key, days in step.items()}
    expected = sorted((it["raw_object"], it["raw_line"]) for each in last.items() for it in object_events(*each))
    actual = scan(kept_lake, "events", ["raw_object", "raw_line"]).to_pylist()
    assert expected == sorted((it["raw_object"], it["raw_line"]) for it in actual if it["raw_object"] in "abc")


def object_events(raw_object: str, days: list[dt.datetime]) -> Iterator[Row]:
    return (event(raw_object, line, day) for line, day in enumerate(days, start=1))


# Two at once, and breaking off


def before_the_first_commit(lake: Lake, monkeypatch: pytest.MonkeyPatch, act: Callable[[], None]) -> None:
    """Runs `act` when everything is read and written, and only the catalog's pointer is still the old one."""
    commit, acts = lake.catalog.commit_table, iter([act])

    def late(it: Table, *change: Any) -> CommitTableResponse:  # noqa: ANN401 (handed on as they are)
        next(acts, lambda: None)()
        return commit(it, *change)

    monkeypatch.setattr(lake.catalog, "commit_table", late)


@pytest.mark.parametrize(
    ("theirs", "earlier"),
    [("a", []), ("b", []), ("a", [event("a"), event("a", 2), event("zz")]), ("b", [event("a"), event("zz")])],
)
def test_another_run_that_commits_in_between_doubles_and_loses_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, theirs: str, earlier: list[Row]
) -> None:
    mine, other = open_lake(tmp_path), open_lake(tmp_path)
    replace(other, ["a", "zz"], [batch(*earlier)])
    before_the_first_commit(mine, monkeypatch, lambda: replace(other, [theirs], [batch(event(theirs))]))
    replace(mine, ["a", "c"], iter([batch(event("a"), event("c"))]))
    kept = [("zz", 1)] if earlier else []
    assert lines(mine) == once(*{("a", 1), ("c", 1), (theirs, 1), *kept})


def test_an_object_found_empty_while_another_run_fills_it_ends_empty(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    mine, other = open_lake(tmp_path), open_lake(tmp_path)
    before_the_first_commit(mine, monkeypatch, lambda: replace(other, ["a"], [batch(event("a"))]))
    replace(mine, ["a"], [batch(bad_rows=[bad_row("a")])])
    assert (lines(mine), lines(mine, "bad_rows")) == (once(), once(("a", 1)))


def test_a_run_broken_off_between_the_two_commits_is_mended_by_running_it_again(
    lake: Lake, monkeypatch: pytest.MonkeyPatch
) -> None:
    replace(lake, ["a"], [batch(event("a", 1), bad_rows=[bad_row("a", 2)])])
    now = batch(event("a", 2), event("a", 3), bad_rows=[bad_row("a", 1)])
    with monkeypatch.context() as broken:
        fail_commits_of(lake, broken, "events", MemoryError())
        with pytest.raises(MemoryError):
            replace(lake, ["a"], [now])
    assert (lines(lake, "bad_rows"), lines(lake)) == (once(("a", 1)), once(("a", 1)))
    replace(lake, ["a"], [now])
    assert (lines(lake, "bad_rows"), lines(lake)) == (once(("a", 1)), once(("a", 2), ("a", 3)))


def fail_commits_of(lake: Lake, monkeypatch: pytest.MonkeyPatch, table: str, error: Exception) -> list[str]:
    commit, tried = lake.catalog.commit_table, list[str]()

    def failing(it: Table, *change: Any) -> CommitTableResponse:  # noqa: ANN401 (handed on as they are)
        if it.name()[1] != table:
            return commit(it, *change)
        tried.append(table)
        raise error

    monkeypatch.setattr(lake.catalog, "commit_table", failing)
    return tried


LOCKED = OperationalError("UPDATE …", {}, Exception("database is locked"))


@pytest.mark.parametrize(
    ("error", "tries"),
    [(ValidationException("…"), 5), (LOCKED, 5), (CommitFailedException("…"), 5 * 5)],  # pyiceberg tries five times too
)
def test_a_lake_that_stays_busy_is_given_up_after_five_runs(
    lake: Lake, monkeypatch: pytest.MonkeyPatch, error: Exception, tries: int
) -> None:
    monkeypatch.setattr(time, "sleep", lambda _: None)
    tried = fail_commits_of(lake, monkeypatch, "events", error)
    with pytest.raises(LakeBusy, match="run this again"):
        replace(lake, ["a"], [batch(event("a"))])
    assert tries == len(tried)


def test_an_error_that_will_not_pass_is_not_tried_again(lake: Lake, monkeypatch: pytest.MonkeyPatch) -> None:
    tried = fail_commits_of(lake, monkeypatch, "events", OSError("no space left"))
    with pytest.raises(OSError, match="no space left"):
        replace(lake, ["a"], [batch(event("a"))])
    assert len(tried) == 1


# Opening


@pytest.mark.parametrize("table", TABLES)
def test_a_new_table_is_laid_down_as_athena_and_replace_need_it(lake: Lake, table: str) -> None:
    made = lake.table(table)
    assert made.format_version == 2
    assert not [it.name for it in made.schema().fields if isinstance(it.field_type, TimestamptzType)]
    assert made.properties["write.metadata.metrics.column.raw_object"] == "full"
    assert {it.name: it.metadata[b"doc"].decode() for it in TABLES[table].columns} == {
        it.name: it.doc for it in made.schema().fields
    }


def test_events_are_partitioned_by_day_and_bad_rows_are_not(lake: Lake) -> None:
    spec = lake.table("events").spec()
    assert [(it.name, str(it.transform)) for it in spec.fields] == [("collector_tstamp_day", "day")]
    assert lake.table("bad_rows").spec().is_unpartitioned()


def test_a_lake_opened_again_holds_what_was_written(tmp_path: Path) -> None:
    replace(open_lake(tmp_path), ["a"], [batch(event("a"))])
    assert lines(open_lake(tmp_path)) == once(("a", 1))


def test_a_folder_may_have_any_name(tmp_path: Path) -> None:
    name = "white space, per%20cent, hash#mark, question?mark, ünïcode, a:b, 'quoted'"
    lake = open_lake(tmp_path / name / "lake")
    replace(lake, ["a"], [batch(event("a"))])
    assert lines(lake) == once(("a", 1))
    assert [it.name for it in tmp_path.iterdir()] == [name]


@pytest.mark.parametrize("table", TABLES)
def test_a_table_that_lost_its_metrics_is_not_opened(lake: Lake, table: str, tmp_path: Path) -> None:
    with lake.table(table).transaction() as change:
        change.remove_properties("write.metadata.metrics.column.raw_object")
    with pytest.raises(UserError, match=rf"table {table} lacks .*raw_object = full.* run `firn enrich` again"):
        open_lake(tmp_path / "lake")


NEWEST = EVENTS_SCHEMA.names[-2:]


def test_a_lake_of_an_older_release_gets_the_new_columns(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as older:
        columns = use_columns(older, EVENTS_SCHEMA.names[: -len(NEWEST)])
        replace(open_lake(tmp_path), ["a"], [batch(event("a"), columns=columns)])
    lake = open_lake(tmp_path)
    newest = NEWEST[-1]
    replace(lake, ["b"], [batch(event("b") | {newest: "new"})])
    rows = scan(lake, "events", ["raw_object", newest]).sort_by("raw_object")
    assert rows.to_pydict() == {"raw_object": ["a", "b"], newest: [None, "new"]}
    assert EVENTS_SCHEMA.field(newest).metadata[b"doc"].decode() == lake.table("events").schema().fields[-1].doc


def test_a_lake_of_a_newer_release_is_not_opened(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    open_lake(tmp_path)
    use_columns(monkeypatch, EVENTS_SCHEMA.names[: -len(NEWEST)])
    with pytest.raises(UserError, match=rf"does not know \({', '.join(sorted(NEWEST))}\): install the release"):
        open_lake(tmp_path)


def use_columns(monkeypatch: pytest.MonkeyPatch, names: list[str]) -> pa.Schema:
    columns = pa.schema([EVENTS_SCHEMA.field(name) for name in names])
    monkeypatch.setitem(TABLES, "events", Shape(columns, "collector_tstamp"))
    return columns


@pytest.mark.parametrize("moved", [Path.rename, copytree])
def test_a_lake_that_was_moved_or_copied_says_where_it_belongs(
    tmp_path: Path, moved: Callable[[Path, Path], object]
) -> None:
    open_lake(tmp_path / "old")
    moved(tmp_path / "old", tmp_path / "new")
    with pytest.raises(UserError, match=f"laid down in {tmp_path / 'old'}.*: move it back there, or delete it"):
        open_lake(tmp_path / "new")


def test_a_file_in_the_place_of_the_folder_is_told(tmp_path: Path) -> None:
    (tmp_path / "lake").write_text("")
    with pytest.raises(UserError, match=r"cannot be opened .*: check that it is a folder you may write to"):
        open_lake(tmp_path / "lake")


def test_a_catalog_that_is_no_database_is_told(tmp_path: Path) -> None:
    (tmp_path / "catalog.db").write_bytes(b"no database" * 99)
    with pytest.raises(UserError, match=r"cannot be opened .*not a database\): move it away and run `firn enrich`"):
        open_lake(tmp_path)


# Several processes


def processes_at_once(folder: Path, *objects_of_each: list[str]) -> None:
    """Processes that wait for each other, then make or open the lake at once, each putting in its objects in turn."""
    command = [sys.executable, __file__, str(folder)]
    running = [
        subprocess.Popen([*command, *objects], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE)  # noqa: S603 (our own file)
        for objects in objects_of_each
    ]
    for process in running:
        assert process.stdout is not None
        process.stdout.readline()
    for process in running:
        assert process.stdin is not None
        process.stdin.write(b"go\n")
        process.stdin.flush()
    for process in running:
        _, errors = process.communicate(timeout=120)
        assert (process.returncode, b"Traceback" in errors) == (0, False), errors.decode()


def one_process(folder: Path, objects: list[str]) -> None:
    print("ready", flush=True)  # noqa: T201 (this is how the processes wait for each other)
    sys.stdin.readline()
    lake = open_lake(folder)
    for it in objects:
        replace(lake, [it], [batch(event(it, 1), event(it, 2, TUESDAY), bad_rows=[bad_row(it, 3)])])


@pytest.mark.e2e
@pytest.mark.parametrize(
    "objects_of_each",
    [
        [["a", "b"], ["c", "d"], ["e", "f"]],
        [["a", "a", "a"], ["a", "a", "a"], ["a", "a", "a"]],
        [["a", "b", "c"], ["c", "a", "b"], ["b", "c", "a"]],
    ],
    ids=["different objects", "the same object", "the same objects in another order"],
)
def test_processes_that_make_and_fill_a_lake_at_once_put_each_event_in_once(
    tmp_path: Path, objects_of_each: list[list[str]]
) -> None:
    processes_at_once(tmp_path / "data" / "lake", *objects_of_each)
    lake, objects = open_lake(tmp_path / "data" / "lake"), {it for each in objects_of_each for it in each}
    assert lines(lake) == once(*((it, line) for it in objects for line in (1, 2)))
    assert lines(lake, "bad_rows") == once(*((it, 3) for it in objects))


def test_a_full_disk_is_told_in_a_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    lake = open_lake(tmp_path)

    def full(*_: object, **__: object) -> None:
        raise RuntimeError("(sqlite3.OperationalError) database or disk is full")

    monkeypatch.setattr("pipeline.lake._replace", full)
    with pytest.raises(UserError, match="full or read-only"):
        replace(lake, ["a"], [])


def test_a_file_is_encoded_as_its_columns_ask_and_has_no_statistics_of_what_strangers_sent(tmp_path: Path) -> None:
    lake = open_lake(tmp_path)
    replace(lake, ["a"], [batch(event("a", event_id="1", derived_tstamp=MONDAY))])
    (path,) = lake.table("events").inspect.files()["file_path"].to_pylist()
    group = pq.read_metadata(path.removeprefix("file://")).row_group(0)
    columns = {it.path_in_schema: it for it in map(group.column, range(group.num_columns))}
    assert "DELTA_BINARY_PACKED" in columns["collector_tstamp"].encodings
    assert "DELTA_LENGTH_BYTE_ARRAY" in columns["event_id"].encodings
    assert "RLE_DICTIONARY" in columns["raw_object"].encodings
    assert "page_url" not in columns  # it is null in every row
    assert {"ZSTD"} == {it.compression for it in columns.values()}
    bounded = {"raw_object", "collector_tstamp", "derived_tstamp"}
    assert bounded == {name for name, it in columns.items() if it.is_stats_set}


if __name__ == "__main__":
    one_process(Path(sys.argv[1]), sys.argv[2:])
