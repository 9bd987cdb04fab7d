"""The user agent → whether it is a bot's, whose, and what for. By what it says of itself; a bot that lies is not seen.

`bots.toml` has the ones that are known by name.
"""

import re
import tomllib
from functools import cache, lru_cache
from pathlib import Path
from typing import NamedTuple

# What names no operator: words that no person's browser has. `CUBOT` is a telephone.
ANY_BOT = re.compile(r"(?<!cu)bots?\b|crawl|spider|scraper|headless|\bhttp-?client\b|\+https?://", re.IGNORECASE)

LONGEST = 4096  # characters that are looked at


class Known(NamedTuple):
    """One agent of the table."""

    name: str
    operator: str
    purpose: str


class Bot(NamedTuple):
    """The bot; all null for a person's browser."""

    bot_name: str | None = None
    bot_operator: str | None = None
    bot_purpose: str | None = None


@lru_cache(1 << 12)
def bot(useragent: str | None) -> Bot:
    """Find the bot in the table, or by a word that only bots use."""
    if useragent is None:
        return Bot()
    names, known = table()
    start = useragent[:LONGEST]
    if found := names.search(start):
        return Bot(*known[found[0].lower()])
    return Bot(bot_name="other", bot_purpose="other") if ANY_BOT.search(start) else Bot()


@cache
def table() -> tuple[re.Pattern[str], dict[str, Known]]:
    """The names of `bots.toml` as one pattern, the longest first, and what each stands for."""
    purposes = tomllib.loads((Path(__file__).parent / "bots.toml").read_text(encoding="utf-8"))
    known = {
        name.lower(): Known(name.strip("/"), operator, purpose)
        for purpose, agents in purposes.items()
        for name, operator in agents.items()
    }
    names = sorted(known, key=len, reverse=True)
    return re.compile("|".join(map(re.escape, names)), re.IGNORECASE), known
