"""The address of the page that led here → its parts, what kind of site that was, and its name.

`referrer.toml` has the sites that are known by name.
"""

import tomllib
from functools import cache
from pathlib import Path
from typing import NamedTuple

from enrich.hosts import Hosts, is_host
from enrich.rules import Rules
from enrich.step import Fault
from enrich.url_parts import Parts, parts

SCHEMES = frozenset({"http", "https", "android-app"})
UNKNOWN = "unknown"


class Source(NamedTuple):
    """A site's kind, one of Snowplow's media, and its name."""

    refr_medium: str | None = None
    refr_source: str | None = None


class Referrer(NamedTuple):
    """The parts of `page_referrer`, each as it stands in the address, and what it is."""

    refr_urlscheme: str | None = None
    refr_urlhost: str | None = None
    refr_urlport: int | Fault | None = None
    refr_urlpath: str | None = None
    refr_urlquery: str | None = None
    refr_urlfragment: str | None = None
    refr_medium: str | None = None
    refr_source: str | None = None


def referrer(page_referrer: str | None, page_urlhost: str | None, *, rules: Rules) -> Referrer:
    """Split the referrer's address, and look its host up."""
    if page_referrer is None:
        return Referrer()
    found = parts("refr", page_referrer)
    return Referrer(*found, *source(found, page_urlhost, rules))


def source(found: Parts, page_urlhost: str | None, rules: Rules) -> Source:
    """Internal where the host is the page's own, or one of `internal_domains`; else what the table says."""
    if found.scheme not in SCHEMES or found.host is None:
        return Source()
    if found.host == page_urlhost or any(is_host(found.host, it) for it in rules.internal_domains):
        return Source("internal")
    return table().of(found.host) or Source(UNKNOWN)


@cache
def table() -> Hosts[Source]:
    """The sites of `referrer.toml`."""
    media = tomllib.loads((Path(__file__).parent / "referrer.toml").read_text(encoding="utf-8"))
    return Hosts(
        {
            host: Source(medium, name)
            for medium, sources in media.items()
            for name, hosts in sources.items()
            for host in hosts
        }
    )
