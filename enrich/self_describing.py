"""The kind of event, and of a self-describing one its schema → vendor, name, format and version.

Source: Snowplow's event schema fields; SchemaVer.
"""

import json
import re
from typing import Any, NamedTuple

import orjson

SNOWPLOW = "com.snowplowanalytics.snowplow"
SCHEMA = re.compile(r"iglu:([a-zA-Z0-9-_.]+)/([a-zA-Z0-9-_]+)/([a-zA-Z0-9-_]+)/([0-9]+-[0-9]+-[0-9]+)")


class EventSchema(NamedTuple):
    """Who defined the event, and what as."""

    event_vendor: str | None = None
    event_name: str | None = None
    event_format: str | None = None
    event_version: str | None = None


BUILT_IN = {
    name: EventSchema(SNOWPLOW, name, "jsonschema", "1-0-0")
    for name in ("page_view", "page_ping", "transaction", "transaction_item")
} | {"struct": EventSchema("com.google.analytics", "event", "jsonschema", "1-0-0")}


def event_schema(event: str | None, unstruct_event_schema: str | None) -> EventSchema:
    """The event's schema; of a self-describing event the one that it names."""
    if event == "unstruct" and unstruct_event_schema is not None:
        return named(unstruct_event_schema)
    return BUILT_IN.get(event or "", EventSchema())


def named(schema: str) -> EventSchema:
    """The parts of a schema's name, which was checked when the event was read."""
    return EventSchema(*SCHEMA.fullmatch(schema).groups())  # type: ignore[union-attr]


def no_number(word: str) -> None:
    """Refuse NaN and Infinity, which Python would take."""
    raise ValueError(f"{word} is no JSON number")


STRICT = json.JSONDecoder(parse_constant=no_number)


def loaded(text: str) -> Any:  # noqa: ANN401 - any JSON value
    """The value of strict JSON; what the fast reader refuses, half of a surrogate pair say, Python's own may take."""
    try:
        return orjson.loads(text)
    except ValueError:
        return STRICT.decode(text)
