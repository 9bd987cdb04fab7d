"""What each kind of value makes of a text, by the table `tests/tables/values.yaml`."""

from contextlib import suppress
from decimal import Decimal
from pathlib import Path
from time import process_time
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
@pytest.mark.parametrize("case", VALUES, ids=[f"{it.kind} {it.text!r:.40}" for it in VALUES])
def test_a_text_is_read_as_its_kind_whatever_stands_beside_it(case: Value, neighbour: str | None) -> None:
    kind: kinds.Kind = getattr(kinds, case.kind)
    names = COLUMNS.get(case.kind, ("column",))
    columns, failures = columns_of(Parameter("p", kind, names), pa.array([neighbour, case.text]).dictionary_encode())
    values = [columns[name].cast(pa.int64()) if pa.types.is_timestamp(kind.type) else columns[name] for name in names]
    assert expected(case) == [it[1].as_py() for it in values]
    assert [(name, "p", case.text, case.error) for name in names if case.error] == [
        (it.column, it.parameter, it.value, it.error) for it in failures if it.row == 1
    ]


LONG = 100_000
LONG_TEXTS = (
    "1",
    "0",
    "\u0661",
    "-",
    "1.",
    ".1",
    "e1",
    "x",
    " ",
    "\t",
    "%",
    "a-",
    "{",
    '":',
    '{"a":',
    "=",
    "\U0001f600",
)
KINDS = {name: it for name, it in vars(kinds).items() if isinstance(it, kinds.Kind)}


@pytest.mark.parametrize("name", KINDS)
def test_a_long_text_is_read_in_a_time_that_grows_with_it(name: str) -> None:
    start = process_time()
    for text in LONG_TEXTS:
        for it in (text * LONG, "1" + text * LONG, text * LONG + "x", "1x" + text * LONG + ".1x"):
            with suppress(ValueError):
                KINDS[name].read(it)
    assert process_time() - start < 10
