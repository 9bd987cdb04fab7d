"""The questions of `queries/` by name, in; their answers as Arrow tables, out. An engine answers any SQL.

Every text is Athena's SQL. A file's opening comment says in plain English what it answers, its first line in short.
"""

from collections.abc import Mapping
from difflib import get_close_matches
from itertools import takewhile
from pathlib import Path
from typing import NamedTuple, Protocol

import pyarrow as pa

from pipeline.errors import UserError
from pipeline.places import shipped


class Query(NamedTuple):
    """One `.sql` file: its name and its text."""

    name: str
    sql: str

    @property
    def description(self) -> str:
        """The opening comment, without its dashes."""
        comment = takewhile(lambda line: line.startswith("--"), self.sql.splitlines())
        return "\n".join(line.removeprefix("--").strip() for line in comment)

    @property
    def answers(self) -> str:
        """What it answers, in one line."""
        return self.description.partition("\n")[0]


class Engine(Protocol):
    """Whatever answers Athena's SQL: DuckDB on a laptop, Athena in the cloud."""

    def answer(self, sql: str, parameters: Mapping[str, object]) -> pa.Table:
        """The rows of one SELECT; each `:name` in it is bound to the parameter of that name, never pasted."""


def queries() -> dict[str, Query]:
    """The questions that Firn brings, by name."""
    return _files(shipped("queries"))


def views() -> dict[str, Query]:
    """The views that questions are asked of, by name."""
    return _files(shipped("queries") / "views")


def named(name: str) -> Query:
    """The question of that name; raises UserError with the nearest name where there is none."""
    known = queries()
    if name not in known:
        near = "".join(f" Did you mean {it}?" for it in get_close_matches(name, known, n=1))
        raise UserError(f"There is no query named {name}.{near} 'firn query --list' names them all.")
    return known[name]


def answer(name: str, parameters: Mapping[str, object], engine: Engine) -> pa.Table:
    """The rows of the question of that name; for SQL of one's own call `engine.answer` itself."""
    return engine.answer(named(name).sql, parameters)


def _files(folder: Path) -> dict[str, Query]:
    return {path.stem: Query(path.stem, path.read_text(encoding="utf-8")) for path in sorted(folder.glob("*.sql"))}
