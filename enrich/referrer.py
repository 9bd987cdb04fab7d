"""The address of the page that led here → its parts, what kind of site that was, its name, and what was searched for.

`referrer.toml` has the sites that are known by name.
"""

import re
import tomllib
from functools import cache
from pathlib import Path
from typing import NamedTuple
from urllib.parse import parse_qsl

from enrich.hosts import Hosts, is_host
from enrich.rules import Rules
from enrich.step import Fault
from enrich.text import cleaned
from enrich.url_parts import Parts, parts

SCHEMES = frozenset({"http", "https", "android-app"})
UNKNOWN = "unknown"
SEARCH, TERMS = "search", "terms"
USUAL_TERMS = ("q",)
BROKEN = re.compile("%(?![0-9A-Fa-f]{2})")


class Source(NamedTuple):
    """A site's kind, one of Snowplow's media, its name, and what of its query tells what was searched for."""

    refr_medium: str | None = None
    refr_source: str | None = None
    terms: tuple[str, ...] = ()


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
    refr_term: str | None = None


def referrer(page_referrer: str | None, page_urlhost: str | None, *, rules: Rules) -> Referrer:
    """Split the referrer's address, and look its host up."""
    if page_referrer is None:
        return Referrer()
    found = parts("refr", page_referrer)
    medium, name, terms = source(found, page_urlhost, rules)
    return Referrer(*found, medium, name, term(found.query, terms))


def source(found: Parts, page_urlhost: str | None, rules: Rules) -> Source:
    """Internal where the host is the page's own, or one of `internal_domains`; else what the table says."""
    if found.scheme not in SCHEMES or found.host is None:
        return Source()
    if found.host == page_urlhost or any(is_host(found.host, it) for it in rules.internal_domains):
        return Source("internal")
    return table().of(found.host, found.path or "") or Source(UNKNOWN)


def term(query: str | None, names: tuple[str, ...]) -> str | None:
    """The first of the names in the order of the query; of a query whose escapes are broken none."""
    if query is None or not names or BROKEN.search(query):
        return None
    return cleaned(next((value for name, value in parse_qsl(query, keep_blank_values=True) if name in names), ""))


@cache
def table() -> Hosts[Source]:
    """The sites of `referrer.toml`."""
    media = tomllib.loads((Path(__file__).parent / "referrer.toml").read_text(encoding="utf-8"))
    terms = {name: tuple(names) for name, names in media.pop(TERMS).items()}
    return Hosts(
        {
            host: Source(medium, name, terms.get(name, USUAL_TERMS) if medium == SEARCH else ())
            for medium, sources in media.items()
            for name, hosts in sources.items()
            for host in hosts
        }
    )
