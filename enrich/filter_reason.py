"""Why a row does not count: the first reason of one ordered list that holds, or null."""

from collections.abc import Callable
from typing import NamedTuple
from urllib.parse import parse_qsl

from enrich.hosts import is_host
from enrich.rules import Rules


class FilterReason(NamedTuple):
    """Null for a row that counts."""

    filter_reason: str | None = None


class Seen(NamedTuple):
    """What the reasons look at."""

    app_id: str | None
    page_urlhost: str | None
    page_urlquery: str | None
    bot_name: str | None


def bot(event: Seen, rules: Rules) -> bool:
    """The user agent says so itself."""
    return rules.filters.bots and event.bot_name is not None


def own_visit(event: Seen, rules: Rules) -> bool:
    """The page's query carries one of the owner's marks."""
    query = parse_qsl(event.page_urlquery or "", keep_blank_values=True)
    return any(marks(mark.removeprefix("?"), query) for mark in rules.filters.own_visits)


def marks(mark: str, query: list[tuple[str, str]]) -> bool:
    """Whether `name=value` stands in the query, or for a mark without `=` the name alone."""
    name, equals, value = mark.partition("=")
    return any(key == name and (not equals or it == value) for key, it in query)


def foreign_host(event: Seen, rules: Rules) -> bool:
    """The page lives on a host that is none of its site's: a copy, a translation, a forgery; no host is not foreign."""
    site = rules.sites.get(event.app_id or "")
    return (
        site is not None
        and event.page_urlhost is not None
        and not any(is_host(event.page_urlhost, it) for it in site.hosts)
    )


def unknown_site(event: Seen, rules: Rules) -> bool:
    """No site of the owner's has this `app_id`; an owner who names no sites knows them all."""
    return bool(rules.sites) and event.app_id not in rules.sites


REASONS: tuple[tuple[str, Callable[[Seen, Rules], bool]], ...] = (
    ("bot", bot),
    ("own_visit", own_visit),
    ("foreign_host", foreign_host),
    ("unknown_site", unknown_site),
)


def filter_reason(
    app_id: str | None, page_urlhost: str | None, page_urlquery: str | None, bot_name: str | None, *, rules: Rules
) -> FilterReason:
    """The first reason that holds."""
    seen = Seen(app_id, page_urlhost, page_urlquery, bot_name)
    return FilterReason(next((reason for reason, holds in REASONS if holds(seen, rules)), None))
