"""What no way from a gzipped log to Parquet can do without, at its plainest: unpack, read the fields, write them.

Python's own gunzip, Arrow's own reader for the fields that Firn reads too, zstd Parquet of these as Arrow writes it;
nothing is decoded. v2 JSON has ten such fields; legacy logs have nine, and here a tenth that Firn passes over.
"""

import gzip
from collections.abc import Callable, Mapping

import pyarrow as pa
import pyarrow.csv
import pyarrow.json
import pyarrow.parquet as pq

from pipeline.access_log.fields import FIELDS
from pipeline.access_log.w3c import LEGACY

BLOCK = 16 << 20  # bytes
HEADER_LINES = 2
OF_JSON = tuple(it for it in FIELDS if it not in {"date", "time", "c-ip"})
OF_LEGACY = tuple(it for it in LEGACY if it in FIELDS or it == "x-edge-location")


def from_json(data: bytes) -> pa.Table:
    """The fields of v2 JSON lines."""
    schema = pa.schema([(name, pa.string()) for name in OF_JSON])
    return pyarrow.json.read_json(
        pa.BufferReader(data),
        pyarrow.json.ReadOptions(use_threads=False, block_size=BLOCK),
        pyarrow.json.ParseOptions(explicit_schema=schema, unexpected_field_behavior="ignore"),
    )


def from_legacy(data: bytes) -> pa.Table:
    """The fields of lines in the layout of 33 columns."""
    return pyarrow.csv.read_csv(
        pa.BufferReader(data),
        pyarrow.csv.ReadOptions(use_threads=False, block_size=BLOCK, column_names=LEGACY, skip_rows=HEADER_LINES),
        pyarrow.csv.ParseOptions(delimiter="\t", quote_char=False),
        pyarrow.csv.ConvertOptions(include_columns=OF_LEGACY, column_types=dict.fromkeys(OF_LEGACY, pa.string())),
    )


READERS: Mapping[str, Callable[[bytes], pa.Table]] = {"json": from_json, "legacy": from_legacy}


def floor(packed: bytes, layout: str) -> int:
    """Write the gzipped log's fields to memory, and return how many lines they are of."""
    table = READERS[layout](gzip.decompress(packed))
    pq.write_table(table, pa.BufferOutputStream(), compression="zstd")
    return len(table)
