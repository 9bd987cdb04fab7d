"""A JSON Schema's text → a function that says what is wrong with a value, compiled once for each distinct text.

The values are strangers', and the schemas are often somebody else's too. So nothing is ever fetched, and texts are
held against patterns by RE2, whose time grows only with the text: Python's own can take for ever.

Source: JSON Schema draft 4, in which Iglu's schemas are written.
"""

import json
import math
import re
from collections.abc import Callable, Mapping
from functools import cache
from typing import Any

import fastjsonschema
import pyarrow as pa
import pyarrow.compute as pc

DRAFT_4 = "http://json-schema.org/draft-04/schema#"
OF_NAMES = ("properties", "patternProperties", "definitions", "dependencies")  # whose values are schemas
OF_SCHEMAS = ("items", "additionalItems", "additionalProperties", "allOf", "anyOf", "oneOf", "not")
REPETITION = re.compile(r"[*+{]")
DEEPEST = 100
# Iglu's schemas use these too, which draft 4 does not know.
FORMATS = {
    "uuid": r"^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}\Z",
    "date": r"^[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])\Z",
}

Patterns = dict[str, str]
"""The schema's patterns, under the names that stand for them among its formats."""


@cache
def misfit(schema: str) -> Callable[[Any], str | None]:
    """What is wrong with a value by this schema, or None.

    Raises:
        ValueError: the text is no JSON Schema, or one that could harm.
    """
    patterns: Patterns = {}
    try:
        definition = made_safe(parsed(schema), patterns) | {"$schema": DRAFT_4}
        formats = FORMATS | {name: matcher(pattern) for name, pattern in patterns.items()}
        valid = fastjsonschema.compile(definition, formats=formats, use_default=False)
    except (fastjsonschema.JsonSchemaException, AttributeError, LookupError, TypeError, re.error) as error:
        raise ValueError(f"no JSON Schema: {error}") from error
    except (RecursionError, SyntaxError) as error:
        raise ValueError("too large or too deep a schema") from error

    def said(value: Any) -> str | None:  # noqa: ANN401 - any JSON value
        try:
            valid(value)
        except fastjsonschema.JsonSchemaValueException as error:
            return with_patterns(error.message, patterns)
        except RecursionError:
            return "the schema refers to itself without end"
        except (ArithmeticError, TypeError) as error:  # `multipleOf` of a number that is beyond a double's
            return f"cannot be held against its schema: {error}"
        return None

    return said


def parsed(schema: str) -> dict[str, Any]:
    """The schema as JSON.

    Raises:
        ValueError: it is no JSON object, or holds a number that is none.
    """
    value = json.loads(schema, parse_float=finite, parse_constant=finite)
    if not isinstance(value, dict):
        raise ValueError("no JSON object")  # noqa: TRY004 - the one kind of refusal
    return value


def finite(number: str) -> float:
    """The number, unless a double cannot hold it."""
    if not math.isfinite(float(number)):
        raise ValueError(f"{number} is no number of a schema")
    return float(number)


def made_safe(schema: Any, patterns: Patterns, depth: int = 0) -> Any:  # noqa: ANN401 - any JSON value
    """The schema with a format of our own for each pattern."""
    if depth > DEEPEST:
        raise RecursionError
    if isinstance(schema, list):
        return [made_safe(it, patterns, depth + 1) for it in schema]
    if not isinstance(schema, dict):
        return schema
    check_reference(schema.get("$ref"))
    check_names(schema.get("patternProperties") or {})
    safe = {key: inner(key, value, patterns, depth) for key, value in schema.items() if key not in {"id", "$id"}}
    if isinstance(pattern := safe.pop("pattern", None), str):
        name = f"like pattern {len(patterns)}"
        patterns[name] = pattern
        safe["allOf"] = [*safe.get("allOf", []), {"format": name}]
    return safe


def inner(key: str, value: Any, patterns: Patterns, depth: int) -> Any:  # noqa: ANN401 - any JSON value
    """The value of one of a schema's keywords."""
    if key in OF_NAMES and isinstance(value, dict):
        return {name: made_safe(it, patterns, depth + 1) for name, it in value.items()}
    return made_safe(value, patterns, depth + 1) if key in OF_SCHEMAS else value


def check_reference(reference: Any) -> None:  # noqa: ANN401 - any JSON value
    """Raise ValueError for a schema that asks for another: it would be fetched."""
    if isinstance(reference, str) and not reference.startswith("#"):
        raise ValueError(f"it refers to another schema, and none is ever fetched: {reference[:200]}")


def check_names(by_pattern: Mapping[str, Any]) -> None:
    """Raise ValueError for a pattern of names over which Python's own matching could take long."""
    for pattern in by_pattern:
        if len(REPETITION.findall(pattern)) > 1:
            raise ValueError(f"a pattern of patternProperties repeats more than once: {pattern[:200]}")


def matcher(pattern: str) -> Callable[[str], bool]:
    """Whether a text has what the pattern asks for.

    Raises:
        ValueError: RE2 does not know the pattern; it looks around, or back.
    """

    def matches(text: str) -> bool:
        return bool(pc.match_substring_regex(pa.array([text], pa.string()), pattern)[0].as_py())

    matches("")
    return matches


def with_patterns(message: str, patterns: Patterns) -> str:
    """The message with a pattern in the place of its name."""
    return re.sub(r"like pattern \d+$", lambda it: f"like {patterns[it[0]]}", message)
