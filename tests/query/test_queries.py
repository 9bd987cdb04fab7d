"""Every file of `queries/`: Athena's SQL, described, and answered as the rows beside this file say."""

from datetime import date
from typing import Any

import pyarrow as pa
import pytest
import sqlglot
from sqlglot import exp

from enrich.rules import Site
from pipeline.errors import UserError
from pipeline.query import Query, answer, queries, views
from pipeline.query.laptop import Laptop
from pipeline.schema import BAD_ROWS_SCHEMA, EVENTS_SCHEMA
from tests.query.cases import event, expected

QUERIES, VIEWS = queries(), views()
# engines.md: Athena's engine and DuckDB, or sqlglot between them, do not mean the same by these.
DIFFERENT = (
    *("date_diff(", "date_add(", "date_trunc(", "format_datetime(", "try(", "unnest(", "map_agg(", "any_match("),
    *("match_recognize", "url_extract_", "approx_", "max_by(", "min_by(", "json_extract", "json_parse("),
)


def laptop(case: dict[str, Any], deliveries: int = 1) -> Laptop:
    rows = [event(line, it) for line, it in enumerate(case.get("events", ()))]
    again = [row | {"raw_object": f"raw/{9 + time}.gz"} for time in range(1, deliveries) for row in rows]
    tables = {
        "events": pa.Table.from_pylist(rows + again, EVENTS_SCHEMA),
        "bad_rows": pa.Table.from_pylist(case.get("bad_rows", []), BAD_ROWS_SCHEMA),
    }
    sites = {name: Site(time_zone=zone) for name, zone in case["sites"].items()}
    return Laptop(lambda table, columns: tables[table].select(columns), sites)


def without_nulls(rows: pa.Table) -> list[dict[str, Any]]:
    return [{name: cell for name, cell in row.items() if cell is not None} for row in rows.to_pylist()]


@pytest.mark.parametrize("name", QUERIES)
def test_a_query_answers_what_is_expected_in_the_order_that_it_promises(name: str) -> None:
    case = expected(name)
    rows = answer(name, case.get("set", {}), laptop(case))
    assert case["columns"] == rows.column_names
    assert case["expected"] == without_nulls(rows)


@pytest.mark.parametrize("name", QUERIES)
def test_what_is_delivered_twice_changes_no_answer(name: str) -> None:
    case = expected(name)
    assert case["expected"] == without_nulls(answer(name, case.get("set", {}), laptop(case, deliveries=2)))


@pytest.mark.parametrize("name", QUERIES)
def test_a_query_answers_for_all_days_unless_it_is_told_the_days(name: str) -> None:
    case = expected(name)
    assert answer(name, {}, laptop(case)).num_rows >= len(case["expected"])
    assert 0 == answer(name, {"first_day": "2026-12-01"}, laptop(case)).num_rows
    assert 0 == answer(name, {"last_day": "2025-12-31"}, laptop(case)).num_rows


@pytest.mark.parametrize("name", VIEWS)
def test_a_view_holds_what_is_expected(name: str) -> None:
    case = expected(name)
    sql = f"SELECT {', '.join(case['columns'])} FROM {name} ORDER BY 1, 2, 3, 4"  # noqa: S608 (our own names)
    assert case["expected"] == without_nulls(laptop(case).answer(sql, {}))


@pytest.mark.parametrize("name", ["sessions", "visitors_daily"])
def test_a_rollup_has_these_columns_in_this_order(name: str) -> None:
    case = expected(name)
    assert case["columns"] == laptop(case).answer(f"SELECT * FROM {name}", {}).column_names  # noqa: S608


@pytest.mark.parametrize("query", QUERIES.values(), ids=lambda it: it.name)
def test_a_query_declares_its_parameters_with_values_that_hold_for_everything(query: Query) -> None:
    asked_for = {it.name for it in sqlglot.parse_one(query.sql, read="athena").find_all(exp.Placeholder)}
    assert {"first_day", "last_day"} == asked_for
    assert {"first_day": date.min, "last_day": date.max} == query.bound({})


def test_a_parameter_is_read_as_what_it_is_and_what_is_not_declared_stays_for_the_engine_to_refuse() -> None:
    given = {"first_day": "2026-10-01", "last_day": date(2026, 10, 31), "day": "x"}
    expected_ = {"first_day": date(2026, 10, 1), "last_day": date(2026, 10, 31), "day": "x"}
    assert expected_ == QUERIES["pages"].bound(given)


@pytest.mark.parametrize("text", ["yesterday", "", "2026-02-30", "01.10.2026", "2026-10-01' OR 1=1 --", "0000-01-01"])
def test_a_day_that_is_none_is_told_in_one_sentence(text: str) -> None:
    with pytest.raises(UserError) as caught:
        QUERIES["pages"].bound({"first_day": text})
    assert f"first_day must be a date, YYYY-MM-DD, and not {text!r}." == str(caught.value)


@pytest.mark.parametrize("query", [*QUERIES.values(), *VIEWS.values()], ids=lambda it: it.name)
def test_a_query_uses_nothing_that_the_two_engines_take_differently(query: Query) -> None:
    text = " ".join(line.partition("--")[0] for line in query.sql.lower().splitlines())
    assert [] == [it for it in DIFFERENT if it in text]


@pytest.mark.parametrize("query", [*QUERIES.values(), *VIEWS.values()], ids=lambda it: it.name)
def test_a_query_says_in_one_short_sentence_what_it_answers(query: Query) -> None:
    assert query.answers.endswith(".")
    assert len(query.answers) <= 80


@pytest.mark.parametrize("query", [*QUERIES.values(), *VIEWS.values()], ids=lambda it: it.name)
def test_a_query_is_one_statement_that_athena_reads_back_the_same(query: Query) -> None:
    (statement,) = sqlglot.parse(query.sql, read="athena")
    assert statement is not None
    assert statement == sqlglot.parse_one(statement.sql("athena"), read="athena")
