"""Trino's columns and rows as Athena's API tells them: every cell a text or absent, types without their arguments."""

import re
from collections.abc import Sequence
from typing import Any

Json = dict[str, Any]
Columns = Sequence[tuple[str, str]]


def with_header(columns: Columns, rows: Sequence[Sequence[object]]) -> list[list[Json]]:
    """The rows of a SELECT, which begin with the columns' names."""
    header = [{"VarCharValue": name} for name, _ in columns]
    kinds = [kind for _, kind in columns]
    return [header, *([_cell(*it) for it in zip(row, kinds, strict=True)] for row in rows)]


def column_info(name: str, kind: str) -> Json:
    """A column's name and type: of a decimal the arguments stand apart, of other types nowhere."""
    base = re.sub(r"\(.*?\)", "", kind)
    precision, scale = (int(it) for it in re.findall(r"\d+", kind)) if base == "decimal" else (0, 0)
    told = {"Name": name, "Label": name, "Type": {"real": "float"}.get(base, base), "Nullable": "UNKNOWN"}
    return told | {"CatalogName": "hive", "SchemaName": "", "TableName": "", "Precision": precision, "Scale": scale}


def _cell(value: object, kind: str) -> Json:
    if value is None:
        return {}
    if isinstance(value, bool):
        return {"VarCharValue": str(value).lower()}
    if kind.startswith("timestamp("):
        return {"VarCharValue": _in_milliseconds(str(value))}
    return {"VarCharValue": str(value)}


def _in_milliseconds(text: str) -> str:
    """`2026-07-01 12:00:00.123456` has six digits on Trino, three on Athena."""
    return re.sub(r"(\.\d{3})\d+", r"\1", text)
