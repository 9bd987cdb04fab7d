"""A text → the integer, or the time in milliseconds, that it spells; ValueError, with the reason, where it spells none.

Source: Snowplow's tracker protocol as its enrichment reads it.
"""

import re

FIRST_MS = -62_167_219_200_000  # the year 0
LAST_MS = 253_402_300_799_999  # the end of the year 9999, past which no engine reads a time
MOST_DIGITS = 400  # no value of any column has more

INTEGER = re.compile(r"[+-]?\d+")


def whole(text: str, least: int, most: int) -> int:
    """An integer between `least` and `most`."""
    if not INTEGER.fullmatch(text):
        raise ValueError("not an integer")
    if len(text) > MOST_DIGITS or not least <= int(text) <= most:
        raise ValueError(f"not between {least} and {most}")
    return int(text)


def moment(text: str) -> int:
    """Milliseconds since 1970."""
    return whole(text, FIRST_MS, LAST_MS)
