"""The laptop's engine: Athena's SQL means on DuckDB what it means on Athena, and reaches nothing but the lake."""

import signal
import subprocess
import sys
import time
from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal

import pyarrow as pa
import pytest
import sqlglot
from hypothesis import given
from hypothesis import strategies as st
from sqlglot import exp

from enrich.rules import Site
from pipeline.errors import UserError
from pipeline.query import answer, named, views
from pipeline.query.laptop import TABLES, Laptop, columns_read, reading_once
from pipeline.query.sites import sites_view
from pipeline.schema import BAD_ROWS_SCHEMA, EVENTS_SCHEMA

ROWS = {"events": EVENTS_SCHEMA.empty_table(), "bad_rows": BAD_ROWS_SCHEMA.empty_table()}
ENDLESS = """
import os, signal
from pipeline.query.laptop import Laptop
signal.signal(signal.SIGINT, signal.default_int_handler)  # what a shell runs in the background ignores it
million = "unnest(sequence(1, 1000000))"
try:
    print("asking", flush=True)
    Laptop(lambda table, columns: None).answer(f"SELECT sum(x * y % 7) FROM {million} AS a(x), {million} AS b(y)", {})
except KeyboardInterrupt:
    os._exit(130)
"""
HOSTILE = [
    "' OR 1=1 --",
    "'",
    "''",
    '"',
    "\\",
    "\\'",
    ":x",
    "{}",
    "{0}",
    "$x",
    "?",
    "%s",
    ";",
    "/* */",
    "\n",
    "日本",
    "",
]


def engine(events: list[dict[str, object]] | None = None, sites: Mapping[str, Site] | None = None) -> Laptop:
    tables = ROWS | {"events": pa.Table.from_pylist(events or [], EVENTS_SCHEMA)}
    return Laptop(lambda table, columns: tables[table].select(columns), sites or {})


def value(sql: str, **parameters: object) -> object:
    (row,) = engine().answer(f"SELECT {sql} AS it", parameters).to_pylist()
    return row["it"]


# What Athena's engine answers; DuckDB alone would say otherwise to most of these.
@pytest.mark.parametrize(
    ("sql", "expected"),
    [
        ("7 / 2", 3),
        ("7 / 2.0e0", 3.5),
        ("date_diff('minute', timestamp '2026-07-01 12:00:59', timestamp '2026-07-01 12:01:00')", 0),
        ("date_diff('day', timestamp '2026-07-01 23:00:00', timestamp '2026-07-02 22:00:00')", 0),
        ("date_diff('day', date '2026-07-01', date '2026-06-01')", -30),
        ("date_diff('day', date '2026-03-28', date(timestamp '2026-03-28 23:00' AT TIME ZONE 'Europe/Berlin'))", 1),
        ("date(timestamp '2026-03-28 22:59:00' AT TIME ZONE 'Europe/Berlin')", date(2026, 3, 28)),
        ("date(timestamp '2026-03-28 23:00:00' AT TIME ZONE 'Europe/Berlin')", date(2026, 3, 29)),
        ("date(at_timezone(timestamp '2026-03-28 23:00:00', 'Europe/Berlin'))", date(2026, 3, 29)),
        (
            "date(at_timezone(with_timezone(timestamp '2026-07-02 03:00:00', 'UTC'), 'America/New_York'))",
            date(2026, 7, 1),
        ),
        ("with_timezone(timestamp '2026-07-01 12:00:00', 'Europe/Berlin')", datetime(2026, 7, 1, 10)),  # noqa: DTZ001
        ("timestamp '2026-07-01 12:00:00.123456'", datetime(2026, 7, 1, 12, 0, 0, 123000)),  # noqa: DTZ001
        ("count_if(nullif(1, 1) = 1)", 0),
        ("count_if(true) FILTER (WHERE 1 = 1)", 1),
        ("count_if(true) OVER ()", 1),
        ("cast('12.50' AS decimal(18, 2))", Decimal("12.50")),
        ("date_format(timestamp '2026-07-01 12:00:00', '%Y-%m')", "2026-07"),
    ],
)
def test_an_expression_means_what_it_means_on_athena(sql: str, expected: object) -> None:
    assert expected == value(sql)


def test_a_sum_of_integers_is_an_integer_of_64_bits() -> None:
    sums = engine([{"raw_line": 1}, {"raw_line": 2}]).answer(
        "SELECT sum(raw_line) AS it, count_if(true) FROM events", {}
    )
    assert [pa.int64(), pa.int64()] == sums.schema.types
    assert [3] == sums["it"].to_pylist()


def test_the_zone_may_differ_from_row_to_row() -> None:
    sql = "SELECT date(at_timezone(with_timezone(derived_tstamp, 'UTC'), geo_timezone)) AS day FROM events ORDER BY 1"
    at_noon: dict[str, object] = {"derived_tstamp": datetime(2026, 7, 1, 12)}  # noqa: DTZ001
    events = [at_noon | {"geo_timezone": zone} for zone in ("UTC", "Pacific/Kiritimati", None)]
    days = [row["day"] for row in engine(events).answer(sql, {}).to_pylist()]
    assert [date(2026, 7, 1), date(2026, 7, 2), None] == days


@pytest.mark.parametrize("text", HOSTILE)
def test_a_parameter_is_text_whatever_it_holds(text: str) -> None:
    events: list[dict[str, object]] = [{"page_title": text}, {"page_title": "another"}]
    found = engine(events).answer("SELECT page_title FROM events WHERE page_title = :title", {"title": text})
    assert [{"page_title": text}] == found.to_pylist()


def test_what_looks_like_a_parameter_inside_a_text_is_text() -> None:
    assert ":x {} $y ?" == value("':x {} $y ?'")


@pytest.mark.parametrize("text", HOSTILE)
def test_the_name_of_a_site_is_text_whatever_it_holds(text: str) -> None:
    zones = engine(sites={text: Site(time_zone="Europe/Berlin")}).answer("SELECT * FROM sites", {})
    assert [{"site": text, "time_zone": "Europe/Berlin"}] == zones.to_pylist()


@given(st.dictionaries(st.text(st.characters(exclude_characters="\x00", codec="utf-8")), st.just(Site())))
def test_athena_reads_the_sites_as_they_are_written(sites: dict[str, Site]) -> None:
    read = sqlglot.parse_one(sites_view(sites), read="athena").find_all(exp.Literal, bfs=False)
    assert [text for name in sites for text in (name, "UTC")] == [it.name for it in read]


def test_without_sites_the_view_of_them_is_empty() -> None:
    assert [] == engine().answer("SELECT * FROM sites", {}).to_pylist()


@pytest.mark.parametrize("app_id", HOSTILE)
def test_a_site_that_somebody_made_up_is_counted_under_its_name(app_id: str) -> None:
    now = datetime(2026, 7, 1, 12)  # noqa: DTZ001
    view = {"app_id": app_id, "event": "page_view", "event_id": "a", "collector_tstamp": now, "derived_tstamp": now}
    (row,) = answer("daily_overview", {}, engine([view])).to_pylist()
    assert (app_id, 1) == (row["site"], row["page_views"])


@pytest.mark.parametrize(
    ("sql", "sentence"),
    [
        ("", "Only a single SELECT can be answered: leave out whatever else the SQL holds."),
        ("SELECT 1; SELECT 2", "Only a single SELECT can be answered: leave out whatever else the SQL holds."),
        ("DROP TABLE events", "Only a single SELECT can be answered: leave out whatever else the SQL holds."),
        ("SELECT 1 FROM (", "The SQL cannot be read: Expected table name at line 1, column 15."),
        ("SELECT 'a", "The SQL cannot be read: a quote or a comment in it is not closed."),
        ("SELECT 1 +", "The SQL cannot be read: Required keyword: 'expression' missing at line 1, column 10."),
        (
            "SELECT 1 FROM evnts",
            f"There is no table evnts: SQL can ask {', '.join(sorted({*TABLES, *views(), 'sites'}))}.",
        ),
        (
            "SELECT evnt FROM events",
            'The SQL cannot be answered: Binder Error: Referenced column "evnt" not found in FROM clause.',
        ),
        (
            "WITH page_views AS (SELECT 1 AS a) SELECT a FROM page_views",
            "The WITH part page_views hides the table or view of that name: give it another.",
        ),
        ("SELECT :a, :b", "The query needs a value for a, b: add --set a=VALUE."),
    ],
)
def test_sql_that_cannot_be_answered_is_told_in_one_sentence(sql: str, sentence: str) -> None:
    with pytest.raises(UserError) as caught:
        engine().answer(sql, {})
    assert sentence == str(caught.value)


def test_a_parameter_that_the_query_lacks_is_refused() -> None:
    with pytest.raises(UserError, match="no parameter b, c"):
        engine().answer("SELECT :a", {"a": "1", "b": "2", "c": "3"})


@pytest.mark.parametrize(
    "source",
    [
        "read_csv('/etc/passwd')",
        "read_text('pyproject.toml')",
        "read_parquet('http://192.0.2.1/x')",
        "glob('*')",
        "ROWS",
    ],
)
def test_sql_reaches_no_file_no_network_and_no_variable(source: str) -> None:
    with pytest.raises(UserError):
        engine().answer(f"SELECT * FROM {source}", {})  # noqa: S608


@pytest.mark.parametrize("moment", [0.05, 0.3, 1.0])
def test_ctrl_c_ends_a_question_that_takes_too_long(moment: float) -> None:
    with subprocess.Popen([sys.executable, "-c", ENDLESS], stdout=subprocess.PIPE, text=True) as process:  # noqa: S603
        assert process.stdout is not None
        assert "asking\n" == process.stdout.readline()
        time.sleep(moment)
        process.send_signal(signal.SIGINT)
        assert 130 == process.wait(timeout=60)


# The columns that are fetched from the lake, for what is read of each table.
@pytest.mark.parametrize(
    ("sql", "expected"),
    [
        ("SELECT page_title FROM events WHERE app_id = 'a'", {"events": {"app_id", "page_title"}}),
        ("SELECT Page_Title FROM EVENTS", {"events": {"page_title"}}),
        ("SELECT e.* FROM events AS e", {"events": set(TABLES["events"])}),
        ("SELECT count(*) FROM events", {"events": {"app_id"}}),
        (
            "SELECT reason FROM bad_rows WHERE EXISTS (SELECT 1 FROM events WHERE bad_rows.raw_line = events.raw_line)",
            {"bad_rows": {"reason", "raw_line"}, "events": {"raw_line"}},
        ),
        (
            "WITH a AS (SELECT * FROM events), b AS (SELECT event_id, page_url FROM a) SELECT event_id FROM b",
            {"events": {"event_id"}},
        ),
        (
            "SELECT event FROM events UNION ALL SELECT reason FROM bad_rows",
            {"events": {"event"}, "bad_rows": {"reason"}},
        ),
        ("SELECT 1", {}),
    ],
)
def test_only_the_columns_that_the_sql_depends_on_are_read(sql: str, expected: dict[str, set[str]]) -> None:
    read = columns_read(sqlglot.parse_one(sql, read="athena"))
    assert expected == {table: set(columns) for table, columns in read.items()}


COUNTED = {
    *("event_id", "event_fingerprint", "collector_tstamp", "raw_object", "raw_line"),  # to find copies
    *("app_id", "event", "event_name", "event_vendor", "filter_reason", "derived_tstamp"),
}


@pytest.mark.parametrize(
    ("sql", "expected"),
    [
        (named("daily_overview").sql, COUNTED | {"network_userid", "contexts", "unstruct_event"}),
        (named("countries").sql, COUNTED | {"network_userid", "geo_country"}),
        ("SELECT count(*) FROM page_views", COUNTED),
        ("SELECT count(*) FROM sessions", COUNTED | {"network_userid"}),
    ],
)
def test_of_the_views_too_only_what_is_needed_is_read(sql: str, expected: set[str]) -> None:
    read: dict[str, tuple[str, ...]] = {}

    def scan(table: str, columns: tuple[str, ...]) -> pa.Table:
        read[table] = columns
        return ROWS[table].select(columns)

    parameters = {it: "2026-07-01" for it in ("first_day", "last_day") if f":{it}" in sql}
    Laptop(scan).answer(sql, parameters)
    assert expected == set(read["events"])


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        (
            "daily_overvew",
            "There is no query named daily_overvew. Did you mean daily_overview? 'firn query --list' names them all.",
        ),
        ("zzz", "There is no query named zzz. 'firn query --list' names them all."),
        ("../views/page_views", "There is no query named ../views/page_views. 'firn query --list' names them all."),
    ],
)
def test_an_unknown_query_is_told_the_nearest(name: str, sentence: str) -> None:
    with pytest.raises(UserError) as caught:
        named(name)
    assert sentence == str(caught.value)


@pytest.mark.parametrize("column", ["page_urlpath", "date", "site", "copy", "count(*)"])
def test_a_view_can_be_asked_for_any_one_of_its_columns(column: str) -> None:
    """Though the view's own text names columns that then are not fetched from the lake."""
    at = datetime(2026, 11, 24, 12)  # noqa: DTZ001 - UTC, as in the lake
    event = {"event": "page_view", "app_id": "a", "page_urlpath": "/", "collector_tstamp": at, "derived_tstamp": at}
    rows = engine([event]).answer(f"SELECT {column} AS it FROM page_views", {}).to_pylist()  # noqa: S608
    assert [{"page_urlpath": "/", "date": at.date(), "site": "a", "copy": 1, "count(*)": 1}[column]] == [
        row["it"] for row in rows
    ]


def test_many_questions_read_a_table_once() -> None:
    scans: list[tuple[str, tuple[str, ...]]] = []

    def scan(table: str, columns: tuple[str, ...]) -> pa.Table:
        scans.append((table, columns))
        return ROWS[table].select(list(columns))

    once = Laptop(reading_once(scan))
    for name in ("daily_overview", "pages", "bots"):
        answer(name, {}, once)
    assert ["events"] == [table for table, _ in scans]
    once.answer("SELECT doc_charset FROM events", {})
    assert ("events", ("doc_charset",)) == scans[-1], "a column that no question of ours needs is read on its own"
