"""The answer of `daily_overview` → what each site counted on each day, and on several days together."""

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any, NamedTuple

from pipeline.report.period import Period

Row = Mapping[str, Any]


class Counts(NamedTuple):
    """What one site counted on a day or more; visitors are told apart within a day, hence a sum counts some twice."""

    visitors: int = 0
    visits: int = 0
    page_views: int = 0
    bounces: int = 0
    engaged_seconds: int = 0

    @property
    def engaged_per_visit(self) -> float:
        """Seconds."""
        return self.engaged_seconds / self.visits if self.visits else 0.0


Days = Mapping[date, Counts]


def days_by_site(rows: Iterable[Row]) -> dict[str | None, dict[date, Counts]]:
    """The counts of the rows, by site and day."""
    sites: dict[str | None, dict[date, Counts]] = {}
    for row in rows:
        sites.setdefault(row["site"], {})[row["date"]] = Counts(*(row[name] or 0 for name in Counts._fields))
    return sites


def total(counts: Iterable[Counts]) -> Counts:
    """All of them together."""
    return Counts(*map(sum, zip(Counts(), *counts, strict=True)))


def within(days: Days, period: Period) -> Counts:
    """What those days counted together."""
    return total(days.get(day, Counts()) for day in period.days)


def known(days: Days, period: Period) -> bool:
    """Whether the site was counted from the first of those days on, so that a day without a row is a quiet one."""
    return min(days) <= period.first


def comparable(days: Days, period: Period) -> Counts | None:
    """What those days counted together, if all of them were counted."""
    return within(days, period) if known(days, period) else None


def tells_visitors(counts: Counts) -> bool:
    """Whether visitors were told apart; with `visitor = "none"` there are page views and no visits."""
    return counts.visits > 0 or counts.page_views == 0
