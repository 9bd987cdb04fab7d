"""The log's own time fields → when CloudFront answered.

v2 logs may hold `timestamp(ms)`; every other layout has `date` and `time`, in UTC, to the second.
"""

import re
from datetime import datetime

import pyarrow as pa
import pyarrow.compute as pc

from enrich.integers import LAST_MS
from enrich.words import is_empty

TIME = pa.timestamp("ms")
USUAL = len("2026-11-24T10:30:00")  # Arrow takes no other text of this length that has a T
FIRST = datetime.min  # noqa: DTZ901 (Arrow has a year 0)
DATE_TIME = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]{1,9})?")


def collector_tstamp(timestamp_ms: pa.Array, date: pa.Array, time: pa.Array) -> pa.Array:
    """Each line's time, in milliseconds, UTC; null where it cannot be read."""
    known = from_digits(timestamp_ms)
    if known.null_count == 0:
        return known
    told = from_words(pc.binary_join_element_wise(date, time, "T"))
    return told if is_empty(known) else pc.coalesce(known, told)


def from_digits(texts: pa.Array) -> pa.Array:
    """Texts such as `1795516200000`; null for any other, and for a time that no calendar has."""
    if is_empty(texts):
        return pa.nulls(len(texts), TIME)
    digits = pc.match_substring_regex(texts, "^[0-9]{1,15}$")
    number = pc.if_else(digits, texts, pa.scalar(None, pa.string())).cast(pa.int64())
    return pc.if_else(pc.less_equal(number, LAST_MS), number, pa.scalar(None, pa.int64())).cast(TIME)


def from_words(texts: pa.Array) -> pa.Array:
    """Texts such as `2026-11-24T10:30:00`: by Arrow's own reader where all are usual, else each distinct one once."""
    if pc.all(pc.equal(pc.binary_length(texts), USUAL)).as_py():
        try:
            moments = texts.cast(TIME)
            if not pc.any(pc.less(moments, FIRST)).as_py():
                return moments
        except pa.ArrowInvalid:  # no day of the calendar
            pass
    words = texts.dictionary_encode()
    moments = [moment(word) for word in words.dictionary.to_pylist()]
    return pa.array(moments, TIME).take(words.indices)


def moment(text: str) -> datetime | None:
    """The time, or None where the text is none."""
    try:
        return datetime.fromisoformat(text[:23]) if DATE_TIME.fullmatch(text) else None
    except ValueError:
        return None
