"""The text of a self-describing JSON: what base64 hides of it, whether its structure is sound, its schema.

Source: Snowplow's self-describing JSON, and the envelopes `contexts` and `unstruct_event`.
"""

import re
from binascii import a2b_base64
from functools import lru_cache
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
from pybase64 import b64decode

from enrich.self_describing import SCHEMA, SNOWPLOW, loaded

DEEPEST = 50
PADDING = "=="  # more than is missing does no harm
USUAL = bytes.maketrans(b"-_", b"+/")  # for the digits of the alphabet of URLs those of the usual one
IN_TEXT = str.maketrans("-_", "+/")
# By how many digits the last group has; one alone is none, and the mark is foreign.
FILLING = ("", "!!!", "AA", "A")
NOT_BASE64 = re.compile(r"[^A-Za-z0-9+/]")
# A member's text without quotes, escapes and slashes, or a number that no reader finds too long.
SIMPLE = r':(?:"[A-Za-z0-9_.:+ -]*"|(?:0|[1-9][0-9]{0,14})(?:\.[0-9]{1,9})?)'
CONTEXTS = re.compile(rf"iglu:{re.escape(SNOWPLOW)}/contexts/jsonschema/1-0-[0-9]+")
UNSTRUCT_EVENT = re.compile(rf"iglu:{re.escape(SNOWPLOW)}/unstruct_event/jsonschema/1-0-[0-9]+")


def alike(texts: pa.Array) -> pa.Array:
    """The texts with the same for each simple value of a member, so that most are like another.

    The structure of such a text is sound only where that of its text is, and the same schemas are named: a quote that
    ends a string is not followed by another, and a value with a slash, as schemas have, stays.
    """
    return pc.replace_substring_regex(texts, SIMPLE, ':""')


def contexts(text: str) -> tuple[()]:
    """Check the entities' envelope: its data is an array of self-describing values."""
    data = enveloped(text, CONTEXTS)
    if not isinstance(data, list):
        raise ValueError("its data is no array")  # noqa: TRY004 - a reader's one kind of refusal
    for entity in data:
        check_self_describing(entity)
    return ()


def unstruct_event(text: str) -> tuple[str]:
    """Check the event's envelope, whose data is one self-describing value, and return the schema of that."""
    event = enveloped(text, UNSTRUCT_EVENT)
    check_self_describing(event)
    return (event["schema"],)


def enveloped(text: str, schema: re.Pattern[str]) -> Any:  # noqa: ANN401 - any JSON value
    """The data of an envelope of that schema."""
    value = parsed(text)
    if not fits(schema_of(value), schema):
        raise ValueError(f"not the expected envelope: {value['schema'][:200]}")
    return value["data"]


def check_self_describing(value: Any) -> None:  # noqa: ANN401 - any JSON value
    """Raise ValueError unless the value has a schema and data."""
    if not fits(schema_of(value), SCHEMA):
        raise ValueError(f"no Iglu schema: {value['schema'][:200]}")


def schema_of(value: Any) -> str:  # noqa: ANN401 - any JSON value
    """The schema that the value names; ValueError where it names none, or holds no data."""
    if isinstance(value, dict) and "data" in value and isinstance(schema := value.get("schema"), str):
        return schema
    raise ValueError("not self-describing")


@lru_cache(1 << 10)
def fits(schema: str, pattern: re.Pattern[str]) -> bool:
    """Whether the schema's name is of that form; there are few, and each is met often."""
    return bool(pattern.fullmatch(schema))


def parsed(text: str) -> Any:  # noqa: ANN401 - any JSON value
    """The JSON value; strictly JSON, since engines less forgiving than Python read it later."""
    try:
        value = loaded(text)
        too_deep = text.count("[") + text.count("{") > DEEPEST and depth(value) > DEEPEST
    except RecursionError:
        too_deep = True
    except ValueError as error:
        raise ValueError(f"not JSON: {error}") from error
    if too_deep:
        raise ValueError(f"nested deeper than {DEEPEST}")
    return value


def depth(value: Any) -> int:  # noqa: ANN401 - any JSON value
    """How deep the value's arrays and objects are nested."""
    if not isinstance(value, dict | list):
        return 0
    return 1 + max(map(depth, value.values() if isinstance(value, dict) else value), default=0)


def base64_texts(words: pa.Array) -> pa.Array:
    """The texts that base64 stands for: all at once where nothing is foreign to it, as trackers send it."""
    try:
        return decoded_at_once(pc.ascii_rtrim(words, "=")).cast(pa.string())
    except ValueError:  # a foreign character, a digit too many, or no UTF-8
        return pa.array(map(base64_json, words.to_pylist()), pa.string())


def decoded_at_once(digits: pa.Array) -> pa.Array:
    """The bytes that each word of digits stands for, in one call for all of them; ValueError where any is amiss.

    Each word is filled up to whole groups of four digits; what comes of the filling is cut out again.
    """
    lengths = pc.binary_length(digits)
    full = pc.binary_join_element_wise(digits, pc.choose(pc.bit_wise_and(lengths, 3), *FILLING), "")
    if not len(full):
        return full.cast(pa.binary())
    _, offsets, data = full.buffers()
    starts = of_bytes(pa.Array.from_buffers(pa.int32(), len(full) + 1, [None, offsets]))
    ends = pc.add(starts[:-1], of_bytes(lengths))
    cuts = pa.concat_arrays([starts, ends])
    cuts = cuts.take(pc.array_sort_indices(cuts))  # each word's start, its end, the next one's start
    decoded = b64decode(data.to_pybytes().translate(USUAL), validate=True)
    parts = [None, cuts.buffers()[1], pa.py_buffer(decoded)]
    return pa.Array.from_buffers(pa.binary(), len(cuts) - 1, parts).take(pa.array(range(0, len(cuts) - 1, 2)))


def of_bytes(digits: pa.Array) -> pa.Array:
    """How many whole bytes so many digits stand for."""
    return pc.divide(pc.multiply(digits, pa.scalar(3, pa.int32())), pa.scalar(4, pa.int32()))


def base64_json(text: str) -> str:
    """The text that base64 stands for, in either alphabet, up to its padding; foreign characters are passed over."""
    digits = text.partition("=")[0].translate(IN_TEXT)
    try:
        decoded = a2b_base64(digits + PADDING)
    except ValueError:  # a digit too many
        decoded = b""
    if len(decoded) < len(digits) * 3 // 4:
        digits = NOT_BASE64.sub("", digits)
        decoded = a2b_base64(digits[: len(digits) - (len(digits) % 4 == 1)] + PADDING)
    return decoded.decode(errors="replace")
