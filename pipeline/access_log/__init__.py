"""Log bytes, plain or gzipped, in any of CloudFront's layouts → requests, one row for each data line.

Source: CloudFront developer guide, "Standard logging reference" (legacy and v2).
"""

from collections.abc import Iterable, Iterator

import pyarrow as pa
import pyarrow.compute as pc

from pipeline.access_log import json_lines, w3c
from pipeline.access_log.escapes import unescaped
from pipeline.access_log.lines import Unreadable, as_utf8, blocks, data_lines
from pipeline.access_log.times import collector_tstamp

__all__ = ["Unreadable", "requests"]


def requests(chunks: Iterable[bytes]) -> Iterator[pa.Table]:
    """The data lines of one raw object, in order, block by block.

    Each table has `line` (int64, counted from 1), `text` (the line), `length` (its bytes), `fault` (why it is no log
    line, or null), `collector_tstamp` (milliseconds, UTC) and each field of `FIELDS` under CloudFront's name: text with
    the log's own escapes undone, null where the line has none.

    Raises:
        Unreadable: the bytes end too early or are damaged; what could be read has been given before.
    """
    layout: w3c.Layout = None
    for block in blocks(chunks):
        lines = data_lines(block)
        in_json = pc.starts_with(lines["text"], "{")
        if pc.all(in_json).as_py() and not block.left_out:
            parts = json_lines.fields(lines, as_utf8(block.data))
        else:
            runs, layout = w3c.by_layout(lines.filter(pc.invert(in_json)), layout)
            kinds = [json_lines.fields(lines.filter(in_json)), *(w3c.fields(run, names) for run, names in runs)]
            parts = [part for kind in kinds for part in kind]
        yield with_time(unescaped(in_order(parts)))


def in_order(parts: list[pa.Table]) -> pa.Table:
    """The parts of a block as one table, by line."""
    full = [part for part in parts if len(part)] or parts[:1]
    return full[0] if len(full) == 1 else pa.concat_tables(full).sort_by("line").combine_chunks()


def with_time(requests: pa.Table) -> pa.Table:
    """The requests with `collector_tstamp`."""
    fields = (requests[name].combine_chunks() for name in ("timestamp(ms)", "date", "time"))
    return requests.append_column("collector_tstamp", collector_tstamp(*fields))
