"""How the lake's Parquet files are written: small, and with no more statistics than are asked for.

Of what repeats (nearly everything) each file holds a dictionary; what never does, ids and hashes, goes without; times
and line numbers, which lie close together in the order of the log, are kept as differences.
Source: Parquet's page "Encodings"; Trino, and with it Athena, reads them all.
"""

from typing import Any

import pyarrow as pa
from pyiceberg.io.fileformat import FileFormatFactory
from pyiceberg.io.pyarrow import ParquetFormatModel, ParquetFormatWriter
from pyiceberg.manifest import FileFormat

from pipeline.lake.layout import BOUNDED

UNIQUE = ("event_id", "event_fingerprint")
IN_ORDER = ("raw_line",)


def options(schema: pa.Schema) -> dict[str, Any]:
    """What `pyarrow.parquet.ParquetWriter` is to be told for rows of that schema."""
    close = {it.name for it in schema if it.name in IN_ORDER or pa.types.is_timestamp(it.type)}
    encoded = dict.fromkeys(close, "DELTA_BINARY_PACKED") | dict.fromkeys(UNIQUE, "DELTA_LENGTH_BYTE_ARRAY")
    return {
        "compression": "zstd",
        "store_schema": False,  # a second copy of what Iceberg knows, with the meaning of each column
        "column_encoding": {name: encoding for name, encoding in encoded.items() if name in schema.names},
        "use_dictionary": [name for name in schema.names if name not in encoded],
        "write_statistics": [name for name in schema.names if name in BOUNDED],
    }


class Writer(ParquetFormatWriter):
    """pyiceberg's writer, told our options: of a table's properties it knows none for encodings."""

    def write(self, table: pa.Table) -> None:
        """Write all rows of one file; a column that is null in all of them is left out, as Iceberg allows."""
        filled = table.select([it.name for it in table.schema if table[it.name].null_count < len(table)])
        self._parquet_writer_kwargs |= options(filled.schema)
        super().write(filled)


class Model(ParquetFormatModel):
    """Parquet as pyiceberg is to write it."""

    def create_writer(self, *arguments: Any) -> Writer:  # noqa: ANN401 (they are the parent's)
        """A writer of one file."""
        return Writer(*arguments)


def use_our_parquet() -> None:
    """Let pyiceberg write its data files so; it has one writer a format, for the whole process."""
    FileFormatFactory._registry[FileFormat.PARQUET] = Model()  # noqa: SLF001 (`register` refuses a second one)
