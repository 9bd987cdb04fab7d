"""The log's fields that Firn reads, under CloudFront's own names; whatever else a line holds is passed over."""

import pyarrow as pa
import pyarrow.compute as pc

FIELDS: tuple[str, ...] = (
    "timestamp(ms)",
    "date",
    "time",
    "cs-method",
    "cs-uri-stem",
    "cs-uri-query",
    "cs(Referer)",
    "cs(User-Agent)",
    "c-ip",
    "x-edge-request-id",
    "viewer-request-log-data",
    "c-country",
    "asn",
)


def with_fields(lines: pa.Table, values: pa.Table) -> pa.Table:
    """The lines and, of FIELDS, what `values` holds of them; null for the others."""
    for name in FIELDS:
        column = values[name] if name in values.column_names else pa.nulls(len(lines), pa.string())
        lines = lines.append_column(name, column)
    return lines


def marked(lines: pa.Table, fault: str) -> pa.Table:
    """The lines with `fault`, where they have none yet."""
    return lines.set_column(lines.column_names.index("fault"), "fault", pc.coalesce(lines["fault"], fault))
