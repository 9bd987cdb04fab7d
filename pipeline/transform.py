"""The whole story of a raw object: chunks of bytes → requests → events, bad rows and what was passed over."""

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from typing import NamedTuple

import pyarrow as pa
import pyarrow.compute as pc

from enrich import enriched
from enrich.ip_address import without_addresses
from enrich.rules import Rules
from enrich.step import Failure
from enrich.words import in_one, is_empty, plain
from pipeline import VERSION, access_log, protocol
from pipeline.legacy import Salts, SiteDay, with_salts
from pipeline.limits import cut
from pipeline.schema import BAD_ROWS_SCHEMA, EVENTS_SCHEMA

EVENT, BAD_ROW, IGNORED = "event", "bad_row", "ignored"
LONGEST_VALUE = 64 << 10  # characters of a faulty value that are kept; no URL that CloudFront takes has more than 8192
LONGEST_TOLD = 2**31 - 1  # bytes; a gzip of a few megabytes can hold a longer line


def no_salts(_days: Iterable[SiteDay]) -> Mapping[SiteDay, str | None]:
    """No salt for any site's day."""
    return {}


@dataclass(frozen=True)
class Given:
    """All that the transform must be told: the owner's rules, the run's time (UTC), salts for logs with addresses."""

    rules: Rules = field(default_factory=Rules)
    etl_tstamp: datetime | None = None
    salts: Salts = no_salts

    @property
    def v_etl(self) -> str:
        """Which release, under which rules."""
        return f"firn-{VERSION}-{self.rules.digest}"


class Batch(NamedTuple):
    """What became of some lines; `raw_object` is still null, since bytes know no name."""

    events: pa.Table
    """of EVENTS_SCHEMA"""
    bad_rows: pa.Table
    """of BAD_ROWS_SCHEMA"""
    ignored: pa.Table
    """`raw_line` and `reason`"""

    @property
    def lines(self) -> int:
        """How many data lines these were."""
        return len(self.events) + len(self.bad_rows) + len(self.ignored)

    @property
    def ignored_reasons(self) -> Counter[str]:
        """How many lines were ignored for which reason."""
        return Counter(self.ignored["reason"].to_pylist())


def transform(chunks: Iterable[bytes], given: Given) -> Iterator[Batch]:
    """What becomes of each data line of a raw object, block by block.

    Raises:
        access_log.Unreadable: the bytes end too early or are damaged; what could be read has been given before.
    """
    return map(partial(became, given=given), access_log.requests(chunks))


def became(requests: pa.Table, given: Given) -> Batch:
    """What becomes of the requests of one block."""
    judged = with_verdict(requests, given.rules)
    return Batch(
        events(of_status(judged.drop_columns(["text"]), EVENT), given),
        bad_rows(of_status(judged, BAD_ROW), given),
        ignored(of_status(judged.select(["line", "reason", "status"]), IGNORED)),
    )


def of_status(judged: pa.Table, status: str) -> pa.Table:
    """The requests that came out so."""
    here = pc.equal(judged["status"], status)
    return judged if pc.all(here).as_py() else judged.filter(here)


def with_verdict(requests: pa.Table, rules: Rules) -> pa.Table:
    """The requests with `status` and `reason`: the first that holds, in this order."""
    method, path = requests["cs-method"], requests["cs-uri-stem"]
    verdicts = (
        (requests["fault"].is_valid(), BAD_ROW, requests["fault"]),
        (pc.or_(method.is_null(), path.is_null()), BAD_ROW, "no_request"),
        (pc.invert(pc.is_in(path, pa.array(rules.pixel_paths, pa.string()))), IGNORED, "other_path"),
        (pc.invert(pc.is_in(method, pa.array(["GET", "POST"]))), IGNORED, "other_method"),
        (requests["cs-uri-query"].is_null(), IGNORED, "no_query"),
        (requests["collector_tstamp"].is_null(), BAD_ROW, "no_time"),
    )
    conditions = pc.make_struct(*(condition for condition, _, _ in verdicts))
    status = pc.case_when(conditions, *(status for _, status, _ in verdicts), EVENT)
    reason = pc.case_when(conditions, *(reason for _, _, reason in verdicts))
    return requests.append_column("status", status).append_column("reason", reason)


def events(requests: pa.Table, given: Given) -> pa.Table:
    """The requests as events, by the protocol, the enrichments and the columns' limits, in this order."""
    if not len(requests):  # of a block of other paths, or of none but bad lines
        return EVENTS_SCHEMA.empty_table()
    sent, unread = protocol.events(requests, given.rules)
    rich, faulty = enriched(with_salts(sent, given.rules, given.salts), given.rules)
    short, too_long = cut(rich, given.rules)
    columns = {
        "failures": failures_text(len(short), [*unread, *faulty, *too_long]),
        "etl_tstamp": pa.repeat(pa.scalar(given.etl_tstamp, pa.timestamp("ms")), len(short)),
        "v_etl": pa.repeat(given.v_etl, len(short)),
    }
    return in_schema(short, columns, EVENTS_SCHEMA)


def failures_text(rows: int, failures: list[Failure]) -> pa.Array:
    """Each event's failures as JSON text, null for none."""
    by_row: dict[int, list[dict[str, str | None]]] = {}
    for it in failures:
        by_row.setdefault(it.row, []).append(
            {
                "column": it.column,
                "parameter": it.parameter,
                "value": it.value and it.value[:LONGEST_VALUE],
                "error": it.error,
            }
        )
    return pa.array([json.dumps(by_row[row]) if row in by_row else None for row in range(rows)], pa.string())


def bad_rows(requests: pa.Table, given: Given) -> pa.Table:
    """The lines that cannot become an event at all."""
    columns = {
        "raw_line": requests["line"],
        "line": kept_text(requests["text"], given.rules),
        "line_length": pc.min_element_wise(requests["length"], LONGEST_TOLD),
        "etl_tstamp": pa.repeat(pa.scalar(given.etl_tstamp, pa.timestamp("ms")), len(requests)),
        "v_etl": pa.repeat(given.v_etl, len(requests)),
    }
    return in_schema(requests.drop_columns(["line"]), columns, BAD_ROWS_SCHEMA)


def kept_text(lines: pa.ChunkedArray, rules: Rules) -> pa.Array:
    """The lines as they are kept: with their addresses only where the owner keeps addresses."""
    if rules.ip_address.keep == "keep":
        return lines
    return pa.array([without_addresses(line) for line in lines.to_pylist()], pa.string())


def ignored(requests: pa.Table) -> pa.Table:
    """The requests that are nobody's event."""
    return pa.table({"raw_line": requests["line"], "reason": requests["reason"]})


def in_schema(table: pa.Table, columns: dict[str, pa.Array], schema: pa.Schema) -> pa.Table:
    """The schema's columns, of `columns` or else of `table`; null where neither has one."""
    known = dict(zip(table.column_names, table.columns, strict=True)) | columns
    return pa.table([of_type(known.get(it.name), it.type, len(table)) for it in schema], schema=schema)


def of_type(column: pa.Array | pa.ChunkedArray | None, kind: pa.DataType, rows: int) -> pa.Array | pa.ChunkedArray:
    """The column as that type, or as many nulls of it."""
    if column is None or is_empty(column):
        return pa.nulls(rows, kind)
    if pa.types.is_dictionary(column.type):
        return plain(in_one(column))
    return column if column.type == kind else column.cast(kind)
