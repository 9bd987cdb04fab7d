"""`firn query` and `firn mirror` on a small lake."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import NamedTuple

import pyarrow as pa
import pytest
from click.testing import CliRunner, Result

from pipeline.commands import firn
from pipeline.lake import replace
from pipeline.schema import BAD_ROWS_SCHEMA, EVENTS_SCHEMA
from pipeline.sqlite_catalog import open_lake

SETTINGS = '[sites.blog]\nhosts = ["example.com"]\ntime_zone = "Europe/Berlin"\n'


class Batch(NamedTuple):
    events: pa.Table
    bad_rows: pa.Table


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with settings and a lake of three page views, one of them today."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "firn.toml").write_text(SETTINGS)
    today = datetime.now(UTC).replace(tzinfo=None)
    moments = [datetime(2026, 3, 28, 23), datetime(2026, 3, 29, 12), today]  # noqa: DTZ001 (the lake's have no zone)
    rows = [
        {
            "app_id": "blog",
            "event": "page_view",
            "event_id": str(line),
            "page_title": title,
            "collector_tstamp": moment,
            "derived_tstamp": moment,
            "network_userid": "anna",
            "raw_object": "a.gz",
            "raw_line": line,
        }
        for line, (moment, title) in enumerate(zip(moments, ["' OR 1=1 --", "=1+1", "now"], strict=True))
    ]
    batch = Batch(pa.Table.from_pylist(rows, EVENTS_SCHEMA), BAD_ROWS_SCHEMA.empty_table())
    replace(open_lake(tmp_path / "firn-data" / "lake"), ["a.gz"], [batch])
    return tmp_path


HEADER = (
    "date,site,sessions,visitors,page_views,bounces,median_session_seconds,pages_per_session,"
    "load_time_ms,latency_ms,events,top_page,top_source,bots,bad_rows"
)


def run(*arguments: str) -> Result:
    return CliRunner().invoke(firn, arguments, catch_exceptions=False)


@pytest.mark.usefixtures("here")
def test_a_named_query_is_answered_under_the_settings_of_the_folder() -> None:
    result = run("query", "daily_overview", "--format", "json")
    counts = {"visitors": 1, "visits": 2, "page_views": 2, "bounces": 2, "engaged_seconds": 0}
    assert {"site": "blog", "date": "2026-03-29"} | counts == json.loads(result.stdout)[0]


@pytest.mark.usefixtures("here")
def test_a_named_query_is_answered_for_the_days_that_are_set() -> None:
    days = ("--set", "first_day=2026-03-29", "--set", "last_day=2026-03-29")
    (row,) = json.loads(run("query", "daily_overview", *days, "--format", "json").stdout)
    assert "2026-03-29" == row["date"]


@pytest.mark.usefixtures("here")
def test_sql_of_ones_own_is_answered_with_its_parameters_bound() -> None:
    sql = "SELECT raw_line FROM events WHERE page_title = :title"
    result = run("query", "-e", sql, "--set", "title=' OR 1=1 --", "--format", "csv")
    assert "raw_line\r\n0\r\n" == result.stdout_bytes.decode()


def test_what_can_be_asked_is_listed_without_a_lake(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    listed = json.loads(run("query", "--list", "--format", "json").stdout)
    assert [
        *("ai", "bad_rows", "bots", "campaigns", "countries", "daily", "daily_overview"),
        *("devices", "pages", "sources"),
        *("events_unique", "page_views", "sessions", "visitors_daily", "sites", "events", "bad_rows"),
    ] == [row["name"] for row in listed]
    assert {"query": {"first_day, last_day"}, "view": {None}, "table": {None}} == {
        kind: {row["parameters"] for row in listed if row["kind"] == kind} for kind in ("query", "view", "table")
    }
    assert [] == list(tmp_path.iterdir())


def test_a_folder_that_is_not_there_is_made_and_answers_with_no_rows(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    result = run("query", "daily_overview", "--format", "json", "--data", "new/data")
    assert "[]\n" == result.stdout
    assert (tmp_path / "new" / "data" / "lake").is_dir()


@pytest.mark.usefixtures("here")
@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["dayly_overview"], "There is no query named dayly_overview. Did you mean daily_overview?"),
        (["-e", "SELECT 1 +"], "The SQL cannot be read: "),
        (["-e", "SELECT a FROM events"], "The SQL cannot be answered: "),
        (["daily_overview", "--set", "a=1"], "The query has no parameter a: leave it out."),
        (["pages", "--set", "last_day=May"], "last_day must be a date, YYYY-MM-DD, and not 'May'."),
        (["-e", "SELECT * FROM page_views WHERE date = :first_day"], "The query needs a value for first_day"),
        (["daily_overview", "--settings", "none.toml"], "Cannot read the settings none.toml"),
    ],
)
def test_a_question_that_cannot_be_answered_is_one_sentence(arguments: list[str], sentence: str) -> None:
    result = run("query", *arguments)
    assert (2, "", 1) == (result.exit_code, result.stdout, result.stderr.count("\n"))
    assert result.stderr.startswith(sentence)


@pytest.mark.parametrize("arguments", [[], ["daily_overview", "--list"], ["--list", "-e", "SELECT 1"], ["--set", "a"]])
def test_a_question_is_asked_in_one_way(arguments: list[str]) -> None:
    result = run("query", *arguments)
    assert (2, True) == (result.exit_code, result.stderr.startswith("Usage: "))


def test_the_mirror_writes_every_day_and_again_changes_nothing(here: Path) -> None:
    assert f"daily: 2 rows are in {Path('firn-data/sheet/daily.csv')}\n" == run("mirror").stderr
    file = here / "firn-data" / "sheet" / "daily.csv"
    written, when = file.read_text(), file.stat().st_mtime_ns
    assert [HEADER, "2026-03-29,blog,2,1,2,2,0,1.0,,,2,,,0,"] == written.splitlines()[:2]
    run("mirror")
    assert (written, when) == (file.read_text(), file.stat().st_mtime_ns)


def test_the_mirror_writes_the_last_days_alone_when_asked_to(here: Path) -> None:
    assert "daily: 1 rows" in run("mirror", "--days", "3").stderr
    in_berlin = datetime.now(UTC).date(), (datetime.now(UTC) + timedelta(hours=2)).date()
    (line,) = (here / "firn-data" / "sheet" / "daily.csv").read_text().splitlines()[1:]
    assert line in {f"{day},blog,1,1,1,1,0,1.0,,,1,,,0," for day in in_berlin}


def test_a_sheet_of_a_release_that_knew_fewer_columns_gains_them_behind_the_owners(here: Path) -> None:
    file = here / "firn-data" / "sheet" / "daily.csv"
    file.parent.mkdir()
    file.write_text("site,date,page_views,note\nblog,2026-03-29,9,my note\nblog,2020-01-01,1,\n")
    run("mirror")
    more = "sessions,visitors,bounces,median_session_seconds,pages_per_session,load_time_ms,latency_ms,events"
    assert [
        f"site,date,page_views,note,{more},top_page,top_source,bots,bad_rows",
        "blog,2020-01-01,1,,,,,,,,,,,,,",
        "blog,2026-03-29,2,my note,2,1,2,0,1.0,,,2,,,0,",
    ] == file.read_text().splitlines()[:3]


def test_a_sheet_that_is_no_longer_one_is_told_and_left_alone(here: Path) -> None:
    file = here / "firn-data" / "sheet" / "daily.csv"
    file.parent.mkdir()
    file.write_text("my notes")
    result = run("mirror")
    assert (2, 1) == (result.exit_code, result.stderr.count("\n"))
    assert "my notes" == file.read_text()
