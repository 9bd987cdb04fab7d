"""Batches of events and bad rows go in, rows for the queries come out; between them lie two Iceberg tables.

Written by replacing: all rows of the raw objects of a run go out and the new ones come in, in one atomic commit a
table. So redelivery, retry and two runs at once all end in the same table (guarantee G1).
"""

import random
import time
import warnings
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import cache, partial
from tempfile import SpooledTemporaryFile
from typing import IO, NamedTuple, Protocol, TypeVar

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.ipc
from pyiceberg.catalog import Catalog
from pyiceberg.exceptions import CommitFailedException, NoSuchTableError, ValidationException
from pyiceberg.expressions import AlwaysFalse, AlwaysTrue, BooleanExpression, In, Or
from pyiceberg.io.pyarrow import pyarrow_to_schema
from pyiceberg.partitioning import UNPARTITIONED_PARTITION_SPEC, PartitionField, PartitionSpec
from pyiceberg.schema import Schema
from pyiceberg.table import Table
from pyiceberg.transforms import DayTransform

from pipeline.errors import UserError
from pipeline.schema import BAD_ROWS_SCHEMA, EVENTS_SCHEMA

# One for each attempt; after the last there is nothing to wait for.
LONGEST_WAITS_SECONDS = (0.2, 0.4, 0.8, 1.6, 0)
SPOOL_BYTES = 64 * 2**20
CHUNK_BYTES = 64 * 2**20
COMPRESSED = pa.ipc.IpcWriteOptions(compression="zstd")
# Past 200 values pyiceberg no longer compares an `In` with a file's bounds, and would read every file.
IN_LIMIT = 200
EVERY_ROW = AlwaysTrue()
# What SQLite says of a disk; its errors are told by their text, since SQLAlchemy is no part of the Lambda zip.
UNWRITABLE = ("database or disk is full", "readonly database", "disk I/O error")
T = TypeVar("T")
Spools = Mapping[str, IO[bytes]]


class Rows(Protocol):
    """What goes in, as the transform gives it piece by piece; `raw_object` is filled in every row."""

    @property
    def events(self) -> pa.Table:
        """Rows of EVENTS_SCHEMA."""

    @property
    def bad_rows(self) -> pa.Table:
        """Rows of BAD_ROWS_SCHEMA."""


class Shape(NamedTuple):
    """A table's columns, and the time whose days it is partitioned by."""

    columns: pa.Schema
    day_of: str | None


# In the order in which a run commits them: the message is done with when the events are in.
TABLES = {
    "bad_rows": Shape(BAD_ROWS_SCHEMA, None),
    "events": Shape(EVENTS_SCHEMA, "collector_tstamp"),
}

PROPERTIES = {
    "format-version": "2",
    "write.parquet.compression-codec": "zstd",
    "commit.manifest-merge.enabled": "true",
    "commit.manifest.min-count-to-merge": "20",
    "write.metadata.delete-after-commit.enabled": "true",
    "write.metadata.previous-versions-max": "10",
    "write.metadata.metrics.default": "none",
}
METRICS = "write.metadata.metrics.column."
# Bounds are kept of these columns alone: by the first a replace finds its files, and two writers do not collide; by
# the others queries do. Bounds of what a stranger sent could stop a commit (a time past the year 9999, a text whose
# 16th character is U+D7FF), and 139 of them make manifests slow to read.
BOUNDED = ("raw_object", "collector_tstamp", "derived_tstamp")


class LakeBusy(UserError):  # noqa: N818 (a state that passes, not a mistake)
    """Other runs kept changing the same rows; nothing is lost, the same replace can be run again later."""


@dataclass(frozen=True)
class Lake:
    """The tables `events` and `bad_rows`, as one catalog names them in the database (or namespace) `database`."""

    catalog: Catalog
    database: str

    def table(self, name: str) -> Table:
        """The table as it is now: load it once for all that must fit together."""
        return self.catalog.load_table((self.database, name))


def prepared(lake: Lake) -> Lake:
    """The same lake, its tables made where missing and grown by the columns that this release adds.

    Raises UserError where this release cannot use them.
    """
    for name, shape in TABLES.items():
        _again_while_busy(partial(_prepare, lake, name, shape))
    return lake


def replace(lake: Lake, raw_objects: Sequence[str], batches: Iterable[Rows]) -> None:
    """Put the batches' rows in the place of all rows of these raw objects, in one commit a table.

    The batches are read once, into a temporary file, so memory is bounded and a retry transforms nothing again.
    Raises LakeBusy when other runs got in between five times.
    """
    with _spooled(raw_objects, batches) as spools:
        _again_while_busy(partial(_replace, lake, _rows_of(raw_objects), spools))


def scan(lake: Lake, name: str, columns: Sequence[str] = (), where: str | BooleanExpression = EVERY_ROW) -> pa.Table:
    """The rows of table `name` that `where` picks, in no order; all columns unless some are named."""
    schema = TABLES[name].columns
    wanted = pa.schema([schema.field(column) for column in columns or schema.names])
    rows = lake.table(name).scan(row_filter=where, selected_fields=tuple(wanted.names)).to_arrow()
    return rows.select(wanted.names).cast(wanted)


# Laying the tables down


def _prepare(lake: Lake, name: str, shape: Shape) -> None:
    table = _made_table(lake, name, shape)
    _check_metrics(table, name)
    there, here = _columns(table.schema()), _columns(_iceberg_schema(shape.columns))
    _check_known(there - here, name)
    if here - there:
        with table.update_schema() as change:
            change.union_by_name(shape.columns)


def _made_table(lake: Lake, name: str, shape: Shape) -> Table:
    try:
        return lake.table(name)
    except NoSuchTableError:
        schema = _iceberg_schema(shape.columns)
        return lake.catalog.create_table_if_not_exists(
            (lake.database, name), schema, partition_spec=_partitions(schema, shape), properties=_properties(shape)
        )


@cache
def _iceberg_schema(columns: pa.Schema) -> Schema:
    """The columns numbered from 1, as Iceberg numbers them; pyiceberg makes partitions of numbered columns only."""
    numbered = [
        field.with_metadata({**field.metadata, "PARQUET:field_id": str(number)})
        for number, field in enumerate(columns, start=1)
    ]
    return pyarrow_to_schema(pa.schema(numbered))


def _partitions(schema: Schema, shape: Shape) -> PartitionSpec:
    if shape.day_of is None:
        return UNPARTITIONED_PARTITION_SPEC
    source = schema.find_field(shape.day_of).field_id
    return PartitionSpec(PartitionField(source, 1000, DayTransform(), f"{shape.day_of}_day"))


def _properties(shape: Shape) -> dict[str, str]:
    return PROPERTIES | {METRICS + column: "full" for column in BOUNDED if column in shape.columns.names}


def _columns(schema: Schema) -> set[tuple[str, str]]:
    return {(field.name, str(field.field_type)) for field in schema.fields}


def _check_metrics(table: Table, name: str) -> None:
    if table.properties.get(METRICS + "raw_object") != "full":
        raise UserError(
            f"The lake's table {name} lacks the property {METRICS}raw_object = full, without which runs collide: "
            f"move the lake away and run `firn enrich` again on the raw objects."
        )


def _check_known(unknown: set[tuple[str, str]], name: str) -> None:
    if unknown:
        names = ", ".join(sorted(column for column, _ in unknown))
        raise UserError(
            f"The lake's table {name} has columns that this release of Firn does not know ({names}): "
            f"install the release that wrote them, or a newer one."
        )


# Replacing rows


def _rows_of(raw_objects: Sequence[str]) -> BooleanExpression:
    """The rows of these raw objects, on whatever day: new rules, or new content, may leave a day empty."""
    names = sorted(set(raw_objects))
    groups = [names[start : start + IN_LIMIT] for start in range(0, len(names), IN_LIMIT)]
    # mypy takes pydantic's view of the class, not that of its own __init__.
    picked = [In("raw_object", group) for group in groups]  # type: ignore[arg-type, call-arg]
    return Or(AlwaysFalse(), AlwaysFalse(), *picked)


def _replace(lake: Lake, where: BooleanExpression, spools: Spools) -> None:
    for name, spool in spools.items():
        _replace_in(lake.table(name), where, _chunks(spool, TABLES[name].columns))


def _replace_in(table: Table, where: BooleanExpression, chunks: Iterable[pa.Table]) -> None:
    with warnings.catch_warnings(), table.transaction() as change:
        # The delete stays where it matches nothing, the usual case: by its filter the commit finds out that another
        # run has put rows of the same raw object in since, which an append alone would double.
        warnings.filterwarnings("ignore", "Delete operation did not match any records")
        change.delete(where)
        for chunk in chunks:
            change.append(chunk)


def _again_while_busy(act: Callable[[], T]) -> T:
    """What `act` returns, run again from the start, after a random wait, while others' commits get in between."""
    for longest_wait in LONGEST_WAITS_SECONDS:
        try:
            return act()
        except Exception as error:
            if any(it in str(error) for it in UNWRITABLE):
                raise UserError(
                    "The lake cannot be written, its disk is full or read-only: mend that and run this again; "
                    "nothing is half written."
                ) from error
            if not _passes(error):
                raise
            busy = error
        time.sleep(random.uniform(0, longest_wait))  # noqa: S311 (no secret hangs on it)
    raise LakeBusy("Other runs keep changing the lake: wait for them to end, then run this again.") from busy


def _passes(error: Exception) -> bool:
    """Whether the same work can succeed on a freshly loaded table."""
    return isinstance(error, CommitFailedException | ValidationException) or "database is locked" in str(error)


# The spool between the transform and the commits


@contextmanager
def _spooled(raw_objects: Sequence[str], batches: Iterable[Rows]) -> Iterator[Spools]:
    """The batches' rows in temporary files, one for each table, in the order of TABLES."""
    with ExitStack() as stack:
        spools = {name: stack.enter_context(SpooledTemporaryFile(SPOOL_BYTES)) for name in TABLES}
        _fill(spools, batches, pa.array(set(raw_objects), pa.string()))
        yield spools


def _fill(spools: Spools, batches: Iterable[Rows], raw_objects: pa.Array) -> None:
    with ExitStack() as stack:
        writers = {
            name: stack.enter_context(pa.ipc.new_stream(spool, TABLES[name].columns, options=COMPRESSED))
            for name, spool in spools.items()
        }
        for batch in batches:
            writers["bad_rows"].write_table(_of_these(raw_objects, batch.bad_rows))
            writers["events"].write_table(_of_these(raw_objects, batch.events))


def _of_these(raw_objects: pa.Array, rows: pa.Table) -> pa.Table:
    """The rows, once it is sure that the next replace of the same raw objects will find all of them."""
    if not pc.all(pc.is_in(rows["raw_object"], raw_objects), min_count=0).as_py():
        raise ValueError("a batch holds rows of a raw object that is not being replaced")
    return rows


def _chunks(spool: IO[bytes], columns: pa.Schema) -> Iterator[pa.Table]:
    """The spooled rows from the start, in tables of some CHUNK_BYTES, each of which becomes a file for each day."""
    spool.seek(0)
    held: list[pa.RecordBatch] = []
    for batch in pa.ipc.open_stream(spool):
        held.append(batch)
        if sum(it.nbytes for it in held) >= CHUNK_BYTES:
            yield _in_microseconds(held, columns)
            held = []
    if any(it.num_rows for it in held):
        yield _in_microseconds(held, columns)


def _in_microseconds(batches: list[pa.RecordBatch], columns: pa.Schema) -> pa.Table:
    """Iceberg's times are microseconds, and pyiceberg takes the day of no others."""
    fields = [it.with_type(pa.timestamp("us")) if pa.types.is_timestamp(it.type) else it for it in columns]
    return pa.Table.from_batches(batches).cast(pa.schema(fields))
