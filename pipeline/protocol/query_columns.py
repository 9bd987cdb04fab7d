"""Query strings → a column for each parameter in them, in Arrow's own kernels, without a loop over rows."""

from collections.abc import Iterable, Mapping
from typing import NamedTuple
from urllib.parse import unquote_plus

import pyarrow as pa
import pyarrow.compute as pc

from enrich.fingerprint import EXCLUDED, SEPARATOR

MOST_NAMES = 200  # trackers have some 75


class Sent(NamedTuple):
    """What trackers sent: a column for each parameter, and each line's parameters as one text to tell copies by."""

    columns: dict[str, pa.Array]
    canonical: pa.Array


def query_columns(queries: pa.Array, wanted: Iterable[str]) -> Sent:
    """Each parameter's form-decoded value on each line, null where it has none; of too many names the wanted ones."""
    pairs = pc.split_pattern(queries, "&")
    whole = pc.match_substring(pairs.flatten(), "=")  # "a" without "=" says nothing
    line = pc.list_parent_indices(pairs).filter(whole).cast(pa.int64())
    halves = pc.split_pattern(pairs.flatten().filter(whole), "=", max_splits=1)
    name, value = form_decoded(pc.list_element(halves, 0)).dictionary_encode(), pc.list_element(halves, 1)
    number = {word: at for at, word in enumerate(name.dictionary.to_pylist())}
    many = len(number) > MOST_NAMES
    lines = pa.array(range(len(queries)), pa.int64())
    columns = {
        parameter: on_lines(lines, line, value, pc.equal(name.indices, number[parameter]))
        for parameter in (wanted if many else number)
        if parameter in number
    }
    return Sent(columns, one_by_one(queries) if many else canonical(columns, len(queries)))


def canonical(columns: Mapping[str, pa.Array], rows: int) -> pa.Array:
    """What a fingerprint is made of: each line's parameters but EXCLUDED, in the order of their names."""
    pieces = [
        pc.binary_join_element_wise(name, columns[name], "", SEPARATOR) for name in sorted(columns.keys() - EXCLUDED)
    ]
    return pc.binary_join_element_wise(pa.repeat("", rows), *pieces, "", null_handling="skip")


def one_by_one(queries: pa.Array) -> pa.Array:
    """The same, line by line: for the names that somebody makes up by the thousand."""
    return pa.array([canonical_of(query) for query in queries.to_pylist()], pa.string())


def canonical_of(query: str) -> str:
    """One line's parameters."""
    halves = (pair.split("=", 1) for pair in query.split("&") if "=" in pair)
    sent = {unquote_plus(name): unquote_plus(value) for name, value in halves}
    return "".join(f"{name}{SEPARATOR}{sent[name]}{SEPARATOR}" for name in sorted(sent.keys() - EXCLUDED))


def on_lines(lines: pa.Array, line: pa.Array, value: pa.Array, here: pa.Array) -> pa.Array:
    """The values that are `here`, each on its line; of a repeated parameter the last."""
    at, found = line.filter(here), form_decoded(value.filter(here))
    if at.equals(lines):
        return found
    last = pc.not_equal(at, pa.concat_arrays([at[1:], pa.array([-1], pa.int64())]))  # `at` is in order
    return found.filter(last).take(pc.index_in(lines, at.filter(last)))


def form_decoded(values: pa.Array) -> pa.Array:
    """`%XX` and `+` undone, each distinct text once; bytes that are no UTF-8 become U+FFFD."""
    escaped = pc.match_substring_regex(values, "[%+]")
    if not pc.any(escaped).as_py():
        return values
    words = values.filter(escaped).dictionary_encode()
    plain = pa.array([unquote_plus(word) for word in words.dictionary.to_pylist()], pa.string())
    return pc.replace_with_mask(values, escaped, plain.take(words.indices))
