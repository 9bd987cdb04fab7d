"""Lines of a v2 JSON log → their fields.

Source: CloudFront developer guide, "Standard logging reference": one object a line, every value text.
"""

import json
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.json

from pipeline.access_log.fields import FIELDS, marked, with_fields
from pipeline.access_log.lines import Block

SCHEMA: pa.Schema = pa.schema([(name, pa.string()) for name in FIELDS])
FEW = 64
BLANKS = " \t\r"  # which JSON lets stand after an object
READER = json.JSONDecoder(strict=False, parse_int=str, parse_float=str)


def whole(block: Block) -> pa.Table | None:
    """The fields of all lines; None where any is no object, or not one alone from its first byte to its last."""
    if not each_in_braces(block.data):
        return None  # or an object could begin on one line and end on another
    read = read_json(block.data)
    return read if read is not None and len(read) == block.lines else None


def each_in_braces(data: bytes) -> bool:
    """Whether each line but the first begins with `{`, and each ends in `}`."""
    end = data.find(b"\n")
    while end >= 0:
        if data[end - 1 : end + 2] != b"}\n{":
            return False
        end = data.find(b"\n", end + 1)
    return data.endswith(b"}")


def fields(lines: pa.Table, data: bytes | None = None) -> list[pa.Table]:
    """The lines with their fields; those that are no JSON object are marked. `data` is their bytes where it is at hand.

    Lines that were cut short are set aside; among the others an object cannot begin on one line and end on another.
    """
    ended = pc.ends_with(pc.ascii_rtrim(lines["text"], BLANKS), "}")
    if pc.all(ended).as_py():
        return halved(lines, data)
    return [no_json(lines.filter(pc.invert(ended))), *halved(lines.filter(ended))]


def halved(lines: pa.Table, data: bytes | None = None) -> list[pa.Table]:
    """The same of lines that end as an object does.

    Arrow reads all lines at once or refuses them all; refused ones are halved until what is broken stands alone, and
    the last few are read one by one.
    """
    if not len(lines):
        return []
    read = at_once(lines["text"], data)
    if read is not None:
        return [with_fields(lines, read)]
    if len(lines) <= FEW:
        return one_by_one(lines)
    half = len(lines) // 2
    return halved(lines.slice(0, half)) + halved(lines.slice(half))


def at_once(text: pa.ChunkedArray, data: bytes | None = None) -> pa.Table | None:
    """The fields of all lines as Arrow's own reader finds them, or None where it stumbles over any."""
    read = read_json(data or "\n".join(text.to_pylist()).encode())
    return read if read is not None and len(read) == len(text) else None


def read_json(data: bytes) -> pa.Table | None:
    """The fields of as many objects as there are, or None where Arrow's reader stumbles."""
    try:
        return pyarrow.json.read_json(
            pa.BufferReader(data),
            read_options=pyarrow.json.ReadOptions(use_threads=False, block_size=len(data) + 1),
            parse_options=pyarrow.json.ParseOptions(explicit_schema=SCHEMA, unexpected_field_behavior="ignore"),
        )
    except pa.ArrowInvalid:
        return None


def one_by_one(lines: pa.Table) -> list[pa.Table]:
    """The same, line by line, with Python's reader: it takes numbers and nested values for their text."""
    read = [object_of(text) for text in lines["text"].to_pylist()]
    objects, broken = [it for it in read if it is not None], pa.array([it is None for it in read])
    values = {name: pa.array([text_of(it, name) for it in objects], pa.string()) for name in FIELDS}
    return [
        with_fields(lines.filter(pc.invert(broken)), pa.table(values)),
        no_json(lines.filter(broken)),
    ]


def no_json(lines: pa.Table) -> pa.Table:
    """The lines, marked as such."""
    return marked(with_fields(lines, pa.table({})), "not_json")


def object_of(text: str) -> dict[str, Any] | None:
    """The JSON object that the line is, or None; numbers stay text, and control characters may stand in texts."""
    try:
        value = READER.decode(text)
    except RecursionError:  # Arrow's reader goes down any depth
        read = at_once(pa.chunked_array([[text]]))
        value = read.to_pylist()[0] if read is not None else None
    except ValueError:
        return None
    return value if isinstance(value, dict) else None


def text_of(line: dict[str, Any], name: str) -> str | None:
    """The field's value as text; half of a surrogate pair, which only JSON can hold, becomes U+FFFD."""
    value = line.get(name)
    text = value if isinstance(value, str | None) else json.dumps(value)
    return text and text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
