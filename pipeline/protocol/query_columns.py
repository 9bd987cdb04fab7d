"""Query strings → one column for each parameter that is wanted, in Arrow's own kernels, without a loop over rows."""

from collections.abc import Iterable
from urllib.parse import unquote_plus

import pyarrow as pa
import pyarrow.compute as pc


def query_columns(queries: pa.Array, wanted: Iterable[str]) -> dict[str, pa.Array]:
    """For each wanted parameter that any query has, its form-decoded value on each line, null where it has none."""
    pairs = pc.split_pattern(queries, "&")
    line = pc.list_parent_indices(pairs).cast(pa.int64())
    halves = pc.split_pattern(pairs.flatten(), "=", max_splits=1)
    whole = pc.equal(pc.list_value_length(halves), 2)  # "a" without "=" says nothing
    halves, line = halves.filter(whole), line.filter(whole)
    name, value = form_decoded(pc.list_element(halves, 0)).dictionary_encode(), pc.list_element(halves, 1)
    number = {word: at for at, word in enumerate(name.dictionary.to_pylist())}
    lines = pa.array(range(len(queries)), pa.int64())
    return {
        parameter: on_lines(lines, line, value, pc.equal(name.indices, number[parameter]))
        for parameter in wanted
        if parameter in number
    }


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
