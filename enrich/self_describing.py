"""The kind of event, and of a self-describing one its schema → vendor, name, format and version.

Source: Snowplow's event schema fields; SchemaVer.
"""

import json
import re
from typing import NamedTuple

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


def event_schema(event: str | None, unstruct_event: str | None) -> EventSchema:
    """The event's schema; of a self-describing event the one that it names."""
    if event == "unstruct" and unstruct_event is not None:
        return EventSchema(*SCHEMA.fullmatch(json.loads(unstruct_event)["data"]["schema"]).groups())  # type: ignore[union-attr] # checked when it was read
    return BUILT_IN.get(event or "", EventSchema())
