"""Athena's SQL answered by DuckDB: the lake's tables in as Arrow, only the columns that are read; Arrow out.

sqlglot translates. What it leaves different between the two engines is set right here, in `SETUP` and `REWRITTEN`.
The DuckDB is in memory, lives for one answer, and reaches no file, no network and no Python variable.
"""

import re
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor, wait
from dataclasses import dataclass, field

import duckdb
import pyarrow as pa
import sqlglot
from sqlglot import exp
from sqlglot.errors import ParseError, SqlglotError
from sqlglot.optimizer.pushdown_projections import pushdown_projections
from sqlglot.optimizer.qualify import qualify
from sqlglot.optimizer.scope import traverse_scope

from enrich.rules import Site
from pipeline.errors import UserError
from pipeline.query import check_parameters, queries, views
from pipeline.query.sites import sites_view
from pipeline.schema import BAD_ROWS_SCHEMA, EVENTS_SCHEMA

Scan = Callable[[str, tuple[str, ...]], pa.Table]

SCHEMAS: dict[str, pa.Schema] = {"events": EVENTS_SCHEMA, "bad_rows": BAD_ROWS_SCHEMA}
TABLES: dict[str, tuple[str, ...]] = {name: tuple(schema.names) for name, schema in SCHEMAS.items()}

LOCKED_DOWN: dict[str, str | bool | int | float | list[str]] = {
    "autoinstall_known_extensions": False,
    "autoload_known_extensions": False,
    "enable_external_access": False,
}

# Athena's session is in UTC, divides integers to integers, and can name the zone of a time that has none.
SETUP = (
    "SET TimeZone = 'UTC'",
    "SET integer_division = true",
    "SET python_enable_replacements = false",
    "CREATE TEMP MACRO with_timezone(moment, zone) AS timezone(zone, CAST(moment AS TIMESTAMP))",
    "CREATE TEMP MACRO at_timezone(moment, zone) AS timezone(zone, CAST(moment AS TIMESTAMPTZ))",
    "SET lock_configuration = true",
)

# A node of Athena's SQL → the DuckDB function that means the same, and its arguments.
# DuckDB's date_diff counts the borders that are crossed, Athena's the whole units that have passed; DuckDB's AT TIME
# ZONE takes a time without a zone for the zone's own, Athena's for UTC; DuckDB's count_if of nulls alone is null,
# Athena's 0.
REWRITTEN: dict[type[exp.Expr], Callable[[exp.Expr], exp.Expr]] = {
    exp.DateDiff: lambda it: _call("date_sub", exp.Literal.string(it.text("unit")), it.expression, it.this),
    exp.AtTimeZone: lambda it: _call("at_timezone", it.this, it.args["zone"]),
    exp.CountIf: lambda it: exp.Count(this=exp.Case().when(it.this, exp.Literal.number(1))),
}


@dataclass(frozen=True)
class Laptop:
    """The engine of a laptop: `scan` gives the named columns of a table, `sites` are the owner's."""

    scan: Scan
    sites: Mapping[str, Site] = field(default_factory=dict)

    def answer(self, sql: str, parameters: Mapping[str, object]) -> pa.Table:
        """The rows of one SELECT, with Athena's types; raises UserError where it cannot be answered."""
        question = _without_views(_parsed(sql), self.sites)
        check_parameters({it.name for it in question.find_all(exp.Placeholder)}, parameters)
        tables = {table: self.scan(table, columns) for table, columns in columns_read(question).items()}
        return _rows(in_duckdb(question), parameters, tables)


def reading_once(scan: Scan) -> Scan:
    """The same scan for many questions: what Firn's own ask of a table is read at the first of them, and kept."""
    words = {word for it in (*queries().values(), *views().values()) for word in re.findall(r"\w+", it.sql)}
    held: dict[str, pa.Table] = {}

    def scanned(table: str, columns: tuple[str, ...]) -> pa.Table:
        if not words.issuperset(columns):
            return scan(table, columns)
        if table not in held:
            held[table] = scan(table, tuple(name for name in TABLES[table] if name in words))
        return held[table].select(list(columns))

    return scanned


def in_duckdb(question: exp.Expr) -> str:
    """Athena's SQL as DuckDB's."""
    translated = question.copy()
    for node in reversed(list(translated.find_all(*REWRITTEN))):  # the inner ones first, they move with the outer
        node.replace(REWRITTEN[type(node)](node))
    return translated.sql("duckdb")


def _call(function: str, *arguments: exp.Expr) -> exp.Expr:
    return exp.Anonymous(this=function, expressions=list(arguments))


def columns_read(question: exp.Expr) -> dict[str, tuple[str, ...]]:
    """The columns of each table that the question, its views written out, depends on; at least one a table."""
    schema: dict[str, object] = {table: dict.fromkeys(columns, "text") for table, columns in TABLES.items()}
    try:
        resolved = qualify(question.copy(), schema=schema, dialect="athena", validate_qualify_columns=False)
        needed = pushdown_projections(resolved)
    except SqlglotError:  # DuckDB says better what is wrong with it, once it has all there is
        return TABLES
    read: dict[str, set[str]] = {}
    for scope in traverse_scope(needed):
        for alias, source in scope.sources.items():
            if isinstance(source, exp.Table) and source.name in TABLES:
                read.setdefault(source.name, set()).update(it.name for it in scope.columns if it.table == alias)
    return {it: tuple(name for name in TABLES[it] if name in read[it]) or TABLES[it][:1] for it in read}


def _parsed(sql: str) -> exp.Query:
    """The one SELECT that the text holds."""
    try:
        statements = sqlglot.parse(sql, read="athena")
    except SqlglotError as error:
        raise UserError(f"The SQL cannot be read: {_fault(error)}.") from error
    if len(statements) != 1 or not isinstance(statements[0], exp.Query):
        raise UserError("Only a single SELECT can be answered: leave out whatever else the SQL holds.")
    return statements[0]


def _fault(error: SqlglotError) -> str:
    """What is wrong, and where, without sqlglot's own names and the excerpt that it underlines for a terminal."""
    if not isinstance(error, ParseError) or not error.errors:
        return "a quote or a comment in it is not closed"
    first = error.errors[0]
    description = re.split(" but got | for <class", str(first["description"]))[0]
    return f"{description} at line {first['line']}, column {first['col']}"


def _first_line(error: Exception) -> str:
    return str(error).partition("\n")[0].rstrip(".!")


def _without_views(question: exp.Query, sites: Mapping[str, Site]) -> exp.Expr:
    """The question with each view replaced by its text; a name of the question's own must not hide one of ours."""
    relations: dict[str, exp.Query | Callable[[], exp.Query]] = {"sites": _parsed(sites_view(sites))}
    relations |= {it.name: _parsed(it.sql) for it in views().values()}
    _check_names(question, TABLES.keys() | relations.keys())
    return exp.expand(question, relations, dialect="athena")


def _check_names(question: exp.Query, known: set[str]) -> None:
    parts = {it.alias.lower() for it in question.find_all(exp.CTE)}
    if hiding := sorted(parts & known):
        raise UserError(f"The WITH part {hiding[0]} hides the table or view of that name: give it another.")
    tables = {it.name.lower() for it in question.find_all(exp.Table) if it.name and not it.db}
    if unknown := sorted(tables - parts - known):
        raise UserError(f"There is no table {unknown[0]}: SQL can ask {', '.join(sorted(known))}.")


def _rows(sql: str, parameters: Mapping[str, object], tables: Mapping[str, pa.Table]) -> pa.Table:
    try:
        with duckdb.connect(config=LOCKED_DOWN) as connection:
            for name, rows in tables.items():
                _register(connection, name, rows)
            for statement in SETUP:
                connection.execute(statement)
            return _with_athena_types(_stoppable(connection, sql, parameters))
    except (duckdb.Error, pa.ArrowInvalid) as error:
        raise UserError(f"The SQL cannot be answered: {_first_line(error)}.") from error


def _stoppable(connection: duckdb.DuckDBPyConnection, sql: str, parameters: Mapping[str, object]) -> pa.Table:
    """The rows as DuckDB gives them; Ctrl-C ends the question, which DuckDB on the main thread may miss for ever."""
    with ThreadPoolExecutor(1) as thread:
        asked = thread.submit(lambda: connection.sql(sql, params=dict(parameters) or None).to_arrow_table())
        try:
            return asked.result()
        except KeyboardInterrupt:
            while not asked.done():  # once is not enough where the question has not quite begun
                connection.interrupt()
                wait([asked], timeout=0.05)
            raise


def _register(connection: duckdb.DuckDBPyConnection, name: str, rows: pa.Table) -> None:
    """The table with all its columns; those that were not read are null, for the views that name them and drop them."""
    connection.register(f"{name}_whole", SCHEMAS[name].empty_table())
    connection.register(f"{name}_read", rows)
    connection.execute(
        f"CREATE TEMP VIEW {name} AS FROM {name}_whole UNION ALL BY NAME FROM {name}_read"  # names of SCHEMAS alone
    )


def _with_athena_types(rows: pa.Table) -> pa.Table:
    """The rows with whole sums as 64-bit integers and times in milliseconds without a zone, as Athena has them."""
    columns = [_cast(column, _athena_type(column.type)) for column in rows.itercolumns()]
    return pa.Table.from_arrays(columns, names=rows.column_names)


def _cast(column: pa.ChunkedArray, kind: pa.DataType) -> pa.ChunkedArray:
    return column.cast(kind, safe=not pa.types.is_timestamp(kind))  # times lose their microseconds, sums nothing


def _athena_type(kind: pa.DataType) -> pa.DataType:
    if kind == pa.decimal128(38, 0):  # DuckDB's sum of integers
        return pa.int64()
    return pa.timestamp("ms") if pa.types.is_timestamp(kind) else kind
