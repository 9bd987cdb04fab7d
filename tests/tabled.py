"""Tables of cases, as YAML: each row a NamedTuple, whose `why` says what is odd about it."""

from pathlib import Path
from typing import Any

import pytest
import yaml

TABLES = Path(__file__).parent / "tables"


def table(name: str, row: type[Any]) -> pytest.MarkDecorator:
    """The table's rows as cases; a key that the row does not know is an error."""
    text = (TABLES / f"{name}.yaml").read_text(encoding="utf-8")
    rows = [row(**it) for it in yaml.safe_load(text)]
    return pytest.mark.parametrize("case", rows, ids=[it.why for it in rows])
