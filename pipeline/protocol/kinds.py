"""What a parameter's text stands for: for each kind its Arrow type and the function that reads it.

A reader takes the text that was sent and returns the value, or one for each of the parameter's columns; null where the
text says so. It raises ValueError, with the reason, for text that is none.

Source: Snowplow's tracker protocol, as Snowplow's own enrichment reads it.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from typing import Any

import pyarrow as pa

from enrich.integers import DIGIT, moment, whole
from enrich.text import cleaned
from enrich.url_parts import cleaned_url
from pipeline.protocol.self_describing import base64_texts, contexts, unstruct_event

LAST_INT = 2**31 - 1
CENT = Decimal("0.01")
MOST_MONEY = Decimal(10) ** 16  # decimal(18,2)

DECIMAL = re.compile(rf"[+-]?(?:{DIGIT}+(?:\.{DIGIT}*)?|\.{DIGIT}+)(?:[eE]([+-]?{DIGIT}+))?")
SIZE = re.compile(r"([0-9]+)x([0-9]+)")  # of all numbers only here no other script's digits
UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")

EVENTS: Mapping[str, str] = {
    "pv": "page_view",
    "pp": "page_ping",
    "se": "struct",
    "ev": "struct",  # the old spelling
    "ue": "unstruct",
    "tr": "transaction",
    "ti": "transaction_item",
    "ad": "ad_impression",
}
PLATFORMS: Mapping[str, str] = {it: it for it in ("web", "iot", "app", "mob", "pc", "cnsl", "tv", "srv", "headset")}
BOOLEANS: Mapping[str, bool] = {"1": True, "0": False}


@dataclass(frozen=True)
class Kind:
    """The columns' type, the reader, and a pattern of texts for which Arrow's own cast reads the same."""

    type: pa.DataType
    read: Callable[[str], Any]
    plain: str | None = None


@dataclass(frozen=True)
class Described(Kind):
    """Self-describing JSON: the text itself fills the first column, what the reader returns those after it."""

    unpacked: Callable[[pa.Array], pa.Array] | None = None


def integer(text: str) -> int | None:
    """A 32-bit integer."""
    return None if text.lower() == "null" else whole(text, -LAST_INT - 1, LAST_INT)


def decimal(text: str) -> Decimal | None:
    """A decimal number, also in scientific form."""
    if text.lower() == "null":
        return None
    found = DECIMAL.fullmatch(text)
    if not found:
        raise ValueError("not a number")
    try:
        whole(found[1] or "0", -LAST_INT, LAST_INT)
    except ValueError as error:
        raise ValueError("its exponent is beyond measure") from error
    return Decimal(text)


def double(text: str) -> float | None:
    """A decimal number as a double."""
    number = decimal(text)
    if number is not None and abs(float(number)) == float("inf"):
        raise ValueError("too large for a double")
    return None if number is None else float(number)


def money(text: str) -> Decimal | None:
    """A decimal number with two places, rounded half up."""
    number = decimal(text)
    if number is None:
        return None
    try:
        rounded = number.quantize(CENT, ROUND_HALF_UP)
    except InvalidOperation:
        rounded = MOST_MONEY
    if abs(rounded) >= MOST_MONEY:
        raise ValueError("too large for 18 digits")
    return rounded


def size(text: str) -> tuple[int, int]:
    """Width and height, as in `1440x900`."""
    found = SIZE.fullmatch(text)
    if not found:
        raise ValueError("not two integers with an x between")
    return whole(found[1], 0, LAST_INT), whole(found[2], 0, LAST_INT)


def uuid(text: str) -> str:
    """A UUID of 36 characters, in lower case."""
    if not UUID.fullmatch(text.lower()):
        raise ValueError("not a UUID")
    return text.lower()


def one_of(words: Mapping[str, Any], error: str) -> Callable[[str], Any]:
    """A reader of a closed list of words."""

    def read(text: str) -> Any:  # noqa: ANN401 - the list's values
        if text not in words:
            raise ValueError(error)
        return words[text]

    return read


SHOWN = r"[^\x00-\x1f\x7f]+"
TEXT = Kind(pa.string(), cleaned, SHOWN)
URL = Kind(pa.string(), cleaned_url, r"[^\x00-\x20\x7f]+")
INT = Kind(pa.int32(), integer, "[0-9]{1,9}")
MS = Kind(pa.timestamp("ms"), moment, "[0-9]{1,14}")
DEC = Kind(pa.float64(), double)
MONEY = Kind(pa.decimal128(18, 2), money)
BOOL = Kind(pa.bool_(), one_of(BOOLEANS, "neither 1 nor 0"))
DIM = Kind(pa.int32(), size)
ID = Kind(pa.string(), uuid, UUID.pattern)
EVENT = Kind(pa.string(), one_of(EVENTS, "no kind of event"))
PLATFORM = Kind(pa.string(), one_of(PLATFORMS, "no platform"))
CONTEXTS = Described(pa.string(), contexts)
CONTEXTS_B64 = Described(pa.string(), contexts, unpacked=base64_texts)
UNSTRUCT = Described(pa.string(), unstruct_event)
UNSTRUCT_B64 = Described(pa.string(), unstruct_event, unpacked=base64_texts)
