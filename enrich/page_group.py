"""The page's path and query → one name for all the addresses of one page; the address itself stays as it is.

Tracking parameters vanish with the rest of the query, of which only what the owner names tells pages apart.
"""

import re
from functools import cache
from typing import NamedTuple
from urllib.parse import quote_plus

from enrich.campaign import parameters
from enrich.rules import PageGroups, Rules

INDEX = re.compile(r"/(?:index|default)\.(?:html?|php|aspx?)$", re.IGNORECASE)
SESSION = re.compile(r";(?:jsessionid|sid|phpsessid)=[^/;]*", re.IGNORECASE)
# A number of five digits or more (a year is none), a UUID, or letters and digits as only machines mix them.
ID = re.compile(
    r"[0-9]{5,}|[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}|(?=[a-f]*[0-9])(?=[0-9]*[a-f])[0-9a-f]{16,}", re.IGNORECASE
)
ANY_ID = ":id"
LONGEST = 3000  # characters that are looked at; a path that is longer is cut, and told so, as page_urlpath


class PageGroup(NamedTuple):
    """The page's name: a path, or the owner's pattern."""

    page_group: str | None = None


def page_group(
    page_urlhost: str | None, page_urlpath: str | None, page_urlquery: str | None, *, rules: Rules
) -> PageGroup:
    """The first of the owner's patterns that fits, else the path without what does not tell pages apart."""
    if page_urlhost is None and page_urlpath is None:
        return PageGroup()
    groups = rules.page_groups
    path = plain((page_urlpath or "")[:LONGEST])
    group = next((it for it in groups.patterns if pattern(it).fullmatch(path)), None)
    return PageGroup((group or without_ids(path, groups)) + kept(page_urlquery, groups))


def plain(path: str) -> str:
    """The path without session, doubled slashes, the name of a folder's own page, and the slash at its end."""
    path = re.sub("/{2,}", "/", SESSION.sub("", path))
    return INDEX.sub("/", path).rstrip("/") or "/"


@cache
def pattern(text: str) -> re.Pattern[str]:
    """The owner's pattern as a regular expression; no part of it can stand for two."""
    parts = ["[^/]+" if it == "*" else re.escape(it) for it in text.removesuffix("/**").split("/")]
    return re.compile("/".join(parts) + ("(?:/.*)?" if text.endswith("/**") else ""), re.DOTALL)


def without_ids(path: str, groups: PageGroups) -> str:
    """The path with each part that is an id as `:id`."""
    return "/".join(ANY_ID if ID.fullmatch(it) else it for it in path.split("/")) if groups.ids else path


def kept(page_urlquery: str | None, groups: PageGroups) -> str:
    """Of the query what tells pages apart, in the order of the owner's list."""
    if not groups.query or page_urlquery is None:
        return ""
    query = parameters(page_urlquery[:LONGEST])
    pairs = [f"{name}={quote_plus(query[name])}" for name in groups.query if query.get(name)]
    return "?" + "&".join(pairs) if pairs else ""
