"""Events whose text may be too long → the same, cut to the columns' limits, with a failure for each cut.

Lengths are counted in UTF-16 code units, as Snowplow counts them.
"""

from collections.abc import Iterator
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from enrich import ENRICHMENTS
from enrich.campaign import parameter_of
from enrich.cross_navigation import DECORATION
from enrich.fingerprint import SEPARATOR
from enrich.rules import Rules
from enrich.step import Columns, Failure
from enrich.words import in_one, plain
from pipeline.protocol import FROM_LOG, of_words
from pipeline.protocol.parameters import PARAMETERS, Parameter
from pipeline.schema.columns import EVENTS

LIMITS = {it.name: it.limit for it in EVENTS if it.limit is not None}
READ_BY = {column: step.reads for step in ENRICHMENTS for column in step.writes}
SENT_AS = {name: [it for it in PARAMETERS if name in it.columns] for by in PARAMETERS for name in by.columns}
CAMPAIGN = next(step.writes for step in ENRICHMENTS if step.name == "campaign")
DECORATED = next(step.writes for step in ENRICHMENTS if step.name == "cross_navigation")


def cut(events: pa.Table, rules: Rules) -> Columns:
    """Each text no longer than its column's limit; a pair of surrogates is never parted."""
    failures: list[Failure] = []
    for name, limit in ((name, LIMITS[name]) for name in events.column_names if name in LIMITS):
        column = in_one(events[name])
        words = column.dictionary if pa.types.is_dictionary(column.type) else column
        if words.nbytes <= limit or (pc.max(pc.binary_length(words)).as_py() or 0) <= limit:
            continue
        texts = plain(column)
        long = pc.greater(pc.binary_length(texts), limit).fill_null(fill_value=False)  # never fewer bytes than units
        rows = [row for row in pc.indices_nonzero(long).to_pylist() if units(texts[row].as_py()) > limit]
        if rows:
            failures += cuts(name, limit, rows, events, rules)
            here = pc.is_in(pa.array(range(len(texts))), pa.array(rows))
            short = pa.array([start(texts[row].as_py(), limit) for row in rows], pa.string())
            at = events.column_names.index(name)
            events = events.set_column(at, name, pc.replace_with_mask(texts, here, short))
    return events, failures


def units(text: str) -> int:
    """The text's length in UTF-16 code units."""
    return len(text.encode("utf-16-le")) // 2


def start(text: str, limit: int) -> str:
    """The text's first `limit` code units, or one fewer where that would part a pair."""
    return text.encode("utf-16-le")[: 2 * limit].decode("utf-16-le", errors="ignore")


def cuts(name: str, limit: int, rows: list[int], events: pa.Table, rules: Rules) -> Iterator[Failure]:
    """A failure for each row that is cut, under the name that the text came in."""
    for row in rows:
        text = events[name][row].as_py()
        event = {column: events[column][row].as_py() for column in ("sent", *READ_BY.get(name, ()))}
        yield Failure(row, name, source(name, text, event, rules), text, f"longer than {limit}; cut")


def source(column: str, text: str, event: dict[str, Any], rules: Rules) -> str:
    """The parameter, the log's field, or for campaign and decoration the name in the page's query."""
    if column in CAMPAIGN:
        return parameter_of(column, event["page_urlquery"], rules=rules)
    if column in DECORATED:
        return DECORATION
    there = [name for name in READ_BY.get(column, ()) if event.get(name) is not None]
    read = next((name for name in there if text in event[name]), next(iter(there), column))
    return sent_as(read, event["sent"]) or FROM_LOG.get(read, read)


def sent_as(column: str, canonical: str) -> str | None:
    """The first of the column's parameters whose text is a value; None for a column without any."""
    by = SENT_AS.get(column, ())
    return next((it.name for it in by if fills(it, column, canonical)), by[0].name if by else None)


def fills(parameter: Parameter, column: str, canonical: str) -> bool:
    """Whether what was sent has a value for the column under the parameter's name."""
    _, _, after = (SEPARATOR + canonical).partition(f"{SEPARATOR}{parameter.name}{SEPARATOR}")
    columns, _ = of_words(parameter, pa.array([after.partition(SEPARATOR)[0]]))
    return columns[column][0].is_valid  # type: ignore[no-any-return]
