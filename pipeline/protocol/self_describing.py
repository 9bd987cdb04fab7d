"""The text of a self-describing JSON → the same text, once its structure has been checked.

Source: Snowplow's self-describing JSON, and the envelopes `contexts` and `unstruct_event`.
"""

import binascii
import json
import re
from typing import Any

from enrich.self_describing import SCHEMA, SNOWPLOW

DEEPEST = 50
NOT_BASE64 = re.compile(r"[^A-Za-z0-9+/]")
CONTEXTS = re.compile(rf"iglu:{re.escape(SNOWPLOW)}/contexts/jsonschema/1-0-[0-9]+")
UNSTRUCT_EVENT = re.compile(rf"iglu:{re.escape(SNOWPLOW)}/unstruct_event/jsonschema/1-0-[0-9]+")


def no_number(word: str) -> None:
    """Refuse NaN and Infinity, which Python would take."""
    raise ValueError(f"{word} is no JSON number")


STRICT = json.JSONDecoder(parse_constant=no_number)


def contexts(text: str) -> str:
    """The entities' envelope: its data is an array of self-describing values."""
    data = enveloped(text, CONTEXTS)
    if not isinstance(data, list):
        raise ValueError("its data is no array")  # noqa: TRY004 - a reader's one kind of refusal
    for entity in data:
        check_self_describing(entity)
    return text


def unstruct_event(text: str) -> str:
    """The event's envelope: its data is one self-describing value."""
    check_self_describing(enveloped(text, UNSTRUCT_EVENT))
    return text


def enveloped(text: str, schema: re.Pattern[str]) -> Any:  # noqa: ANN401 - any JSON value
    """The data of an envelope of that schema."""
    value = parsed(text)
    if not isinstance(value, dict) or not isinstance(value.get("schema"), str) or "data" not in value:
        raise ValueError("not self-describing")
    if not schema.fullmatch(value["schema"]):
        raise ValueError(f"not the expected envelope: {value['schema'][:200]}")
    return value["data"]


def check_self_describing(value: Any) -> None:  # noqa: ANN401 - any JSON value
    """Raise ValueError unless the value has a schema and data."""
    if not isinstance(value, dict) or not isinstance(value.get("schema"), str) or "data" not in value:
        raise ValueError("not self-describing")
    if not SCHEMA.fullmatch(value["schema"]):
        raise ValueError(f"no Iglu schema: {value['schema'][:200]}")


def parsed(text: str) -> Any:  # noqa: ANN401 - any JSON value
    """The JSON value; strictly JSON, since engines less forgiving than Python read it later."""
    try:
        value = STRICT.decode(text)
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


def base64_json(text: str) -> str:
    """The text that base64 stands for, in either alphabet, padded or not; foreign characters are passed over."""
    digits = NOT_BASE64.sub("", text.replace("-", "+").replace("_", "/"))
    whole = digits[: len(digits) - (len(digits) % 4 == 1)]
    return binascii.a2b_base64(whole + "=" * (-len(whole) % 4)).decode(errors="replace")
