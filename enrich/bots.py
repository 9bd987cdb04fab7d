"""The user agent, and the network it came from → whether it is a bot's, whose, and what for.

`bots.toml` has the ones that we know by name, with their operators; after it comes the list of `crawler-user-agents`,
which its maintainers keep up to date; then words that only bots use, and what ua-parser takes for a spider; last come
networks where no people live.
"""

import json
import re
import tomllib
from collections.abc import Collection
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any, NamedTuple

from ua_parser import parse
from ua_parser_rs import UserAgentExtractor

from enrich.step import Long, remembered

# What names no operator: words that no person's browser has. `CUBOT` is a telephone.
ANY_BOT = r"(?i)(?:^|[^u]|[^c]u)bots?\b|crawl|spider|scraper|headless|\bhttp-?client\b|\+https?://"
PURPOSES = {
    "ai-crawler": "ai_training",
    "search-engine": "search",
    "seo": "seo",
    "monitoring": "monitoring",
    "social-preview": "preview",
    "feed-reader": "feed",
    "scanner": "scanner",
    "advertising": "advertising",
    "archiver": "archive",
    "academic": "research",
    "http-library": "tool",
    "browser-automation": "tool",
}
"""The list's own words for what a crawler is for, the weightiest first, and ours."""
OTHER, SPIDER = "other", "Spider"  # ua-parser's word for a device that is none
DATA_CENTRE = "data centre"
VISITORS_PLATFORMS = frozenset({"web", "mob"})  # a server's own tracker has every right to sit in a data centre

LONGEST = 4096  # characters that are looked at


class Bot(NamedTuple):
    """The bot; all null for a person's browser."""

    bot_name: str | None = None
    bot_operator: str | None = None
    bot_purpose: str | None = None


def bot(useragent: str | None, asn: Long | None, platform: str | None) -> Bot:
    """What the agent says of itself counts more than where it sits."""
    found = named(useragent) if useragent is not None else Bot()
    if found.bot_name or platform not in VISITORS_PLATFORMS:
        return found
    operator = data_centres().get(asn) if asn is not None else None
    return Bot(DATA_CENTRE, operator, OTHER) if operator else found


@remembered  # the same agents come from many networks
def named(useragent: str) -> Bot:
    """The first of all the patterns that the agent has in it."""
    start = useragent[:LONGEST]
    found = engine().extract(start)
    if found is None:
        device = parse(start).device  # which the agent's own enrichment has asked for just before
        return Bot(bot_name=OTHER, bot_purpose=OTHER) if device and device.family == SPIDER else Bot()
    pattern, it = patterns()[int(found.family)]
    if it.bot_name is None:  # of the list, whose names are those that stand in the agent
        said = re.search(pattern, start)
        return it._replace(bot_name=(said[0].strip(" /;()") if said else "") or OTHER)
    return it


@cache
def patterns() -> tuple[tuple[str, Bot], ...]:
    """Our own names, the longest first, the list's patterns, and last the words; each with the bot it tells of."""
    listed = ((it["pattern"], Bot(None, None, purpose(it.get("tags", ())))) for it in crawlers())
    return (*known(), *listed, (ANY_BOT, Bot(bot_name=OTHER, bot_purpose=OTHER)))


def crawlers() -> list[dict[str, Any]]:
    """The list that others keep: the file in its package, which itself would read it at each start."""
    package = find_spec("crawleruseragents")
    if package is None or package.origin is None:
        raise ModuleNotFoundError("crawler-user-agents is not installed: install Firn with its dependencies.")
    crawlers: list[dict[str, Any]] = json.loads(
        Path(package.origin).with_name("crawler-user-agents.json").read_text(encoding="utf-8")
    )
    return crawlers


def known() -> list[tuple[str, Bot]]:
    """The agents of `bots.toml`."""
    purposes = tomllib.loads((Path(__file__).parent / "bots.toml").read_text(encoding="utf-8"))
    names = {name: (operator, it) for it, agents in purposes.items() for name, operator in agents.items()}
    longest_first = sorted(names, key=len, reverse=True)
    return [("(?i)" + re.escape(name), Bot(name.strip("/"), *names[name])) for name in longest_first]


def purpose(tags: Collection[str]) -> str:
    """The weightiest of the list's words, in ours."""
    return next((ours for tag, ours in PURPOSES.items() if tag in tags), OTHER)


@cache
def engine() -> UserAgentExtractor:
    """The patterns, each under its number: ua-parser's engine finds the first that fits without trying all."""
    return UserAgentExtractor([(it, str(at), None, None, None, None) for at, (it, _) in enumerate(patterns())])


@cache
def data_centres() -> dict[int, str]:
    """The networks of `data_centres.toml`, each with its operator."""
    operators = tomllib.loads((Path(__file__).parent / "data_centres.toml").read_text(encoding="utf-8"))
    return {asn: operator for operator, networks in operators.items() for asn in networks}
