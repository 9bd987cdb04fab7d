"""An engine that answers the tabs' queries in; their rows in an end (a folder of CSV files, a spreadsheet) out."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Protocol
from zoneinfo import ZoneInfo

import pandas as pd

from pipeline.mirror.tabs import TABS, Tab
from pipeline.query import Engine, answer


class End(Protocol):
    """Whatever holds tabs of rows."""

    def upsert(self, tab: Tab, frame: pd.DataFrame) -> None:
        """Put the frame's rows in the place of those with the same key, add the new ones, touch nothing else."""


@dataclass(frozen=True)
class Window:
    """The last `days` days, today included, as of `now`; each site's days are those of its own time zone, else of UTC.

    So a site's day is written for the last time at least a whole day after it ended, if `days` is three and the mirror
    runs daily: CloudFront delivers its logs within 24 hours.
    """

    days: int
    now: datetime
    time_zones: Mapping[str, str]

    @property
    def first_day(self) -> date:
        """No day before it is one of them, in any time zone."""
        return self.now.astimezone(UTC).date() - timedelta(days=self.days)

    def holds(self, site: str, day: date) -> bool:
        """Whether that day of that site is one of them."""
        today = self.now.astimezone(ZoneInfo(self.time_zones.get(site, "UTC"))).date()
        return day > today - timedelta(days=self.days)


def mirror(engine: Engine, end: End, window: Window | None = None) -> dict[str, int]:
    """Bring every tab up to date, with the days in the window or else all; returns the rows of each tab."""
    frames = {tab: _frame(tab, engine, window) for tab in TABS}
    for tab, frame in frames.items():
        end.upsert(tab, frame)
    return {tab.name: len(frame) for tab, frame in frames.items()}


def _frame(tab: Tab, engine: Engine, window: Window | None) -> pd.DataFrame:
    asked = {"first_day": window.first_day} if window else {}
    frame: pd.DataFrame = answer(tab.query, asked, engine).to_pandas(types_mapper=pd.ArrowDtype)
    if window is None:
        return frame
    return frame[[window.holds(site, day) for site, day in zip(frame["site"], frame["date"], strict=True)]]
