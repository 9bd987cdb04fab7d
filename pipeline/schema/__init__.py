"""The tables of columns as Arrow schemas; `pipeline.lake` lays its Iceberg tables down from these.

A time is a `timestamp` in milliseconds, UTC, without a zone, since Athena refuses zoned ones in views. JSON is text.
"""

import pyarrow as pa

from pipeline.schema.columns import BAD_ROWS, EVENTS, Column, Kind

ARROW: dict[Kind, pa.DataType] = {
    "text": pa.string(),
    "int": pa.int32(),
    "long": pa.int64(),
    "double": pa.float64(),
    "money": pa.decimal128(18, 2),
    "bool": pa.bool_(),
    "time": pa.timestamp("ms"),
    "json": pa.string(),
}


def arrow_schema(columns: tuple[Column, ...]) -> pa.Schema:
    """The columns' Arrow schema, each field with its meaning under the key `doc`, as pyiceberg reads it."""
    return pa.schema([pa.field(it.name, ARROW[it.kind], metadata={"doc": it.meaning}) for it in columns])


EVENTS_SCHEMA: pa.Schema = arrow_schema(EVENTS)
BAD_ROWS_SCHEMA: pa.Schema = arrow_schema(BAD_ROWS)
