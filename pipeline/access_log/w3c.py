"""Lines of a W3C log, legacy or v2 → their fields, by the names that the `#Fields:` line before them gives.

Source: CloudFront developer guide, "Standard logging reference", and the layouts' history in its revisions: fields have
only ever been appended, so that of a line without header the number of its values tells the names.
"""

import re
from itertools import accumulate
from typing import NamedTuple

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv

from pipeline.access_log.fields import FIELDS, marked, with_fields
from pipeline.access_log.lines import Block

LEGACY: tuple[str, ...] = (
    *("date", "time", "x-edge-location", "sc-bytes", "c-ip", "cs-method", "cs(Host)", "cs-uri-stem", "sc-status"),
    *("cs(Referer)", "cs(User-Agent)", "cs-uri-query"),  # 12, until September 2012
    *("cs(Cookie)", "x-edge-result-type", "x-edge-request-id"),  # 15
    *("x-host-header", "cs-protocol", "cs-bytes"),  # 18, October 2013
    "time-taken",  # 19, April 2014
    *("x-forwarded-for", "ssl-protocol", "ssl-cipher", "x-edge-response-result-type"),  # 23, July 2015
    "cs-protocol-version",  # 24, September 2016
    *("fle-status", "fle-encrypted-fields"),  # 26
    *("c-port", "time-to-first-byte", "x-edge-detailed-result-type"),
    *("sc-content-type", "sc-content-len", "sc-range-start", "sc-range-end"),  # 33, December 2019
)
FIELDS_LINE = "#Fields:"
ESCAPED = (b"#", b"{")  # in all values, so that they begin another kind of line; alone they are found at once
SHORTEST = 12
TAB = "\t"
# Tab is CloudFront's own; v2 lets the owner choose, up to five characters. The longer ones hold what CloudFront escapes
# in values, so that they are no accident.
DELIMITERS = (TAB, "||", ", ", "; ", "  ", ",", " ", ";", "|")
AGENT = "cs(User-Agent)"
EMPTY_ONES_BEYOND = rf"^((?:[^\t]*\t){{{len(LEGACY) - 1}}}[^\t]*)\t+$"
TIME, METHOD = r"^[^\s,;|]*[0-9][^\s,;|]*$", r"^[A-Za-z][A-Za-z-]*$"
NO_NAME = re.compile(r"[\s,;|]+")

Layout = tuple[str, ...] | None
"""The names that a header gave, or None where there was none."""


class Header(NamedTuple):
    """The lines with `#` at the start of a block: the layout that rules after them, how many they are, their bytes."""

    layout: Layout
    lines: int
    size: int


def header_of(data: bytes, before: Layout) -> Header:
    """The header at the start of `data`."""
    layout, lines, size = before, 0, 0
    while data.startswith(b"#", size):
        end = data.find(b"\n", size) + 1 or len(data)
        if data.startswith(FIELDS_LINE.encode(), size):
            layout = layout_of(data[size:end].decode(errors="replace"))
        lines, size = lines + 1, end
    return Header(layout, lines, size)


def whole(block: Block, header: Header) -> pa.Table | None:
    """The fields of all lines after the header; None where any has not as many values as there are names.

    Or where any may be a header or JSON. Between the values are tabs, as CloudFront writes them.
    """
    names = header.layout or ()
    places = {name: str(names.index(name)) for name in FIELDS if name in names}
    lines = block.lines - header.lines
    if not places or not lines or any(block.data.find(mark, header.size) >= 0 for mark in ESCAPED):
        return None
    try:
        read = pyarrow.csv.read_csv(
            pa.BufferReader(pa.py_buffer(block.data).slice(header.size)),
            pyarrow.csv.ReadOptions(
                use_threads=False, block_size=len(block.data), column_names=[str(at) for at in range(len(names))]
            ),
            pyarrow.csv.ParseOptions(delimiter=TAB, quote_char=False, ignore_empty_lines=False),
            pyarrow.csv.ConvertOptions(
                check_utf8=False,  # it is ASCII
                include_columns=list(places.values()),
                column_types=dict.fromkeys(places.values(), pa.string()),
            ),
        )
    except pa.ArrowInvalid:
        return None
    return read.rename_columns(list(places)) if len(read) == lines else None


def by_layout(lines: pa.Table, before: Layout) -> tuple[list[tuple[pa.Table, Layout]], Layout]:
    """The lines that are no headers, under the layout that rules each, and the layout that rules after them all."""
    header = pc.starts_with(lines["text"], "#")
    if not pc.any(header).as_py():
        return [(lines, before)], before
    names = pc.starts_with(lines["text"], FIELDS_LINE)
    by_run = [before, *(layout_of(text) for text in lines["text"].filter(names).to_pylist())]
    number = {layout: at for at, layout in enumerate(dict.fromkeys(by_run))}
    run = pc.cumulative_sum(names.cast(pa.int64())).combine_chunks()
    ruled = pa.array([number[layout] for layout in by_run]).take(run)
    data = pc.invert(header)
    return grouped(lines.filter(data), ruled.filter(data.combine_chunks()), list(number)), by_run[-1]


def layout_of(header: str) -> Layout:
    """The names that a `#Fields:` line gives; those of fields that nobody reads are left out, their places are not."""
    names = NO_NAME.split(header.removeprefix(FIELDS_LINE).strip())
    return tuple(name if name in FIELDS else "" for name in names)


def grouped(lines: pa.Table, ruled: pa.Array, layouts: list[Layout]) -> list[tuple[pa.Table, Layout]]:
    """The lines of each layout that rules any, in one pass however many layouts there are."""
    order = pc.sort_indices(ruled)
    lines, counts = lines.take(order), pc.value_counts(ruled.take(order)).to_pylist()
    starts = accumulate((it["counts"] for it in counts), initial=0)
    parts = [(lines.slice(at, it["counts"]), layouts[it["values"]]) for at, it in zip(starts, counts, strict=False)]
    return parts or [(lines, layouts[0])]


def fields(lines: pa.Table, layout: Layout) -> list[pa.Table]:
    """The lines with their fields; those that the layout does not fit are marked as no log line."""
    if layout is None:
        return legacy(lines)
    parts = []
    for delimiter in DELIMITERS:
        here, lines = delimited(lines, delimiter, layout)
        parts.append(here)
        if not len(lines):
            return parts
    return [*parts, no_log_lines(lines)]


def delimited(lines: pa.Table, delimiter: str, layout: tuple[str, ...]) -> tuple[pa.Table, pa.Table]:
    """The lines that have a value for each name, with their fields, and the other lines as they are."""
    surplus = pc.subtract(pc.count_substring(lines["text"].combine_chunks(), delimiter), len(layout) - 1)
    newer = delimiter == TAB or AGENT in layout  # a newer log may hold more
    fit = pc.greater_equal(surplus, 0) if newer else pc.equal(surplus, 0)
    here = lines.filter(fit)
    if delimiter == TAB:
        found = named(here, pc.split_pattern(here["text"].combine_chunks(), TAB), layout)
        chance = pc.and_(pc.greater(surplus.filter(fit), 0), misplaced(found))
    else:
        found = around_the_agent(here, delimiter, layout)
        has_tab = pc.match_substring(found["text"], TAB)  # which delimits if it is there at all
        chance = pc.or_(has_tab, misplaced(found))
    meant = pc.invert(chance).combine_chunks()
    return found.filter(meant), lines.filter(pc.invert(pc.replace_with_mask(fit, fit, meant)))


def around_the_agent(lines: pa.Table, delimiter: str, layout: tuple[str, ...]) -> pa.Table:
    """The lines with their fields; values in surplus are the user agent's.

    CloudFront escapes no `,` or `;` in a value, and agents hold them: so what stands before the agent is counted from
    the left, what stands after it from the right.
    """
    at = layout.index(AGENT) if AGENT in layout else len(layout) - 1
    left = pc.split_pattern(lines["text"].combine_chunks(), delimiter, max_splits=at)
    right = pc.split_pattern(pc.list_element(left, at), delimiter, max_splits=len(layout) - 1 - at, reverse=True)
    return with_fields(lines, pa.table(by_name(right, layout[at:]) | by_name(left, layout[:at])))


def misplaced(found: pa.Table) -> pa.Array:
    """Which lines hold no time or method where they should be."""
    time = pc.binary_join_element_wise(found["timestamp(ms)"], found["date"], "", null_handling="replace")
    fits = pc.and_(pc.match_substring_regex(time, TIME), pc.match_substring_regex(found["cs-method"], METHOD))
    return pc.invert(fits.fill_null(fill_value=False))


def legacy(lines: pa.Table) -> list[pa.Table]:
    """Lines that no header rules, each by the number of its values; beyond the last name empty ones do not count."""
    text = lines["text"].combine_chunks()
    if pc.any(pc.ends_with(text, TAB)).as_py():
        text = pc.replace_substring_regex(text, EMPTY_ONES_BEYOND, r"\1")
    values = pc.split_pattern(text, TAB)
    width = pc.list_value_length(values)
    known = [it for it in pc.unique(width).to_pylist() if SHORTEST <= it <= len(LEGACY)]
    others = pc.invert(pc.is_in(width, pa.array(known, width.type)))
    here = [(pc.equal(width, it), LEGACY[:it]) for it in known]
    return [*(named(lines.filter(at), values.filter(at), it) for at, it in here), no_log_lines(lines.filter(others))]


def named(lines: pa.Table, values: pa.Array, layout: tuple[str, ...]) -> pa.Table:
    """The lines with their values under the layout's names."""
    return with_fields(lines, pa.table(by_name(values, layout)))


def by_name(values: pa.Array, layout: tuple[str, ...]) -> dict[str, pa.Array]:
    """What each name of FIELDS in the layout stands for."""
    return {name: pc.list_element(values, layout.index(name)) for name in FIELDS if name in layout}


def no_log_lines(lines: pa.Table) -> pa.Table:
    """The lines, marked as such."""
    return marked(with_fields(lines, pa.table({})), "not_a_log_line")
