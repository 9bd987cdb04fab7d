"""The salts of logs that hold addresses: what is kept and the days asked for in, the salts that hold now out.

Such a salt is made when its day is first seen, and destroyed 48 hours later, so that late lines still match.
"""

from collections.abc import Iterable, Mapping
from datetime import date
from typing import NamedTuple

from pipeline.salts import new_salt

SiteDay = tuple[str, date]
LEGACY_LIFE = 48 * 60 * 60 * 1000


class LegacySalt(NamedTuple):
    """The salt of a day of logs that hold addresses, and when it was made (epoch ms); None once it is destroyed."""

    made: int
    salt: str | None


def legacy_renewed(kept: Mapping[SiteDay, LegacySalt], asked: Iterable[SiteDay], now: int) -> dict[SiteDay, LegacySalt]:
    """All legacy salts at `now` (epoch ms): one for each day never seen before, none that is older than 48 h.

    A day whose salt is destroyed stays listed without one, so that it never gets a second: that would double its
    visitors.
    """
    alive = {day: it if now < it.made + LEGACY_LIFE else it._replace(salt=None) for day, it in kept.items()}
    return {day: LegacySalt(now, new_salt()) for day in asked} | alive
