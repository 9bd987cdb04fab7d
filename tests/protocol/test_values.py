"""What each kind of value makes of a text, by the table `tests/tables/values.yaml`."""

from decimal import Decimal
from pathlib import Path
from typing import Any, NamedTuple

import pyarrow as pa
import pytest
import yaml

from pipeline.protocol import columns_of, kinds
from pipeline.protocol.parameters import Parameter


class Value(NamedTuple):
    kind: str
    text: str
    value: Any = None
    error: str | None = None


COLUMNS = {"DIM": ("width", "height")}
TABLE = Path(__file__).parents[1] / "tables" / "values.yaml"
VALUES = [Value(**it) for it in yaml.safe_load(TABLE.read_text(encoding="utf-8"))]


def expected(case: Value) -> list[Any]:
    """The columns' values as the column's type has them; null beside an error."""
    if case.error:
        return [None] * len(COLUMNS.get(case.kind, ("column",)))
    if case.kind == "MONEY" and case.value is not None:
        return [Decimal(case.value)]
    return case.value if isinstance(case.value, list) else [case.value]


@pytest.mark.parametrize("neighbour", [None, "1", "x", ""])
@pytest.mark.parametrize("case", VALUES, ids=[f"{it.kind} {it.text!r}" for it in VALUES])
def test_a_text_is_read_as_its_kind_whatever_stands_beside_it(case: Value, neighbour: str | None) -> None:
    kind: kinds.Kind = getattr(kinds, case.kind)
    names = COLUMNS.get(case.kind, ("column",))
    columns, failures = columns_of(Parameter("p", kind, names), pa.array([neighbour, case.text]).dictionary_encode())
    values = [columns[name].cast(pa.int64()) if pa.types.is_timestamp(kind.type) else columns[name] for name in names]
    assert expected(case) == [it[1].as_py() for it in values]
    assert [(name, "p", case.text, case.error) for name in names if case.error] == [
        (it.column, it.parameter, it.value, it.error) for it in failures if it.row == 1
    ]
