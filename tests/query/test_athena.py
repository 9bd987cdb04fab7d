"""Athena as an engine: what it is sent, what its pages become, and what its refusals say."""

from collections.abc import Iterator
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import boto3
import pytest
from botocore import UNSIGNED
from botocore.config import Config
from botocore.stub import Stubber

from pipeline.errors import UserError
from pipeline.query import queries
from pipeline.query.athena import Athena, literal, positional

SOME_ID = "0f8e7c9a-0000-4000-8000-000000000000"


@pytest.fixture
def athena() -> Iterator[tuple[Athena, Stubber, list[float]]]:
    """The engine, a stub that holds every call to botocore's model of Athena, and the pauses that it made."""
    client = boto3.client("athena", region_name="eu-west-1", config=Config(signature_version=UNSIGNED))
    pauses: list[float] = []
    with Stubber(client) as stub:
        yield Athena("firn_blog", "firn-blog", client, pauses.append), stub, pauses
    client.close()
    stub.assert_no_pending_responses()


def start(stub: Stubber, sql: str, **more: object) -> None:
    place = {"QueryExecutionContext": {"Database": "firn_blog"}, "WorkGroup": "firn-blog"}
    expected = {"QueryString": sql} | place | more
    stub.add_response("start_query_execution", {"QueryExecutionId": SOME_ID}, expected)


def state(stub: Stubber, name: str, **more: object) -> None:
    status = {"QueryExecution": {"Status": {"State": name, **more}}}
    stub.add_response("get_query_execution", status, {"QueryExecutionId": SOME_ID})


def page(stub: Stubber, columns: list[dict[str, object]], rows: list[list[str | None]], **more: str) -> None:
    asked = {"QueryExecutionId": SOME_ID} | ({"NextToken": more.pop("asked")} if "asked" in more else {})
    data = [{"Data": [{} if cell is None else {"VarCharValue": cell} for cell in row]} for row in rows]
    answer = {"ResultSet": {"Rows": data, "ResultSetMetadata": {"ColumnInfo": columns}}, **more}
    stub.add_response("get_query_results", answer, asked)


def test_a_parameter_becomes_a_question_mark_each_time_it_is_named() -> None:
    sql = "SELECT :a, :b FROM t WHERE x = :a"
    assert ("SELECT ?, ? FROM t WHERE x = ?", ("CAST('1' AS bigint)", "NULL", "CAST('1' AS bigint)")) == positional(
        sql, {"a": 1, "b": None}
    )


@pytest.mark.parametrize(
    "text",
    [
        "':name'",
        "'it''s :name'",
        '":name"',
        "-- :name date, by default 0001-01-01\n",
        "/* :name\n :name */",
        "-- it's\n",
        "'/*' /* :name */",
    ],
)
def test_what_only_looks_like_a_parameter_stays_as_it_is(text: str) -> None:
    assert f"SELECT {text} , ?" == positional(f"SELECT {text} , :day", {"day": date(2026, 7, 1)}).sql


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("it's", "CAST('it''s' AS varchar)"),
        ("'); DROP TABLE events; --", "CAST('''); DROP TABLE events; --' AS varchar)"),
        (True, "CAST('True' AS boolean)"),
        (7, "CAST('7' AS bigint)"),
        (0.5, "CAST('0.5' AS double)"),
        (date(2026, 7, 1), "CAST('2026-07-01' AS date)"),
        (datetime(2026, 7, 1, 12, 0, 1), "CAST('2026-07-01 12:00:01' AS timestamp)"),  # noqa: DTZ001
        (None, "NULL"),
    ],
)
def test_a_value_is_a_literal_of_its_type_and_nothing_else(value: object, expected: str) -> None:
    assert expected == literal(value)


@pytest.mark.parametrize("name", queries())
def test_every_question_of_ours_is_bound_without_a_name_left_over(name: str) -> None:
    query = queries()[name]
    statement = positional(query.sql, query.bound({}))
    assert [statement.sql.count("?"), {f"CAST('{day}' AS date)" for day in (date.min, date.max)}] == [
        len(statement.values),
        set(statement.values),
    ]


@pytest.mark.parametrize(
    ("given", "fault"),
    [
        ({}, "The query needs a value for day: add --set day=VALUE."),
        ({"day": 1, "dya": 1}, "The query has no parameter dya: leave it out."),
    ],
)
def test_a_missing_and_a_surplus_value_are_told_before_anything_is_asked(
    athena: tuple[Athena, Stubber, list[float]], given: dict[str, object], fault: str
) -> None:
    with pytest.raises(UserError) as caught:
        athena[0].answer("SELECT :day", given)
    assert fault == str(caught.value)


def test_an_answer_is_waited_for_and_read_page_by_page(athena: tuple[Athena, Stubber, list[float]]) -> None:
    engine, stub, pauses = athena
    start(stub, "SELECT x WHERE d = ?", ExecutionParameters=["CAST('2026-07-01' AS date)"])
    for name in ("QUEUED", "RUNNING", "SUCCEEDED"):
        state(stub, name)
    columns: list[dict[str, object]] = [{"Name": "site", "Type": "varchar"}, {"Name": "visits", "Type": "bigint"}]
    page(stub, columns, [["site", "visits"], ["blog", "1"]], NextToken="more")
    page(stub, columns, [["site", "2"], ["", None]], asked="more")
    rows = engine.answer("SELECT x WHERE d = :d", {"d": date(2026, 7, 1)})
    expected = [{"site": "blog", "visits": 1}, {"site": "site", "visits": 2}, {"site": "", "visits": None}]
    assert expected == rows.to_pylist()
    assert [0.2, pytest.approx(0.3)] == pauses


TYPES: list[tuple[dict[str, object], str, object]] = [
    ({"Type": "boolean"}, "true", True),
    ({"Type": "integer"}, "-1", -1),
    ({"Type": "bigint"}, "9223372036854775807", 2**63 - 1),
    ({"Type": "double"}, "1.5E10", 1.5e10),
    ({"Type": "double"}, "Infinity", float("inf")),
    ({"Type": "decimal", "Precision": 18, "Scale": 2}, "1.50", Decimal("1.50")),
    ({"Type": "date"}, "0001-01-01", date(1, 1, 1)),
    ({"Type": "timestamp"}, "2026-07-01 12:00:00.001", datetime(2026, 7, 1, 12, 0, 0, 1000)),  # noqa: DTZ001
    ({"Type": "varchar"}, "2026-07-01", "2026-07-01"),
    ({"Type": "json"}, '{"a":1}', '{"a":1}'),
]


@pytest.mark.parametrize(("column", "text", "expected"), TYPES)
def test_a_cell_has_the_type_that_athena_names(
    athena: tuple[Athena, Stubber, list[float]], column: dict[str, object], text: str, expected: object
) -> None:
    engine, stub, _ = athena
    start(stub, "SELECT it")
    state(stub, "SUCCEEDED")
    page(stub, [{"Name": "it"} | column], [["it"], [text], [None]])
    assert [expected, None] == engine.answer("SELECT it", {})["it"].to_pylist()


def test_no_rows_still_have_their_columns(athena: tuple[Athena, Stubber, list[float]]) -> None:
    engine, stub, _ = athena
    start(stub, "SELECT it")
    state(stub, "SUCCEEDED")
    page(stub, [{"Name": "it", "Type": "date"}], [["it"]])
    rows = engine.answer("SELECT it", {})
    assert [("it", "date32[day]"), 0] == [(rows.schema[0].name, str(rows.schema[0].type)), rows.num_rows]


def test_a_statement_without_rows_reads_none(athena: tuple[Athena, Stubber, list[float]]) -> None:
    engine, stub, _ = athena
    start(stub, "CREATE OR REPLACE VIEW v AS SELECT ':x' AS x")
    state(stub, "SUCCEEDED")
    engine.execute("CREATE OR REPLACE VIEW v AS SELECT ':x' AS x")


@pytest.mark.parametrize(
    ("status", "reason"),
    [
        (("FAILED", {"StateChangeReason": "TABLE_NOT_FOUND: line 1:15: x."}), "TABLE_NOT_FOUND: line 1:15: x"),
        (("CANCELLED", {"StateChangeReason": "Bytes scanned limit was exceeded"}), "Bytes scanned limit was exceeded"),
        (("CANCELLED", {}), "it was cancelled"),
    ],
)
def test_a_statement_that_fails_says_why(
    athena: tuple[Athena, Stubber, list[float]], status: tuple[str, dict[str, Any]], reason: str
) -> None:
    engine, stub, _ = athena
    start(stub, "SELECT 1")
    state(stub, status[0], **status[1])
    with pytest.raises(UserError) as caught:
        engine.answer("SELECT 1", {})
    assert f"Athena could not answer: {reason}; mend what it names and run again." == str(caught.value)


@pytest.mark.parametrize("ask", [lambda it: it.answer("SELEC", {}), lambda it: it.execute("SELEC")])
def test_a_refused_call_says_what_athena_says(athena: tuple[Athena, Stubber, list[float]], ask: Any) -> None:  # noqa: ANN401
    engine, stub, _ = athena
    stub.add_client_error("start_query_execution", "InvalidRequestException", "line 1:1: mismatched input 'SELEC'")
    with pytest.raises(UserError) as caught:
        ask(engine)
    assert "Athena could not answer: line 1:1: mismatched input 'SELEC'; mend what it names and run again." == str(
        caught.value
    )
