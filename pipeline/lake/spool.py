"""Rows on their way from the transform to the commits, in temporary files.

So memory is bounded, and a commit that is tried again transforms nothing again.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from tempfile import SpooledTemporaryFile
from typing import IO, Protocol

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.ipc

from pipeline.lake.layout import TABLES, Shape

SPOOL_BYTES = 8 * 2**20
CHUNK_BYTES = 16 * 2**20
BATCHES_KEPT = 8  # so many may use the memory of those before; then what is free goes back
MOST_WAITING = 0.5  # of CHUNK_BYTES
COMPRESSED = pa.ipc.IpcWriteOptions(compression="zstd")
Spools = Mapping[str, IO[bytes]]


class Rows(Protocol):
    """What goes in, as the transform gives it piece by piece; `raw_object` is filled in every row."""

    @property
    def events(self) -> pa.Table:
        """Rows of EVENTS_SCHEMA."""

    @property
    def bad_rows(self) -> pa.Table:
        """Rows of BAD_ROWS_SCHEMA."""


@contextmanager
def spooled(raw_objects: Sequence[str], batches: Iterable[Rows]) -> Iterator[Spools]:
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
        for number, batch in enumerate(batches):
            if number % BATCHES_KEPT == 0:
                pa.default_memory_pool().release_unused()
            writers["bad_rows"].write_table(_of_these(raw_objects, batch.bad_rows))
            writers["events"].write_table(_of_these(raw_objects, batch.events))
            del batch  # or it would be held while the next is made


def _of_these(raw_objects: pa.Array, rows: pa.Table) -> pa.Table:
    """The rows, once it is sure that the next replace of the same raw objects will find all of them."""
    if not pc.all(pc.is_in(rows["raw_object"], raw_objects), min_count=0).as_py():
        raise ValueError("a batch holds rows of a raw object that is not being replaced")
    return rows


def chunks(spool: IO[bytes], shape: Shape) -> Iterator[pa.Table]:
    """The spooled rows from the start, in tables of some CHUNK_BYTES, each of which becomes a file for each day.

    The last day of a table waits for the next one, where more of it may come: fewer files are smaller ones, too.
    """
    spool.seek(0)
    pa.default_memory_pool().release_unused()  # what the transform took would stay beside this
    held: list[pa.RecordBatch] = []
    for batch in pa.ipc.open_stream(spool):
        held.append(batch)
        if sum(it.nbytes for it in held) >= CHUNK_BYTES:
            rows, held = _parted(held, shape)
            yield rows
            del rows  # or it would be held beside the next
            pa.default_memory_pool().release_unused()
    if any(it.num_rows for it in held):
        yield _in_microseconds(pa.Table.from_batches(held), shape.columns)


def _parted(held: list[pa.RecordBatch], shape: Shape) -> tuple[pa.Table, list[pa.RecordBatch]]:
    """The rows but those of the last day, and these; of a day that is a good part of all nothing waits."""
    rows = pa.Table.from_batches(held)
    if shape.day_of is not None:
        days = pc.floor_temporal(rows[shape.day_of], unit="day")
        last = pc.equal(days, pc.max(days))
        waiting = rows.filter(last)
        if waiting.nbytes <= CHUNK_BYTES * MOST_WAITING and len(waiting) < len(rows):
            return _in_microseconds(rows.filter(pc.invert(last)), shape.columns), waiting.to_batches()
    return _in_microseconds(rows, shape.columns), []


def _in_microseconds(rows: pa.Table, columns: pa.Schema) -> pa.Table:
    """Iceberg's times are microseconds, and pyiceberg takes the day of no others."""
    fields = [it.with_type(pa.timestamp("us")) if pa.types.is_timestamp(it.type) else it for it in columns]
    return rows.cast(pa.schema(fields))
