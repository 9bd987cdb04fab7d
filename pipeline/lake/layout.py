"""How the tables lie in Iceberg: their columns, the days by which they are partitioned, their properties."""

from functools import cache
from typing import NamedTuple

import pyarrow as pa
from pyiceberg.io.pyarrow import pyarrow_to_schema
from pyiceberg.partitioning import UNPARTITIONED_PARTITION_SPEC, PartitionField, PartitionSpec
from pyiceberg.schema import Schema
from pyiceberg.transforms import DayTransform

from pipeline.schema import BAD_ROWS_SCHEMA, EVENTS_SCHEMA


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


@cache
def iceberg_schema(columns: pa.Schema) -> Schema:
    """The columns numbered from 1, as Iceberg numbers them; pyiceberg makes partitions of numbered columns only."""
    numbered = [
        field.with_metadata({**field.metadata, "PARQUET:field_id": str(number)})
        for number, field in enumerate(columns, start=1)
    ]
    return pyarrow_to_schema(pa.schema(numbered))


def partitions(schema: Schema, shape: Shape) -> PartitionSpec:
    """By the days of the shape's time, or not at all."""
    if shape.day_of is None:
        return UNPARTITIONED_PARTITION_SPEC
    source = schema.find_field(shape.day_of).field_id
    return PartitionSpec(PartitionField(source, 1000, DayTransform(), f"{shape.day_of}_day"))


def properties(shape: Shape) -> dict[str, str]:
    """PROPERTIES, and whole bounds of the columns in BOUNDED."""
    return PROPERTIES | {METRICS + column: "full" for column in BOUNDED if column in shape.columns.names}


def names_and_types(schema: Schema) -> set[tuple[str, str]]:
    """What two releases must agree on, column by column."""
    return {(field.name, str(field.field_type)) for field in schema.fields}
