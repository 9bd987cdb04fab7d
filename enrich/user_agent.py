"""What the browser says of itself → browser, system, device; the parts in full as Snowplow's `ua_parser_context`."""

import json
from typing import NamedTuple

from ua_parser import DefaultedResult, parse

from enrich.device_type import MOBILE_KINDS, device_type
from enrich.text import cleaned

CONTEXTS = "iglu:com.snowplowanalytics.snowplow/contexts/jsonschema/1-0-1"
UA_PARSER_CONTEXT = "iglu:com.snowplowanalytics.snowplow/ua_parser_context/jsonschema/1-0-0"
LONGEST = 4096  # characters that are looked at: the patterns' time grows with the text


class Browser(NamedTuple):
    """The user agent and its parts; null where nothing is known."""

    useragent: str | None = None
    br_name: str | None = None
    br_family: str | None = None
    br_version: str | None = None
    os_name: str | None = None
    os_family: str | None = None
    dvce_type: str | None = None
    dvce_ismobile: bool | None = None
    derived_contexts: str | None = None


def user_agent(ua: str | None, cs_user_agent: str | None) -> Browser:
    """The parts of `ua`, which a tracker may send, or else of the request's header."""
    useragent = ua or cleaned(cs_user_agent or "")
    if useragent is None:
        return Browser()
    found = parse(useragent[:LONGEST]).with_defaults()
    browser, system = found.user_agent, found.os
    version = dotted(browser.major, browser.minor, browser.patch)
    kind = device_type(found.string)
    return Browser(
        useragent,
        br_name=joined(known(browser.family), browser.major),
        br_family=known(browser.family),
        br_version=version or None,
        os_name=joined(known(system.family), dotted(system.major, system.minor)),
        os_family=known(system.family),
        dvce_type=kind,
        dvce_ismobile=kind in MOBILE_KINDS,
        derived_contexts=context(found),
    )


def known(family: str) -> str | None:
    """The family, null for what ua-parser does not know."""
    return None if family == "Other" else family


def dotted(*parts: str | None) -> str:
    """The parts of a version up to the first that is missing."""
    present = parts[: parts.index(None)] if None in parts else parts
    return ".".join(part for part in present if part)


def joined(family: str | None, version: str | None) -> str | None:
    """A family and its version as one name."""
    return f"{family} {version}" if family and version else family


def context(found: DefaultedResult) -> str:
    """All twelve fields of Snowplow's `ua_parser_context`, in the envelope of derived contexts."""
    browser, system = found.user_agent, found.os
    parts = {
        "useragentFamily": browser.family,
        "useragentMajor": browser.major,
        "useragentMinor": browser.minor,
        "useragentPatch": browser.patch,
        "useragentVersion": joined(browser.family, dotted(browser.major, browser.minor, browser.patch)),
        "osFamily": system.family,
        "osMajor": system.major,
        "osMinor": system.minor,
        "osPatch": system.patch,
        "osPatchMinor": system.patch_minor,
        "osVersion": joined(system.family, dotted(system.major, system.minor, system.patch, system.patch_minor)),
        "deviceFamily": found.device.family,
    }
    return json.dumps({"schema": CONTEXTS, "data": [{"schema": UA_PARSER_CONTEXT, "data": parts}]})
