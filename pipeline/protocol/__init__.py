"""Snowplow's tracker protocol: requests → events, with the columns that the tracker itself filled.

Names of parameters are case-sensitive and unknown ones ignored; of a repeated one the last counts; `a` without `=` says
nothing, `a=` says the empty text. A value that cannot be read is null and makes a failure, never a loss.

Source: Snowplow's tracker protocol (docs.snowplow.io, "Snowplow tracker protocol").
"""

from collections.abc import Iterator
from typing import Any
from uuid import UUID, uuid5

import pyarrow as pa
import pyarrow.compute as pc

from enrich.rules import Rules
from enrich.step import Columns, Failure
from enrich.words import WORDS, on_rows, plain
from pipeline.protocol.kinds import Described, Kind
from pipeline.protocol.parameters import PARAMETERS, Parameter
from pipeline.protocol.query_columns import query_columns
from pipeline.protocol.schemas import COUNT, checked
from pipeline.protocol.self_describing import alike

FROM_LOG = {
    "collector_tstamp": "collector_tstamp",
    "raw_line": "line",
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


def events(requests: pa.Table, rules: Rules) -> Columns:
    """One event for each request, in order: the parameters' columns and the log's; texts are words.

    `event_id` is made from the log line where the tracker sent none, so that the same line always gives the same.
    """
    sent, canonical = query_columns(requests["cs-uri-query"].combine_chunks(), [it.name for it in PARAMETERS])
    columns: dict[str, pa.Array] = {}
    failures: list[Failure] = []
    described: dict[str, tuple[str, pa.Array]] = {}
    for parameter in (it for it in PARAMETERS if it.name in sent):
        filled, faults = columns_of(parameter, sent[parameter.name])
        if rules.schemas and isinstance(parameter.kind, Described):
            described[parameter.name] = parameter.columns[0], only_own(columns, parameter.columns[0], filled)
        columns |= {name: pc.coalesce(columns[name], it) if name in columns else it for name, it in filled.items()}
        failures += faults
    columns = {name: nulls(len(requests), it.kind.type) for it in PARAMETERS for name in it.columns} | columns
    failures += [*missing("e", "event", sent, pa.repeat(True, len(requests))), *without_payload(sent, columns)]  # noqa: FBT003
    unknown, misfits = checked(described, len(requests), rules.schemas)
    failures += misfits
    columns["sent"] = canonical
    columns |= {name: requests[field].combine_chunks() for name, field in FROM_LOG.items()}
    columns["v_collector"] = pc.coalesce(columns["v_collector"], COLLECTOR)
    columns["event_id"] = with_ids(plain(columns["event_id"]), requests)
    columns[COUNT] = unknown[COUNT]
    return pa.table(columns), failures


def nulls(rows: int, kind: pa.DataType) -> pa.Array:
    """A column of which nothing was sent."""
    return pa.nulls(rows, WORDS if pa.types.is_string(kind) else kind)


def only_own(columns: dict[str, pa.Array], name: str, filled: dict[str, pa.Array]) -> pa.Array:
    """What the parameter fills of the column on the rows where none before it has."""
    if name not in columns:
        return filled[name]
    return pc.if_else(columns[name].is_null(), filled[name], pa.nulls(len(filled[name]), WORDS))


def columns_of(parameter: Parameter, texts: pa.DictionaryArray) -> tuple[dict[str, pa.Array], list[Failure]]:
    """The parameter's columns, and a failure for each value that is none; each distinct text is read once."""
    words = texts.dictionary
    columns, errors = of_words(parameter, words)
    on_line = {name: texts if it is words else on_rows(texts.indices, it) for name, it in columns.items()}
    return on_line, list(failures_of(parameter, texts, errors)) if errors else []


def of_words(parameter: Parameter, words: pa.Array) -> tuple[dict[str, pa.Array], dict[int, str]]:
    """The words' values for each of the parameter's columns, and why some, by their place, have none."""
    kind, names = parameter.kind, parameter.columns
    if isinstance(kind, Described):
        return columns_described(kind, names, words)
    if kind.plain is None:
        return columns_read(kind, names, words)
    usual = pc.match_substring_regex(words, f"^(?:{kind.plain})$")
    if pc.all(usual).as_py():
        return dict.fromkeys(names, arrow_cast(words, kind.type)), {}
    odd = pc.invert(usual)
    columns, errors = columns_read(kind, names, words.filter(odd))
    known = arrow_cast(pc.if_else(usual, words, pa.scalar(None, pa.string())), kind.type)
    places = pc.indices_nonzero(odd).to_pylist()
    return (
        {name: pc.replace_with_mask(known, odd, values) for name, values in columns.items()},
        {places[at]: error for at, error in errors.items()},
    )


def columns_read(kind: Kind, names: tuple[str, ...], words: pa.Array) -> tuple[dict[str, pa.Array], dict[int, str]]:
    """The same for words that Arrow's own cast does not read."""
    values, errors = read(kind, words.to_pylist())
    if len(names) == 1:
        return {names[0]: pa.array(values, kind.type)}, errors
    none = (None,) * len(names)
    cells = zip(*(value or none for value in values), strict=True) if values else [()] * len(names)
    return {name: pa.array(column, kind.type) for name, column in zip(names, cells, strict=True)}, errors


def columns_described(
    kind: Described, names: tuple[str, ...], words: pa.Array
) -> tuple[dict[str, pa.Array], dict[int, str]]:
    """The same for self-describing JSON: of those that are alike one is read; where it is refused, each by itself."""
    texts = kind.unpacked(words) if kind.unpacked else words
    shapes = alike(texts).dictionary_encode()
    read_once, refused = read(kind, shapes.dictionary.to_pylist())
    values = [read_once[shape] for shape in shapes.indices.to_pylist()]
    places = pc.indices_nonzero(pc.is_in(shapes.indices, pa.array(list(refused), pa.int32()))).to_pylist()
    read_again, errors = read(kind, [texts[place].as_py() for place in places])
    for place, value in zip(places, read_again, strict=True):
        values[place] = value
    if errors:
        texts = pc.if_else(pa.array([it is not None for it in values]), texts, pa.scalar(None, pa.string()))
    more = [pa.array([it and it[at] for it in values], pa.string()) for at in range(len(names) - 1)]
    return dict(zip(names, [texts, *more], strict=True)), {places[at]: error for at, error in errors.items()}


def arrow_cast(texts: pa.Array, kind: pa.DataType) -> pa.Array:
    """The texts as Arrow reads them."""
    if pa.types.is_string(kind):
        return texts
    return texts.cast(pa.int64()).cast(kind) if pa.types.is_timestamp(kind) else texts.cast(kind)


def read(kind: Kind, texts: list[str]) -> tuple[list[Any], dict[int, str]]:
    """Each text's value, null where it is none, and why it is none, by its place."""
    values: list[Any] = []
    errors = {}
    for place, text in enumerate(texts):
        try:
            values.append(kind.read(text))
        except ValueError as error:
            values.append(None)
            errors[place] = str(error)
    return values, errors


def failures_of(parameter: Parameter, texts: pa.DictionaryArray, errors: dict[int, str]) -> Iterator[Failure]:
    """A failure for each row and column whose text is no value."""
    names = parameter.columns[:1] if isinstance(parameter.kind, Described) else parameter.columns
    rows = pc.indices_nonzero(pc.is_in(texts.indices, pa.array(list(errors), texts.indices.type)))
    for row, word in zip(rows.to_pylist(), texts.indices.take(rows).to_pylist(), strict=True):
        text = texts.dictionary[word].as_py()
        yield from (Failure(row, name, parameter.name, text, errors[word]) for name in names)


def missing(parameter: str, column: str, sent: dict[str, pa.DictionaryArray], where: pa.Array) -> Iterator[Failure]:
    """A failure for each row `where` the parameter ought to be there and is not."""
    if parameter in sent:
        where = pc.and_(where, sent[parameter].is_null())
    for row in pc.indices_nonzero(where).to_pylist():
        yield Failure(row, column, parameter, None, "missing")


def without_payload(sent: dict[str, pa.DictionaryArray], columns: dict[str, pa.Array]) -> Iterator[Failure]:
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
    texts = [plain(requests[name].combine_chunks()) for name in MADE_OF]
    told = pc.binary_join_element_wise(*texts, "\t", null_handling="replace")
    lines = pc.coalesce(requests["x-edge-request-id"], told).filter(without)
    made = pa.array([str(uuid5(LINES, line)) for line in lines.to_pylist()], pa.string())
    return pc.replace_with_mask(event_id, without, made)
