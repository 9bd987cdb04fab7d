"""Self-describing values against the owner's own schemas: what does not fit makes a failure, and the data is kept.

A value whose schema the owner does not have passes, and is counted.
"""

import json
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

import pyarrow as pa

from enrich.step import Columns, Failure
from pipeline.json_schema import misfit

Schemas = Mapping[str, str]
"""The schemas' texts, by `iglu:vendor/name/format/version`."""

COUNT = "unknown_schemas"


def checked(sent: Mapping[str, tuple[str, pa.Array]], rows: int, schemas: Schemas) -> Columns:
    """How many values of each row have an unknown schema, and what does not fit.

    `sent` has for each parameter its column, and its values on the rows where that column is the parameter's own.
    """
    failures: list[Failure] = []
    unknown: Counter[int] = Counter()
    for parameter, (column, texts) in sent.items() if schemas else ():
        for row, text in ((row, text) for row, text in enumerate(texts.to_pylist()) if text is not None):
            for value in self_describing(text):
                if value["schema"] not in schemas:
                    unknown[row] += 1
                elif error := misfit(schemas[value["schema"]])(value["data"]):
                    failures.append(Failure(row, column, parameter, json.dumps(value), f"{value['schema']}: {error}"))
    counts = pa.array(map(unknown.get, range(rows)), pa.int32()) if unknown else pa.nulls(rows, pa.int32())
    return pa.table({COUNT: counts}), failures


def self_describing(text: str) -> Iterator[dict[str, Any]]:
    """The values in an envelope of contexts, or the one in that of an event; their structure has been checked."""
    data = json.loads(text)["data"]
    yield from data if isinstance(data, list) else [data]
