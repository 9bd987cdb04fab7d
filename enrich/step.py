"""A plain function of values, lifted to whole Arrow columns.

The parameters of such a function name the columns it reads, the fields of the NamedTuple that it returns those it
writes. `per_distinct` calls it once for each distinct combination of values, and remembers what came of the last ones;
`columnwise` hands it whole columns.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import lru_cache, wraps
from inspect import signature
from typing import Any, NamedTuple, get_args, get_type_hints

import pyarrow as pa
import pyarrow.compute as pc

from enrich.rules import Rules
from enrich.words import in_one, in_words, is_empty, on_rows, plain

MOST_NUMBERS = 2**62
MOST_REMEMBERED = 1 << 12  # rows of each step
LONGEST_REMEMBERED = 1 << 9  # characters of a row, so that no log fills the memory
FORGOTTEN = frozenset({"ip", "c_ip", "salt"})  # columns that may not outlast their block


class Long(int):
    """An integer whose column has 64 bits."""


class Millis(int):
    """A time, in milliseconds since 1970, UTC."""


ARROW: dict[Any, pa.DataType] = {
    str: pa.string(),
    int: pa.int32(),
    Long: pa.int64(),
    Millis: pa.timestamp("ms"),
    bool: pa.bool_(),
}


class Fault(NamedTuple):
    """Stands in a field whose value could not be used: the cell becomes null and the fault is kept."""

    parameter: str
    value: str | None
    error: str


class Failure(NamedTuple):
    """One fault of one event: `row` counts the events of the batch from 0."""

    row: int
    column: str
    parameter: str
    value: str | None
    error: str


Columns = tuple[pa.Table, list[Failure]]


@dataclass(frozen=True)
class Step:
    """One enrichment: what it reads, what it writes, and the function from the former to the latter."""

    name: str
    reads: tuple[str, ...]
    writes: tuple[str, ...]
    columns: Callable[[pa.Table, Rules], Columns]


def per_distinct(of: Callable[..., Any]) -> Step:
    """Lift `of(value, …, *, rules)`, a function of one row's values, to columns.

    What is remembered is still there in the next block, and in a warm Lambda for the next file.
    """
    reads, types, wants_rules = columns_read(of), column_types(of), "rules" in signature(of).parameters
    row_of = remembered(of) if FORGOTTEN.isdisjoint(reads) else of

    def columns(events: pa.Table, rules: Rules) -> Columns:
        distinct, place = distinct_rows(events.select(reads))
        more = {"rules": rules} if wants_rules else {}
        rows = [row_of(*values, **more) for values in distinct]
        return pa.table({name: on_rows(place, it) for name, it in cells(types, rows)}), list(failures(rows, place))

    return Step(of.__name__, reads, tuple(types), columns)


def remembered(of: Callable[..., Any]) -> Callable[..., Any]:
    """The same function, which remembers what came of the last values whose texts are short."""
    known = lru_cache(MOST_REMEMBERED)(of)

    @wraps(of)
    def row_of(*values: Any, **more: Any) -> Any:  # noqa: ANN401 - any enrichment's values
        short = sum(len(it) for it in values if type(it) is str) <= LONGEST_REMEMBERED
        return (known if short else of)(*values, **more)

    return row_of


def columnwise(of: Callable[..., Any]) -> Step:
    """Lift `of(column, …)`, which returns a NamedTuple of columns and the failures, to a step."""
    reads, row_type = columns_read(of), get_args(get_type_hints(of)["return"])[0]

    def columns(events: pa.Table, _rules: Rules) -> Columns:
        written, faults = of(*(events[name].combine_chunks() for name in reads))
        return pa.table(written._asdict()), faults

    return Step(of.__name__, reads, row_type._fields, columns)


def columns_read(of: Callable[..., Any]) -> tuple[str, ...]:
    """The names of the columns that the function's parameters ask for."""
    return tuple(name for name in signature(of).parameters if name != "rules")


def distinct_rows(read: pa.Table) -> tuple[list[tuple[Any, ...]], pa.Array]:
    """The distinct rows of `read`, and for each row of `read` its place among them; rows of like words may recur."""
    columns = [in_one(it) for it in read.columns]
    telling = [it for it in columns if not is_empty(it)] or columns[:1]
    number, most = codes(telling[0])
    for code, size in map(codes, telling[1:]):
        if most * size > MOST_NUMBERS:
            number, most = codes(number)
        number, most = pc.add(pc.multiply(number, pa.scalar(size, pa.int64())), code), most * size
    places = number.dictionary_encode()
    one_of_each = pc.inverse_permutation(places.indices, max_index=len(places.dictionary) - 1)
    return list(zip(*(cells_at(one_of_each, it) for it in columns), strict=True)), places.indices


def cells_at(rows: pa.Array, column: pa.Array) -> list[Any]:
    """The column's values on these rows."""
    return [None] * len(rows) if is_empty(column) else plain(column.take(rows)).to_pylist()


def codes(values: pa.Array) -> tuple[pa.Array, int]:
    """Each value's number, and how many there may be; null is a value too."""
    words = in_words(values)
    size = len(words.dictionary)
    return words.indices.fill_null(size) if words.null_count else words.indices, size + 1


def column_types(of: Callable[..., Any]) -> dict[str, pa.DataType]:
    """The Arrow type of each field of the NamedTuple that the function returns."""
    return {name: arrow_type(hint) for name, hint in get_type_hints(get_type_hints(of)["return"]).items()}


def cells(types: dict[str, pa.DataType], rows: list[Any]) -> Iterator[tuple[str, pa.Array]]:
    """Rows as columns of these types; null where a Fault stands."""
    for at, (name, kind) in enumerate(types.items()):
        yield name, pa.array([None if type(row[at]) is Fault else row[at] for row in rows], kind)


def arrow_type(hint: Any) -> pa.DataType:  # noqa: ANN401 - a type hint
    """The Arrow type of a field such as `str | Fault | None`."""
    return next(ARROW[it] for it in (hint, *get_args(hint)) if it in ARROW)


def failures(rows: list[Any], place: pa.Array) -> Iterator[Failure]:
    """The faults among the distinct rows, once for each event that shares them."""
    faulty = {at: faults_of(row) for at, row in enumerate(rows) if Fault in map(type, row)}
    if faulty:
        hit = pc.indices_nonzero(pc.is_in(place, pa.array(list(faulty), place.type)))
        for event, at in zip(hit.to_pylist(), place.take(hit).to_pylist(), strict=True):
            yield from (Failure(event, column, *fault) for column, fault in faulty[at])


def faults_of(row: Any) -> list[tuple[str, Fault]]:  # noqa: ANN401 - any enrichment's NamedTuple
    """The faults of one row, each with the column it stands in."""
    return [(column, cell) for column, cell in row._asdict().items() if type(cell) is Fault]
