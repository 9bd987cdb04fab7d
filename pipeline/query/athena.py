"""Athena's SQL answered by Athena: named parameters become its positional ones, pages of text become Arrow."""

import re
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, NamedTuple

import boto3
import pyarrow as pa
from botocore.exceptions import BotoCoreError, ClientError

from pipeline.errors import UserError
from pipeline.query import check_parameters

# What is skipped comes first: a string, a quoted name, a comment. What is left with a colon is a parameter.
TOKEN = re.compile(r"'(?:[^']|'')*'|\"(?:[^\"]|\"\")*\"|--[^\n]*|/\*.*?\*/|:(?P<name>[A-Za-z_]\w*)", re.DOTALL)

# Athena wants a value's type in the value itself: https://docs.aws.amazon.com/athena/latest/ug/querying-with-prepared-statements.html
# In this order, since True is an int and a datetime is a date.
LITERAL_TYPES: dict[type, str] = {
    bool: "boolean",
    int: "bigint",
    float: "double",
    datetime: "timestamp",
    date: "date",
    str: "varchar",
}

# Of a result's types those that are not text: Athena's name → Arrow's.
ARROW_TYPES: dict[str, Callable[[Mapping[str, Any]], pa.DataType]] = {
    "boolean": lambda _: pa.bool_(),
    "tinyint": lambda _: pa.int8(),
    "smallint": lambda _: pa.int16(),
    "integer": lambda _: pa.int32(),
    "bigint": lambda _: pa.int64(),
    "float": lambda _: pa.float32(),
    "double": lambda _: pa.float64(),
    "date": lambda _: pa.date32(),
    "timestamp": lambda _: pa.timestamp("ms"),
    "decimal": lambda column: pa.decimal128(column["Precision"], column["Scale"]),
}

FIRST_PAUSE_SECONDS = 0.2
LONGEST_PAUSE_SECONDS = 5.0
RUNNING = ("QUEUED", "RUNNING")

Row = list[str | None]


class Statement(NamedTuple):
    """SQL with a `?` for each value, and the values in their order, each as a literal of its type."""

    sql: str
    values: tuple[str, ...]


@dataclass(frozen=True)
class Athena:
    """The engine of the cloud, in that Glue database; results go where the workgroup says."""

    database: str
    workgroup: str
    client: Any = field(default_factory=lambda: boto3.client("athena"))
    pause: Callable[[float], None] = time.sleep

    def answer(self, sql: str, parameters: Mapping[str, object]) -> pa.Table:
        """The rows of one SELECT; raises UserError with Athena's own reason where it cannot be answered."""
        try:
            return _table(self._pages(self._run(positional(sql, parameters))))
        except (ClientError, BotoCoreError) as error:
            raise _refused(error) from error

    def execute(self, sql: str) -> None:
        """Run one statement that gives no rows, CREATE VIEW for one; raises UserError where it fails."""
        try:
            self._run(Statement(sql, ()))
        except (ClientError, BotoCoreError) as error:
            raise _refused(error) from error

    def _run(self, statement: Statement) -> str:
        """The id of the statement, which has succeeded."""
        values = {"ExecutionParameters": list(statement.values)} if statement.values else {}
        started = self.client.start_query_execution(
            QueryString=statement.sql,
            QueryExecutionContext={"Database": self.database},
            WorkGroup=self.workgroup,
            **values,
        )
        execution: str = started["QueryExecutionId"]
        self._wait(execution)
        return execution

    def _wait(self, execution: str) -> None:
        """Return once it has succeeded; Athena itself ends every statement, after half an hour at the latest."""
        for seconds in _pauses():
            status = self.client.get_query_execution(QueryExecutionId=execution)["QueryExecution"]["Status"]
            if status["State"] == "SUCCEEDED":
                return
            if status["State"] not in RUNNING:
                raise _unanswered(status.get("StateChangeReason") or f"it was {status['State'].lower()}")
            self.pause(seconds)

    def _pages(self, execution: str) -> Iterator[Mapping[str, Any]]:
        pages = self.client.get_paginator("get_query_results").paginate(QueryExecutionId=execution)
        return (page["ResultSet"] for page in pages)


def positional(sql: str, parameters: Mapping[str, object]) -> Statement:
    """The SQL with each `:name` as a `?`, outside of strings, names and comments; UserError unless each has a value."""
    names = [found["name"] for found in TOKEN.finditer(sql) if found["name"]]
    check_parameters(set(names), parameters)
    return Statement(
        TOKEN.sub(lambda found: "?" if found["name"] else found[0], sql), tuple(literal(parameters[it]) for it in names)
    )


def literal(value: object) -> str:
    """A value as SQL of its own type that holds nothing but this value, whatever a text holds."""
    if value is None:
        return "NULL"
    kind = next(name for python, name in LITERAL_TYPES.items() if isinstance(value, python))
    quoted = str(value).replace("'", "''")
    return f"CAST('{quoted}' AS {kind})"


def _pauses() -> Iterator[float]:
    seconds = FIRST_PAUSE_SECONDS
    while True:
        yield seconds
        seconds = min(seconds * 1.5, LONGEST_PAUSE_SECONDS)


def _table(pages: Iterator[Mapping[str, Any]]) -> pa.Table:
    """The rows of all pages; of the first page's, the first only repeats the columns' names."""
    first = next(pages)
    columns = first["ResultSetMetadata"]["ColumnInfo"]
    rows = [*_rows(first)[1:], *(row for page in pages for row in _rows(page))]
    arrays = [_array(column, [row[place] for row in rows]) for place, column in enumerate(columns)]
    return pa.Table.from_arrays(arrays, names=[column["Name"] for column in columns])


def _rows(page: Mapping[str, Any]) -> list[Row]:
    return [[cell.get("VarCharValue") for cell in row["Data"]] for row in page["Rows"]]


def _array(column: Mapping[str, Any], texts: Row) -> pa.Array:
    kind = ARROW_TYPES.get(column["Type"])
    return pa.array(texts, pa.string()).cast(kind(column)) if kind else pa.array(texts, pa.string())


def _refused(error: ClientError | BotoCoreError) -> UserError:
    said = error.response["Error"].get("Message") if isinstance(error, ClientError) else None
    return _unanswered(said or str(error))


def _unanswered(reason: str) -> UserError:
    return UserError(f"Athena could not answer: {reason.rstrip('.')}; mend what it names and run again.")
