"""A text → the integer, or the time in milliseconds, that it spells; ValueError, with the reason, where it spells none.

Source: Snowplow's tracker protocol as its enrichment reads it.
"""

import re

FIRST_MS = -62_167_219_200_000  # the year 0
LAST_MS = 253_402_300_799_999  # the end of the year 9999, past which no engine reads a time
DIGIT = r"[^\D\U00010000-\U0010FFFF]"  # of any script, as far as one unit of UTF-16 reaches
INTEGER = re.compile(rf"([+-]?)({DIGIT}+)")
MOST_DIGITS = 18  # no value of any column has more


def whole(text: str, least: int, most: int) -> int:
    """An integer between `least` and `most`."""
    found = INTEGER.fullmatch(text)
    if not found:
        raise ValueError("not an integer")
    digits = in_ascii(found[2]).lstrip("0") or "0"
    number = int(found[1] + digits[: MOST_DIGITS + 1])
    if not least <= number <= most:
        raise ValueError(f"not between {least} and {most}")
    return number


def in_ascii(digits: str) -> str:
    """The digits of any script as those of ours."""
    return digits if digits.isascii() else "".join(str(int(it)) for it in digits)


def moment(text: str) -> int:
    """Milliseconds since 1970."""
    return whole(text, FIRST_MS, LAST_MS)
