"""Query strings → a column for each parameter in them, in Arrow's own kernels, without a loop over rows."""

from collections.abc import Iterable, Mapping
from typing import NamedTuple
from urllib.parse import unquote_plus

import pyarrow as pa
import pyarrow.compute as pc

from enrich.fingerprint import EXCLUDED, SEPARATOR

MOST_NAMES = 200  # trackers have some 75


class Texts(NamedTuple):
    """One parameter's texts: each distinct one once, and for each line the number of its own, null for none."""

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


def query_columns(queries: pa.Array, wanted: Iterable[str]) -> Sent:
    """Each parameter's form-decoded value on each line, null where it has none; of too many names the wanted ones."""
    pairs = pc.split_pattern(queries, "&")
    flat, line = pairs.flatten(), pc.list_parent_indices(pairs)
    whole = pc.match_substring(flat, "=")  # "a" without "=" says nothing
    if not pc.all(whole).as_py():
        flat, line = flat.filter(whole), line.filter(whole)
    halves = pc.split_pattern(flat, "=", max_splits=1)
    name, value = same_words(pc.list_element(halves, 0)), pc.list_element(halves, 1)
    number = {word: at for at, word in enumerate(name.words.to_pylist())}
    many = len(number) > MOST_NAMES
    lines = pa.array(range(len(queries)), pa.int64())
    texts = {
        parameter: on_lines(lines, line, value, pc.equal(name.on_line, number[parameter]))
        for parameter in (wanted if many else number)
        if parameter in number
    }
    return Sent(texts, one_by_one(queries) if many else canonical(texts, len(queries)))


def same_words(texts: pa.Array) -> Texts:
    """The texts form-decoded; two spellings of one word are one."""
    encoded = texts.dictionary_encode()
    decoded = form_decoded(encoded.dictionary)
    if decoded is encoded.dictionary:
        return Texts(decoded, encoded.indices)
    again = decoded.dictionary_encode()
    return Texts(again.dictionary, again.indices.take(encoded.indices))


def canonical(texts: Mapping[str, Texts], rows: int) -> pa.Array:
    """What a fingerprint is made of: each line's parameters but EXCLUDED, in the order of their names."""
    pieces = [
        pc.binary_join_element_wise(name, texts[name].words, "", SEPARATOR).take(texts[name].on_line)
        for name in sorted(texts.keys() - EXCLUDED)
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


def on_lines(lines: pa.Array, line: pa.Array, value: pa.Array, here: pa.Array) -> Texts:
    """The values that are `here`, each on its line; of a repeated parameter the last."""
    at, found = line.filter(here).cast(pa.int64()), same_words(value.filter(here))
    if at.equals(lines):
        return found
    last = pc.not_equal(at, pa.concat_arrays([at[1:], pa.array([-1], pa.int64())]))  # `at` is in order
    return found._replace(on_line=found.on_line.filter(last).take(pc.index_in(lines, at.filter(last))))


def form_decoded(words: pa.Array) -> pa.Array:
    """`%XX` and `+` undone; bytes that are no UTF-8 become U+FFFD."""
    escaped = pc.match_substring_regex(words, "[%+]")
    if not pc.any(escaped).as_py():
        return words
    plain = [unquote_plus(word) for word in words.filter(escaped).to_pylist()]
    return pc.replace_with_mask(words, escaped, pa.array(plain, pa.string()))
