"""What became of each line of a raw log → one JSON object for it: the contract of `firn inspect`."""

import json
import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import pyarrow as pa

from pipeline.schema.columns import EVENTS, Kind
from pipeline.transform import BAD_ROW, EVENT, IGNORED, Batch

BEYOND_ASCII = re.compile(r"[^\x00-\x7f]+")
DELETE = "\x7f"  # the one control character that JSON lets stand in a text
LEFT_OUT = frozenset({"etl_tstamp", "failures"})


def one_line(text: str) -> str:
    """JSON text in ASCII without line breaks, which can only stand between its tokens; some take U+2028 for one too."""
    text = text.replace("\n", " ").replace("\r", " ")
    return text if text.isascii() else BEYOND_ASCII.sub(lambda it: json.dumps(it[0])[1:-1], text)


AS_JSON: Mapping[Kind, Callable[[Any], str]] = {
    "text": json.dumps,
    "int": str,
    "long": str,
    "double": json.dumps,
    "money": str,
    "bool": json.dumps,
    "time": json.dumps,
    "json": one_line,
}
SHOWN = [it for it in EVENTS if it.name not in LEFT_OUT]


def lines_of(batch: Batch, file: str | None) -> Iterator[str]:
    """The objects, in the order of the lines; with `file` where it is given."""
    objects = [
        *event_objects(batch.events),
        *other_objects(batch.bad_rows, BAD_ROW),
        *other_objects(batch.ignored, IGNORED),
    ]
    start = "" if file is None else f'"file": {json.dumps(file)}, '
    for _, text in sorted(objects):
        yield ("{" + start + text + "}").replace(DELETE, "\\u007f")


def event_objects(events: pa.Table) -> Iterator[tuple[int, str]]:
    """Each event's line, and its object without the braces."""
    columns = [(it.name, AS_JSON[it.kind], values_of(events[it.name])) for it in SHOWN]
    failures = events["failures"].to_pylist()
    for row, line in enumerate(events["raw_line"].to_pylist()):
        event = ", ".join(
            f'"{name}": {as_json(value)}' for name, as_json, values in columns if (value := values[row]) is not None
        )
        yield line, told(line, EVENT, None, "{" + event + "}", failures[row] or "[]")


def other_objects(rows: pa.Table, status: str) -> Iterator[tuple[int, str]]:
    """The same of lines that are no events."""
    for line, reason in zip(rows["raw_line"].to_pylist(), rows["reason"].to_pylist(), strict=True):
        yield line, told(line, status, reason, "{}", "[]")


def told(line: int, status: str, reason: str | None, event: str, failures: str) -> str:
    """The members of one object, in the contract's order."""
    return (
        f'"line": {line}, "status": {json.dumps(status)}, "reason": {json.dumps(reason)}, '
        f'"event": {event}, "failures": {failures}'
    )


def values_of(column: pa.ChunkedArray) -> list[Any]:
    """The column's values; times as text."""
    return (column.cast(pa.string()) if pa.types.is_timestamp(column.type) else column).to_pylist()  # type: ignore[no-any-return]
