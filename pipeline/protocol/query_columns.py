"""Query strings → a column for each parameter in them, in Arrow's own kernels, without a loop over rows."""

from collections.abc import Iterable, Mapping
from typing import NamedTuple
from urllib.parse import unquote_plus

import pyarrow as pa
import pyarrow.compute as pc

from enrich.fingerprint import EXCLUDED, SEPARATOR

MOST_NAMES = 200  # trackers have some 75
SAMPLE = 1000


class Texts(NamedTuple):
    """One parameter's texts, mostly each distinct one once, and for each line the number of its own, null for none."""

    words: pa.Array
    on_line: pa.Array

    @property
    def column(self) -> pa.Array:
        """Each line's text."""
        return self.words.take(self.on_line)


class Sent(NamedTuple):
    """What trackers sent: each parameter's texts, and each line's parameters as one text to tell copies by."""

    texts: dict[str, Texts]
    canonical: pa.Array


class Pairs(NamedTuple):
    """The values of one name, in order, and the line of each."""

    line: pa.Array
    value: pa.Array


def query_columns(queries: pa.Array, wanted: Iterable[str]) -> Sent:
    """Each parameter's form-decoded value on each line, null where it has none; of too many names the wanted ones."""
    pairs = pairs_of(queries)
    by_name = {unquote_plus(spelling): found for spelling, found in pairs.items()}
    if len(by_name) < len(pairs) or len(pairs) > MOST_NAMES:  # two spellings of one name, or names without end
        return one_by_one(queries, wanted)
    lines = pa.array(range(len(queries)), pa.int32())
    texts = {name: on_lines(lines, found) for name, found in by_name.items()}
    return Sent(texts, canonical(texts, len(queries)))


def pairs_of(queries: pa.Array) -> dict[str, Pairs]:
    """The pairs of each name, as it is spelt; `a` without `=` says nothing. Not all, where there are too many names.

    Names of one length at a time: to cut a text at the same place everywhere is what Arrow does fastest.
    """
    split = pc.split_pattern(queries, "&")
    every = Pairs(pc.list_parent_indices(split).cast(pa.int32()), split.flatten())
    length_of = pc.find_substring(every.value, "=")
    pairs: dict[str, Pairs] = {}
    for length in pc.unique(length_of).to_pylist():
        if length >= 0 and len(pairs) <= MOST_NAMES:
            pairs |= pairs_by_name(where(every, pc.equal(length_of, length)), length)
    return pairs


def pairs_by_name(pairs: Pairs, length: int) -> dict[str, Pairs]:
    """The pairs of each name, all of them of `length` bytes."""
    names = pc.binary_slice(pairs.value.cast(pa.binary()), 0, length).dictionary_encode()
    values = Pairs(pairs.line, pc.binary_replace_slice(pairs.value, 0, length + 1, ""))
    spellings = names.dictionary.cast(pa.string()).to_pylist()[: MOST_NAMES + 1]
    if len(spellings) == 1:
        return {spellings[0]: values}
    return {spelling: where(values, pc.equal(names.indices, at)) for at, spelling in enumerate(spellings)}


def where(pairs: Pairs, here: pa.Array) -> Pairs:
    """The pairs that are `here`."""
    return Pairs(pairs.line.filter(here), pairs.value.filter(here))


def on_lines(lines: pa.Array, pairs: Pairs) -> Texts:
    """The values, each on its line; of a repeated parameter the last."""
    found = same_words(pairs.value)
    if pairs.line.equals(lines):
        return found
    last = pc.not_equal(pairs.line, pa.concat_arrays([pairs.line[1:], pa.array([-1], pa.int32())]))  # they are in order
    return found._replace(on_line=found.on_line.filter(last).take(pc.index_in(lines, pairs.line.filter(last))))


def same_words(values: pa.Array) -> Texts:
    """The values form-decoded; where hardly two are alike, as ids are, each is a word of its own."""
    start = values[:SAMPLE]
    if pc.count_distinct(start).as_py() > 0.9 * len(start):
        return Texts(form_decoded(values), pa.array(range(len(values)), pa.int32()))
    encoded = values.dictionary_encode()
    return Texts(form_decoded(encoded.dictionary), encoded.indices)


def form_decoded(words: pa.Array) -> pa.Array:
    """`%XX` and `+` undone; bytes that are no UTF-8 become U+FFFD."""
    escaped = pc.match_substring_regex(words, "[%+]")
    if not pc.any(escaped).as_py():
        return words
    plain = [unquote_plus(word) for word in words.filter(escaped).to_pylist()]
    return pc.replace_with_mask(words, escaped, pa.array(plain, pa.string()))


def canonical(texts: Mapping[str, Texts], rows: int) -> pa.Array:
    """What a fingerprint is made of: each line's parameters but EXCLUDED, in the order of their names."""
    pieces = [
        pc.binary_join_element_wise(name, texts[name].words, "", SEPARATOR).take(texts[name].on_line)
        for name in sorted(texts.keys() - EXCLUDED)
    ]
    return pc.binary_join_element_wise(pa.repeat("", rows), *pieces, "", null_handling="skip")


def one_by_one(queries: pa.Array, wanted: Iterable[str]) -> Sent:
    """The same, line by line: for what somebody makes up to be in the way."""
    sent = [parameters(query) for query in queries.to_pylist()]
    columns = {name: pa.array([it.get(name) for it in sent], pa.string()).dictionary_encode() for name in wanted}
    texts = {name: Texts(it.dictionary, it.indices) for name, it in columns.items() if len(it.dictionary)}
    return Sent(texts, pa.array([canonical_of(it) for it in sent], pa.string()))


def parameters(query: str) -> dict[str, str]:
    """One line's parameters, form-decoded."""
    halves = (pair.split("=", 1) for pair in query.split("&") if "=" in pair)
    return {unquote_plus(name): unquote_plus(value) for name, value in halves}


def canonical_of(sent: Mapping[str, str]) -> str:
    """The same as `canonical`, of one line."""
    return "".join(f"{name}{SEPARATOR}{sent[name]}{SEPARATOR}" for name in sorted(sent.keys() - EXCLUDED))
