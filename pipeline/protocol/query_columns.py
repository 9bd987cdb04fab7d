"""Query strings → a column for each parameter in them, in Arrow's own kernels, without a loop over rows.

What is alike is looked at once: of the pairs `name=value` few are on one line alone.
"""

from collections.abc import Iterable, Mapping
from itertools import accumulate
from typing import NamedTuple
from urllib.parse import unquote_plus

import pyarrow as pa
import pyarrow.compute as pc

from enrich.fingerprint import EXCLUDED, SEPARATOR

MOST_NAMES = 200  # trackers have some 75


class Sent(NamedTuple):
    """What trackers sent: each parameter's texts, and each line's parameters as one text to tell copies by."""

    texts: dict[str, pa.DictionaryArray]
    canonical: pa.Array


class Words(NamedTuple):
    """Distinct pairs, split: the number of each one's name, the names as they are spelt, and the values."""

    name: pa.Array
    spellings: list[str]
    value: pa.Array


def query_columns(queries: pa.Array, wanted: Iterable[str]) -> Sent:
    """Each parameter's form-decoded value on each line, null where it has none; of too many names the wanted ones."""
    line, pairs = pairs_of(queries)
    words = split_words(pairs.dictionary)
    names = [unquote_plus(it) for it in words.spellings[: MOST_NAMES + 1]]
    if len(set(names)) < len(names) or len(names) > MOST_NAMES:  # two spellings of one name, or names without end
        return one_by_one(queries, wanted)
    texts = dict(zip(names, by_name(words, line, pairs.indices, len(queries)), strict=True))
    return Sent(texts, canonical(texts, len(queries)))


def pairs_of(queries: pa.Array) -> tuple[pa.Array, pa.DictionaryArray]:
    """The line of each pair, in order, and the pair; `a` without `=` says nothing and is none."""
    split = pc.split_pattern(queries, "&")
    line, pairs = pc.list_parent_indices(split).cast(pa.int32()), split.flatten().dictionary_encode()
    whole = pc.greater_equal(pc.find_substring(pairs.dictionary, "="), 0)
    if not pc.all(whole).as_py():
        here = whole.take(pairs.indices)
        line, pairs = line.filter(here), pairs.filter(here).dictionary_decode().dictionary_encode()
    return line, pairs


def split_words(pairs: pa.Array) -> Words:
    """The pairs at their first `=`, the values form-decoded."""
    halves = pc.split_pattern(pairs, "=", max_splits=1)
    name = pc.list_element(halves, 0).dictionary_encode()
    return Words(name.indices, name.dictionary.to_pylist(), form_decoded(pc.list_element(halves, 1)))


def form_decoded(words: pa.Array) -> pa.Array:
    """`%XX` and `+` undone; bytes that are no UTF-8 become U+FFFD."""
    escaped = pc.match_substring_regex(words, "%")
    if may_hold_plus(words):
        escaped = pc.or_(escaped, pc.match_substring_regex(words, r"\+"))  # quicker one by one
    if not pc.any(escaped).as_py():
        return words
    plain = [unquote_plus(word) for word in words.filter(escaped).to_pylist()]
    return pc.replace_with_mask(words, escaped, pa.array(plain, pa.string()))


def may_hold_plus(words: pa.Array) -> bool:
    """Whether there is any `+` in the bytes behind the words; few trackers send one."""
    _, _, data = words.buffers()
    return data is not None and b"+" in data.to_pybytes()


def by_name(words: Words, line: pa.Array, pair: pa.Array, rows: int) -> list[pa.DictionaryArray]:
    """Each name's values on their lines. `pair` is on each `line`, in order, the number of its pair."""
    order = pc.array_sort_indices(words.name).cast(pa.int32())
    value, place = words.value.take(order), pc.inverse_permutation(order).take(pair)
    name = words.name.take(pair)
    by_number = pc.array_sort_indices(name)
    line, place = line.take(by_number), place.take(by_number)
    values, places = runs(words.name), runs(name)
    return [
        on_lines(line[start:end], pc.subtract(place[start:end], pa.scalar(first, pa.int32())), value[first:last], rows)
        for (first, last), (start, end) in zip(values, places, strict=True)
    ]


def runs(numbers: pa.Array) -> list[tuple[int, int]]:
    """Where each number begins and ends once all are in order."""
    counts = sorted((it["values"], it["counts"]) for it in pc.value_counts(numbers).to_pylist())
    ends = list(accumulate(count for _, count in counts))
    return list(zip([0, *ends], ends, strict=False))


def on_lines(line: pa.Array, place: pa.Array, words: pa.Array, rows: int) -> pa.DictionaryArray:
    """The words at these places, each on its line; of a repeated parameter the last."""
    again = pc.equal(line[:-1], line[1:])  # they are in order
    if pc.any(again).as_py():
        last = pa.concat_arrays([pc.invert(again), pa.array([True])])
        line, place = line.filter(last), place.filter(last)
    if len(line) < rows:
        place = pc.scatter(place, line, max_index=rows - 1)
    return pa.DictionaryArray.from_arrays(place, words)


def canonical(texts: Mapping[str, pa.DictionaryArray], rows: int) -> pa.Array:
    """What a fingerprint is made of: each line's parameters but EXCLUDED, in the order of their names."""
    pieces = [
        pc.binary_join_element_wise(name, texts[name].dictionary, "", SEPARATOR).take(texts[name].indices)
        for name in sorted(texts.keys() - EXCLUDED)
    ]
    return pc.binary_join_element_wise(pa.repeat("", rows), *pieces, "", null_handling="skip")


def one_by_one(queries: pa.Array, wanted: Iterable[str]) -> Sent:
    """The same, line by line: for what somebody makes up to be in the way."""
    sent = [parameters(query) for query in queries.to_pylist()]
    columns = {name: pa.array([it.get(name) for it in sent], pa.string()).dictionary_encode() for name in wanted}
    texts = {name: it for name, it in columns.items() if len(it.dictionary)}
    return Sent(texts, pa.array([canonical_of(it) for it in sent], pa.string()))


def parameters(query: str) -> dict[str, str]:
    """One line's parameters, form-decoded."""
    halves = (pair.split("=", 1) for pair in query.split("&") if "=" in pair)
    return {unquote_plus(name): unquote_plus(value) for name, value in halves}


def canonical_of(sent: Mapping[str, str]) -> str:
    """The same as `canonical`, of one line."""
    return "".join(f"{name}{SEPARATOR}{sent[name]}{SEPARATOR}" for name in sorted(sent.keys() - EXCLUDED))
