"""Log bytes, plain or gzipped, in any of CloudFront's layouts → requests, one row for each data line.

Source: CloudFront developer guide, "Standard logging reference" (legacy and v2).
"""

from collections.abc import Iterable, Iterator

import pyarrow as pa
import pyarrow.compute as pc

from pipeline.access_log import json_lines, w3c
from pipeline.access_log.escapes import unescaped
from pipeline.access_log.fields import with_fields
from pipeline.access_log.lines import (
    Block,
    Unreadable,
    as_utf8,
    blocks,
    data_lines,
    is_simple,
    without_mark,
    without_text,
)
from pipeline.access_log.times import collector_tstamp

__all__ = ["Unreadable", "requests"]

ALWAYS = ("cs-method", "cs-uri-stem", "collector_tstamp")  # without one of them a line may be a bad row


def requests(chunks: Iterable[bytes]) -> Iterator[pa.Table]:
    """The data lines of one raw object, in order, block by block.

    Each table has `line` (int64, counted from 1), `text` (the line), `length` (its bytes), `fault` (why it is no log
    line, or null), `collector_tstamp` (milliseconds, UTC) and each field of `FIELDS` under CloudFront's name: text with
    the log's own escapes undone, as words where few are alone of their kind, null where the line has none. Of lines
    that hold all that an event must have, `text` and `length` may be null.

    Raises:
        Unreadable: the bytes end too early or are damaged; what could be read has been given before.
    """
    layout: w3c.Layout = None
    for block in map(without_mark, blocks(chunks)):
        known, layout = of_block(block, layout)
        del block  # nobody needs it while others work on what was read
        yield known
        del known


def of_block(block: Block, before: w3c.Layout) -> tuple[pa.Table, w3c.Layout]:
    """The requests of one block, and the layout that rules after it."""
    header = w3c.header_of(block.data, before)
    if (whole := at_once(block, header)) is not None:
        return whole, header.layout
    parts, layout = closely(block, before)
    return with_time(unescaped(in_order(parts))), layout


def at_once(block: Block, header: w3c.Header) -> pa.Table | None:
    """The block's lines as one of Arrow's readers takes them all in; None where any has to be looked at closely.

    Their texts are left null: no line is a bad row here, and of an event nobody asks for its line.
    """
    if not is_simple(block):
        return None
    read = json_lines.whole(block) if block.data.startswith(b"{") else w3c.whole(block, header)
    if read is None:
        return None
    numbers = pa.array(range(block.first + header.lines, block.first + header.lines + len(read)), pa.int64())
    known = with_time(unescaped(with_fields(without_text(numbers), read)))
    return known if all(known[name].null_count == 0 for name in ALWAYS) else None


def closely(block: Block, layout: w3c.Layout) -> tuple[list[pa.Table], w3c.Layout]:
    """The block's lines with their texts, by what each of them is, and the layout that rules after them."""
    lines = data_lines(block)
    in_json = pc.starts_with(lines["text"], "{")
    if pc.all(in_json).as_py() and not block.left_out:
        return json_lines.fields(lines, as_utf8(block.data)), layout
    runs, layout = w3c.by_layout(lines.filter(pc.invert(in_json)), layout)
    kinds = [json_lines.fields(lines.filter(in_json)), *(w3c.fields(run, names) for run, names in runs)]
    return [part for kind in kinds for part in kind], layout


def in_order(parts: list[pa.Table]) -> pa.Table:
    """The parts of a block as one table, by line."""
    full = [part for part in parts if len(part)] or parts[:1]
    return full[0] if len(full) == 1 else pa.concat_tables(full).sort_by("line").combine_chunks()


def with_time(requests: pa.Table) -> pa.Table:
    """The requests with `collector_tstamp`."""
    fields = (requests[name].combine_chunks() for name in ("timestamp(ms)", "date", "time"))
    return requests.append_column("collector_tstamp", collector_tstamp(*fields))
