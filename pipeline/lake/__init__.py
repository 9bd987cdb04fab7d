"""Batches of events and bad rows go in, rows for the queries come out; between them lie two Iceberg tables.

Written by replacing: all rows of the raw objects of a run go out and the new ones come in, in one atomic commit a
table. So redelivery, retry and two runs at once all end in the same table (guarantee G1).
"""

import random
import time
import warnings
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TypeVar

import pyarrow as pa
from pyiceberg.catalog import Catalog
from pyiceberg.exceptions import CommitFailedException, NoSuchTableError, ValidationException
from pyiceberg.expressions import AlwaysFalse, AlwaysTrue, BooleanExpression, In, Or
from pyiceberg.table import Table

from pipeline.errors import UserError
from pipeline.lake.layout import METRICS, TABLES, Shape, iceberg_schema, names_and_types, partitions, properties
from pipeline.lake.parquet import use_our_parquet
from pipeline.lake.spool import Rows, Spools, chunks, spooled

__all__ = ["TABLES", "Lake", "LakeBusy", "Rows", "Shape", "opened", "prepared", "replace", "scan"]

# One for each attempt; after the last there is nothing to wait for.
LONGEST_WAITS_SECONDS = (0.2, 0.4, 0.8, 1.6, 0)
# Past 200 values pyiceberg no longer compares an `In` with a file's bounds, and would read every file.
IN_LIMIT = 200
EVERY_ROW = AlwaysTrue()
# What SQLite says of a disk; its errors are told by their text, since SQLAlchemy is no part of the Lambda zip.
UNWRITABLE = ("database or disk is full", "readonly database", "disk I/O error")
T = TypeVar("T")

use_our_parquet()


class LakeBusy(UserError):  # noqa: N818 (a state that passes, not a mistake)
    """Other runs kept changing the same rows; nothing is lost, the same replace can be run again later."""


def never(_error: Exception) -> bool:
    """No error passes."""
    return False


@dataclass(frozen=True)
class Lake:
    """The tables `events` and `bad_rows`, as one catalog names them in the database (or namespace) `database`."""

    catalog: Catalog
    database: str
    passes: Callable[[Exception], bool] = never
    """Which of the catalog's own errors may not come again; what it did before it may have been done, or not."""

    def table(self, name: str) -> Table:
        """The table as it is now: load it once for all that must fit together.

        Raises UserError where its properties would let two runs collide.
        """
        table = self.catalog.load_table((self.database, name))
        _check_metrics(table, name)
        return table


def prepared(lake: Lake) -> Lake:
    """The same lake, its tables made where missing and grown by the columns that this release adds.

    Raises UserError where this release cannot use them.
    """
    return _fitted(lake, _made)


def opened(lake: Lake) -> Lake:
    """The same lake, its tables grown by the columns that this release adds: for who may change tables, not make them.

    Raises UserError where one is missing, or this release cannot use it.
    """
    return _fitted(lake, _there)


def replace(lake: Lake, raw_objects: Sequence[str], batches: Iterable[Rows]) -> None:
    """Put the batches' rows in the place of all rows of these raw objects, in one commit a table.

    The batches are read once, into a temporary file, so memory is bounded and a retry transforms nothing again.
    Raises LakeBusy when other runs got in between five times.
    """
    with spooled(raw_objects, batches) as spools:
        _again_while_busy(lake, partial(_replace, lake, _rows_of(raw_objects), spools))


def scan(lake: Lake, name: str, columns: Sequence[str] = (), where: str | BooleanExpression = EVERY_ROW) -> pa.Table:
    """The rows of table `name` that `where` picks, in no order; all columns unless some are named."""
    schema = TABLES[name].columns
    wanted = pa.schema([schema.field(column) for column in columns or schema.names])
    rows = lake.table(name).scan(row_filter=where, selected_fields=tuple(wanted.names)).to_arrow()
    return rows.select(wanted.names).cast(wanted)


# Laying the tables down


def _fitted(lake: Lake, found: Callable[[Lake, str], Table]) -> Lake:
    for name in TABLES:
        _again_while_busy(lake, partial(_fit, lake, name, found))
    return lake


def _fit(lake: Lake, name: str, found: Callable[[Lake, str], Table]) -> None:
    table, shape = found(lake, name), TABLES[name]
    there, here = names_and_types(table.schema()), names_and_types(iceberg_schema(shape.columns))
    _check_known(there - here, name)
    if here - there:
        with table.update_schema() as change:
            change.union_by_name(shape.columns)


def _made(lake: Lake, name: str) -> Table:
    try:
        return lake.table(name)
    except NoSuchTableError:
        schema = iceberg_schema(TABLES[name].columns)
        days, settings = partitions(schema, TABLES[name]), properties(TABLES[name])
        return lake.catalog.create_table_if_not_exists(
            (lake.database, name), schema, partition_spec=days, properties=settings
        )


def _there(lake: Lake, name: str) -> Table:
    try:
        return lake.table(name)
    except NoSuchTableError as error:
        raise UserError(
            f"The lake has no table {name} in {lake.database}: invoke the function that maintains it, which makes it."
        ) from error


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
        _replace_in(lake.table(name), where, chunks(spool, TABLES[name]))


def _replace_in(table: Table, where: BooleanExpression, chunks: Iterable[pa.Table]) -> None:
    with warnings.catch_warnings(), table.transaction() as change:
        # The delete stays where it matches nothing, the usual case: by its filter the commit finds out that another
        # run has put rows of the same raw object in since, which an append alone would double.
        warnings.filterwarnings("ignore", "Delete operation did not match any records")
        change.delete(where)
        for chunk in chunks:
            change.append(chunk)
            del chunk  # or it would be held beside the next


def _again_while_busy(lake: Lake, act: Callable[[], T]) -> T:
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
            if not (isinstance(error, CommitFailedException | ValidationException) or lake.passes(error)):
                raise
            busy = error
        time.sleep(random.uniform(0, longest_wait))  # noqa: S311 (no secret hangs on it)
    raise LakeBusy("Other runs keep changing the lake: wait for them to end, then run this again.") from busy
