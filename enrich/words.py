"""Columns of text as words: each distinct text once, and for each row its place among them; a null has no place.

What is done to a text is so done once, whatever the number of rows that hold it. A word may recur, seldom enough.
"""

from collections.abc import Callable

import pyarrow as pa

WORDS = pa.dictionary(pa.int32(), pa.string())


def in_words(column: pa.Array) -> pa.DictionaryArray:
    """The column's texts, or its values of whatever kind, as words."""
    return column if pa.types.is_dictionary(column.type) else column.dictionary_encode()


def plain(column: pa.Array) -> pa.Array:
    """The column with its texts spelt out on each row."""
    return column.dictionary_decode() if pa.types.is_dictionary(column.type) else column


def in_one(column: pa.ChunkedArray) -> pa.Array:
    """The column as one array, which most are already."""
    return column.chunk(0) if column.num_chunks == 1 else column.combine_chunks()


def is_empty(column: pa.Array) -> bool:
    """Whether there is no value at all."""
    return column.null_count == len(column)  # type: ignore[no-any-return]


def on_rows(places: pa.Array, values: pa.Array) -> pa.Array:
    """The value at each row's place; texts as words."""
    if not pa.types.is_string(values.type):
        return values.take(places)
    if is_empty(values):
        return pa.nulls(len(places), WORDS)
    words = values.dictionary_encode()
    return pa.DictionaryArray.from_arrays(words.indices.take(places), words.dictionary)


def changed(column: pa.Array, change: Callable[[str], str | None]) -> pa.DictionaryArray:
    """The column with each of its words changed."""
    words = in_words(column)
    return on_rows(words.indices, pa.array(map(change, words.dictionary.to_pylist()), pa.string()))
