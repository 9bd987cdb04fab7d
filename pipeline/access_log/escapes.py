r"""The log's own layer of percent-escapes, undone once.

CloudFront escapes bytes 0 to 32, 127 and above, and `< > " # % { } | \\ ^ ~ [ ] ' `` ` `` in every value: `%` too, so
that `%2F` of a request is `%252F` in the log. From 17 August to October 2013 it left `%` alone, now and then.

Source: CloudFront developer guide, "Standard logging reference"; for 2013 Snowplow's issues 333, 348 and 349.
"""

from collections.abc import Callable
from urllib.parse import unquote

import pyarrow as pa
import pyarrow.compute as pc

from enrich.words import changed, plain

NOTHING = ("-", "")
FIRST_DAY, LAST_DAY = "2013-08-17", "2013-10-31"
# Escapes of characters that CloudFront does not escape, so that somebody else wrote this line.
FOREIGN = "%(2[14689A-Fa-f]|3[0-9ABDFabdf]|4[0-9A-Fa-f]|5[0-9AFaf]|6[1-9A-Fa-f]|7[0-9Aa])"
# Or of bytes that are a character of their own, whatever escape of the request's stands beside them.
APART = f"{FOREIGN}|%[89A-Fa-f][0-9A-Fa-f]"

OTHER_THAN_PERCENT = "%([^2]|2[^5]|2?$)"


def unescaped(requests: pa.Table) -> pa.Table:
    """The requests with the log's escapes undone, and null for `-` and for the empty text; what recurs as words.

    `cs-uri-query` may keep escapes that its own form-decoding then undoes to the same text.
    """
    old = in_2013(requests["date"].combine_chunks())
    for name, undo in UNDO.items():
        logged = requests[name].combine_chunks()
        undone = undo(logged)
        if old is not None:
            undone = pc.if_else(old, singly_escaped(present(logged)), plain(undone))
        requests = requests.set_column(requests.column_names.index(name), name, undone)
    agent = changed(requests["cs(User-Agent)"].combine_chunks(), second_round)
    return requests.set_column(requests.column_names.index("cs(User-Agent)"), "cs(User-Agent)", agent)


def in_2013(date: pa.Array) -> pa.Array | None:
    """Which lines are of the weeks when `%` itself was not always escaped; None where none is."""
    old = pc.and_(pc.greater_equal(date, FIRST_DAY), pc.less_equal(date, LAST_DAY))
    return old.fill_null(fill_value=False) if pc.any(old).as_py() else None


def present(values: pa.Array) -> pa.Array:
    """The values, null for `-` and for nothing."""
    shortest = pc.min(pc.binary_length(values)).as_py()
    if shortest is None or shortest > len("-"):
        return values
    nothing = pc.is_in(values, pa.array(NOTHING))
    return pc.if_else(nothing, pa.scalar(None, pa.string()), values)


def as_logged(values: pa.Array) -> pa.DictionaryArray:
    """The values of a field that holds no character to escape."""
    return changed(values, lambda word: None if word in NOTHING else word)


def unquoted(values: pa.Array) -> pa.DictionaryArray:
    """The values with each escape undone once; bytes that are no UTF-8 become U+FFFD."""
    return changed(values, lambda word: None if word in NOTHING else unquote(word))


def query(logged: pa.Array) -> pa.Array:
    """Query strings that give, form-decoded, what the ones sent give.

    The log escapes `%` and never `&`, `=` or `+`. So `%25` back to `%` is enough, over the whole column at once: what
    other escapes are left, form-decoding undoes to the same text. `%26` and the like, and `%C3`, take the plain way.
    """
    values = present(logged)
    if not holds(values, OTHER_THAN_PERCENT):  # the usual case
        return pc.replace_substring(values, "%25", "%")
    sent = without_fragment(values)
    apart = pc.match_substring_regex(sent, APART)
    undone = pc.replace_substring(sent, "%25", "%")
    return pc.if_else(apart, plain(unquoted(sent)), undone) if pc.any(apart).as_py() else undone


def without_fragment(values: pa.Array) -> pa.Array:
    """The queries up to a `#` that was sent as such, which ends a query; trackers escape theirs.

    In a line that somebody else escaped, once, it may be a tracker's.
    """
    if not holds(values, "%23"):
        return values
    short = pc.replace_substring_regex(values, "(?s)%23.*", "")
    return pc.if_else(pc.match_substring_regex(values, FOREIGN), values, short)


def holds(values: pa.Array, pattern: str) -> bool:
    """Whether the pattern is found in any of the values."""
    return bool(pc.any(pc.match_substring_regex(values, pattern)).as_py())


def singly_escaped(values: pa.Array) -> pa.Array:
    """The values with `%25XX` back to `%XX`, and all else as it is: right for either habit of 2013."""
    return pc.replace_substring_regex(values, "%25([0-9A-Fa-f]{2})", r"%\1")


def second_round(agent: str) -> str:
    """The user agent, undone once more where it still has `%20` for spaces, as many a log of 2013 to 2019."""
    return unquote(agent) if "%20" in agent and " " not in agent else agent


UNDO: dict[str, Callable[[pa.Array], pa.Array]] = {
    "timestamp(ms)": present,
    "date": present,
    "time": present,
    "cs-uri-stem": unquoted,
    "cs-uri-query": query,
    "cs(Referer)": unquoted,
    "cs(User-Agent)": unquoted,
    "c-ip": as_logged,
    "x-edge-request-id": present,
    "viewer-request-log-data": unquoted,
    "c-country": as_logged,
    "asn": as_logged,
}
