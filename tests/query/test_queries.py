"""Every file of `queries/`: Athena's SQL, described, and answered as the rows beside this file say."""

from datetime import datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
import sqlglot
import yaml

from enrich.rules import Site
from pipeline.query import Query, answer, queries, views
from pipeline.query.laptop import Laptop
from pipeline.schema import BAD_ROWS_SCHEMA, EVENTS_SCHEMA

QUERIES, VIEWS = queries(), views()
WHOLE_PAGE_VIEW = {
    "event": "page_view",
    "collector_tstamp": datetime(2026, 7, 1, 12),  # noqa: DTZ001 (the lake's times have no zone)
    "derived_tstamp": datetime(2026, 7, 1, 12),  # noqa: DTZ001
    "raw_object": "raw/1.gz",
}


def expected(name: str) -> dict[str, Any]:
    case: dict[str, Any] = yaml.safe_load((Path(__file__).parent / "expected" / f"{name}.yaml").read_text("utf-8"))
    return case


def laptop(case: dict[str, Any]) -> Laptop:
    rows = [
        WHOLE_PAGE_VIEW | {"event_id": f"id-{line}", "raw_line": line} | it for line, it in enumerate(case["events"])
    ]
    tables = {"events": pa.Table.from_pylist(rows, EVENTS_SCHEMA), "bad_rows": BAD_ROWS_SCHEMA.empty_table()}
    sites = {name: Site(time_zone=zone) for name, zone in case["sites"].items()}
    return Laptop(lambda table, columns: tables[table].select(columns), sites)


@pytest.mark.parametrize("name", QUERIES)
def test_a_query_answers_what_is_expected_in_the_order_that_it_promises(name: str) -> None:
    case = expected(name)
    assert case["expected"] == answer(name, {}, laptop(case)).to_pylist()


@pytest.mark.parametrize("name", VIEWS)
def test_a_view_holds_what_is_expected(name: str) -> None:
    case = expected(name)
    columns = list(case["expected"][0])
    sql = f"SELECT {', '.join(columns)} FROM {name} ORDER BY {columns[0]}"  # noqa: S608 (our own names)
    assert case["expected"] == laptop(case).answer(sql, {}).to_pylist()


@pytest.mark.parametrize("query", [*QUERIES.values(), *VIEWS.values()], ids=lambda it: it.name)
def test_a_query_says_in_one_short_sentence_what_it_answers(query: Query) -> None:
    assert query.answers.endswith(".")
    assert len(query.answers) <= 80


@pytest.mark.parametrize("query", [*QUERIES.values(), *VIEWS.values()], ids=lambda it: it.name)
def test_a_query_is_one_statement_that_athena_reads_back_the_same(query: Query) -> None:
    (statement,) = sqlglot.parse(query.sql, read="athena")
    assert statement is not None
    assert statement == sqlglot.parse_one(statement.sql("athena"), read="athena")
