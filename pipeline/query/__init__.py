"""The questions of `queries/` by name, in; their answers as Arrow tables, out. An engine answers any SQL.

Every text is Athena's SQL. A file's opening comment says in plain English what it answers, its first line in short, and
declares the parameters, one a line: `:first_day date, by default 0001-01-01`.
"""

import re
from collections.abc import Callable, Mapping
from datetime import date
from difflib import get_close_matches
from itertools import takewhile
from pathlib import Path
from typing import NamedTuple, Protocol

import pyarrow as pa

from pipeline.errors import UserError
from pipeline.places import shipped

PARAMETER = re.compile(r"^-- :(?P<name>\w+) (?P<kind>\w+), by default (?P<default>.+)$", re.MULTILINE)


class Kind(NamedTuple):
    """What a parameter can be: the form of its text, and how it is read; ValueError where it cannot be."""

    form: str
    read: Callable[[str], object]


KINDS = {"date": Kind("YYYY-MM-DD", date.fromisoformat)}


class Parameter(NamedTuple):
    """A value that a query asks for: `kind` is one of KINDS."""

    name: str
    kind: str
    default: str

    def value(self, given: object) -> object:
        """The value, read where it is text; raises UserError where the text stands for none."""
        form, read = KINDS[self.kind]
        try:
            return read(given) if isinstance(given, str) else given
        except ValueError as error:
            raise UserError(f"{self.name} must be a {self.kind}, {form}, and not {given!r}.") from error


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

    @property
    def parameters(self) -> tuple[Parameter, ...]:
        """The parameters that it declares, in order."""
        return tuple(Parameter(*found) for found in PARAMETER.findall(self.sql))

    def bound(self, given: Mapping[str, object]) -> dict[str, object]:
        """The value of each parameter that it declares, by default its default; what else is given stays as it is."""
        declared = {it.name: it.value(given.get(it.name, it.default)) for it in self.parameters}
        return {**given, **declared}


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
    query = named(name)
    return engine.answer(query.sql, query.bound(parameters))


def check_parameters(wanted: set[str], given: Mapping[str, object]) -> None:
    """Raise UserError unless each parameter that the SQL names has a value, and no other is given."""
    if missing := sorted(wanted - given.keys()):
        raise UserError(f"The query needs a value for {', '.join(missing)}: add --set {missing[0]}=VALUE.")
    if surplus := sorted(given.keys() - wanted):
        raise UserError(f"The query has no parameter {', '.join(surplus)}: leave it out.")


def _files(folder: Path) -> dict[str, Query]:
    return {path.stem: Query(path.stem, path.read_text(encoding="utf-8")) for path in sorted(folder.glob("*.sql"))}
