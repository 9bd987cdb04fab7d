"""Snowplow's tracker protocol: requests → events, with the columns that the tracker itself filled.

Names of parameters are case-sensitive and unknown ones ignored; of a repeated one the last counts; `a` without `=` says
nothing, `a=` says the empty text. A value that cannot be read is null and makes a failure, never a loss.

Source: Snowplow's tracker protocol (docs.snowplow.io, "Snowplow tracker protocol").
"""

from collections.abc import Iterator
from typing import Any, NamedTuple
from uuid import UUID, uuid5

import pyarrow as pa
import pyarrow.compute as pc

from enrich.rules import Rules
from enrich.step import Columns, Failure
from pipeline.protocol.kinds import CONTEXTS, CONTEXTS_B64, UNSTRUCT, UNSTRUCT_B64, Kind
from pipeline.protocol.parameters import PARAMETERS, Parameter
from pipeline.protocol.query_columns import query_columns
from pipeline.protocol.schemas import COUNT, checked

FROM_LOG = {
    "collector_tstamp": "collector_tstamp",
    "raw_line": "line",
    "x_edge_request_id": "x-edge-request-id",
    "viewer_request_log_data": "viewer-request-log-data",
    "cs_referer": "cs(Referer)",
    "cs_user_agent": "cs(User-Agent)",
    "c_ip": "c-ip",
    "c_country": "c-country",
    "asn_field": "asn",
}
"""Columns that the log fills, under the names that AWS gives its fields in Parquet."""

LINES = UUID("226cc6b5-7cfe-5391-a985-3670ba0fe510")  # the name space of ids that are made from a log line
# All that the log tells of a request but the address: from an id, whoever knows the rest could find it out by trying.
MADE_OF = ("timestamp(ms)", "date", "time", "cs-method", "cs-uri-stem", "cs-uri-query", "cs(Referer)", "cs(User-Agent)")
COLLECTOR = "cloudfront"
SELF_DESCRIBING = (CONTEXTS, CONTEXTS_B64, UNSTRUCT, UNSTRUCT_B64)
NOTHING = pa.scalar(None, pa.string())


class Read(NamedTuple):
    """A text's value for each column, or why there is none."""

    values: tuple[Any, ...]
    error: str | None = None


def events(requests: pa.Table, rules: Rules) -> Columns:
    """One event for each request, in order: the parameters' columns and the log's.

    `event_id` is made from the log line where the tracker sent none, so that the same line always gives the same.
    """
    sent, canonical = query_columns(requests["cs-uri-query"].combine_chunks(), [it.name for it in PARAMETERS])
    columns = {name: pa.nulls(len(requests), it.kind.type) for it in PARAMETERS for name in it.columns}
    failures: list[Failure] = []
    described: dict[str, tuple[str, pa.Array]] = {}
    for parameter in (it for it in PARAMETERS if it.name in sent):
        filled, faults = columns_of(parameter, sent[parameter.name])
        if parameter.kind in SELF_DESCRIBING:
            (name,) = parameter.columns
            described[parameter.name] = name, pc.if_else(columns[name].is_null(), filled[name], NOTHING)
        columns |= {name: pc.coalesce(columns[name], values) for name, values in filled.items()}
        failures += faults
    failures += [*missing("e", "event", sent, pa.repeat(True, len(requests))), *without_payload(sent, columns)]  # noqa: FBT003
    unknown, misfits = checked(described, len(requests), rules.schemas)
    failures += misfits
    columns["sent"] = canonical
    columns |= {name: requests[field].combine_chunks() for name, field in FROM_LOG.items()}
    columns["v_collector"] = pc.coalesce(columns["v_collector"], COLLECTOR)
    columns["event_id"] = with_ids(columns["event_id"], requests)
    columns[COUNT] = unknown[COUNT]
    return pa.table(columns), failures


def columns_of(parameter: Parameter, texts: pa.Array) -> tuple[dict[str, pa.Array], list[Failure]]:
    """The parameter's columns, and a failure for each value that is none."""
    kind = parameter.kind
    odd = texts.is_valid() if kind.plain is None else odd_ones(texts, kind.plain)
    rows = pc.indices_nonzero(odd)
    plain = pc.if_else(odd, pa.scalar(None, texts.type), texts)
    if kind.plain is None:
        column = pa.nulls(len(texts), kind.type)
    else:
        column = plain.cast(pa.int64()).cast(kind.type) if pa.types.is_timestamp(kind.type) else plain.cast(kind.type)
    if not len(rows):
        return dict.fromkeys(parameter.columns, column), []
    words = texts.take(rows).dictionary_encode()
    found = [read(kind, word, len(parameter.columns)) for word in words.dictionary.to_pylist()]
    columns = {
        name: pc.replace_with_mask(
            column, odd, pa.array([it.values[at] for it in found], kind.type).take(words.indices)
        )
        for at, name in enumerate(parameter.columns)
    }
    return columns, list(failures_of(parameter, rows, words, found))


def odd_ones(texts: pa.Array, plain: str) -> pa.Array:
    """Which texts Arrow's own cast does not read."""
    return pc.invert(pc.match_substring_regex(texts, f"^(?:{plain})$")).fill_null(fill_value=False)


def read(kind: Kind, text: str, width: int) -> Read:
    """The text's value for each of the parameter's columns."""
    try:
        value = kind.read(text)
    except ValueError as error:
        return Read((None,) * width, str(error))
    return Read(value if isinstance(value, tuple) else (value,))


def failures_of(
    parameter: Parameter, rows: pa.Array, words: pa.DictionaryArray, found: list[Read]
) -> Iterator[Failure]:
    """A failure for each row and column whose text is no value."""
    if any(it.error for it in found):
        texts = words.dictionary.to_pylist()
        for row, word in zip(rows.to_pylist(), words.indices.to_pylist(), strict=True):
            if error := found[word].error:
                yield from (Failure(row, name, parameter.name, texts[word], error) for name in parameter.columns)


def missing(parameter: str, column: str, sent: dict[str, pa.Array], where: pa.Array) -> Iterator[Failure]:
    """A failure for each row `where` the parameter ought to be there and is not."""
    if parameter in sent:
        where = pc.and_(where, sent[parameter].is_null())
    for row in pc.indices_nonzero(where).to_pylist():
        yield Failure(row, column, parameter, None, "missing")


def without_payload(sent: dict[str, pa.Array], columns: dict[str, pa.Array]) -> Iterator[Failure]:
    """A failure for each self-describing event that describes nothing."""
    where = pc.equal(columns["event"], "unstruct").fill_null(fill_value=False)
    if "ue_px" in sent:
        where = pc.and_(where, sent["ue_px"].is_null())
    return missing("ue_pr", "unstruct_event", sent, where)


def with_ids(event_id: pa.Array, requests: pa.Table) -> pa.Array:
    """The ids; where there is none, one that CloudFront's id of the request makes, or else MADE_OF."""
    without = event_id.is_null()
    if not pc.any(without).as_py():
        return event_id
    told = pc.binary_join_element_wise(*(requests[name] for name in MADE_OF), "\t", null_handling="replace")
    lines = pc.coalesce(requests["x-edge-request-id"], told).filter(without)
    made = pa.array([str(uuid5(LINES, line)) for line in lines.to_pylist()], pa.string())
    return pc.replace_with_mask(event_id, without, made)
