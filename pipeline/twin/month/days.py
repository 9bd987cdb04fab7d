"""The days of the month in one time zone, as moments in epoch ms."""

from bisect import bisect_right
from datetime import date, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

from pipeline.salts import day_start

FIRST = date(2026, 10, 1)
LENGTH = 31
AROUND_MIDNIGHT = 2 * 60 * 1000


class Days(NamedTuple):
    """When each day begins, and last when the month ends."""

    starts: tuple[int, ...]

    def holds(self, at: int) -> bool:
        """Whether the moment is in the month."""
        return self.starts[0] <= at < self.starts[-1]

    def day_of(self, at: int) -> date:
        """The day of the moment; the days before and after the month count as one each."""
        return FIRST + timedelta(bisect_right(self.starts, at) - 1)

    def off_midnight(self, at: int) -> int:
        """A moment of the month; where it is so near to midnight that its day is in doubt, one a little later."""
        midnight = self.starts[bisect_right(self.starts, at + AROUND_MIDNIGHT) - 1]
        return max(at, midnight + AROUND_MIDNIGHT)


def days_in(time_zone: str) -> Days:
    """The month's days in that zone."""
    zone = ZoneInfo(time_zone)
    return Days(tuple(day_start(FIRST + timedelta(day), zone) for day in range(LENGTH + 1)))
