"""Which days have data, and what day it is → the days that a report is about, and those that it compares them with."""

from collections.abc import Collection, Iterable
from datetime import date, datetime, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

USUAL_LENGTH = 28
WEEK = 7
WEEKEND = 5  # Saturday and Sunday, as `weekday` numbers them, are this and above


class Period(NamedTuple):
    """Some days in a row, the first and the last included; each day is that of the site's own time zone."""

    first: date
    last: date

    @property
    def length(self) -> int:
        """How many days these are."""
        return (self.last - self.first).days + 1

    @property
    def days(self) -> list[date]:
        """The days, in order."""
        return [self.first + timedelta(number) for number in range(self.length)]

    @property
    def before(self) -> "Period":
        """As many days, right before these."""
        return Period(self.first - timedelta(self.length), self.first - timedelta(1))

    @property
    def last_week(self) -> "Period":
        """The seven days that end with the last."""
        return week_to(self.last)


def week_to(last: date) -> Period:
    """The seven days that end with that one."""
    return Period(last - timedelta(WEEK - 1), last)


def period(with_data: Collection[date], todays: Iterable[date], length: int = USUAL_LENGTH) -> Period | None:
    """The last `length` days up to the newest that has data, or as many as there are; None where none has any.

    A day that is not over in one of the sites' time zones is left out, unless there is no other. So is one that is yet
    to come: a device whose clock is wrong may claim it.
    """
    if not with_data:
        return None
    today = min(todays)
    last = max((day for day in with_data if day < today), default=max(with_data))
    return Period(max(min(with_data), last - timedelta(length - 1)), last)


def today_in(time_zone: str, now: datetime) -> date:
    """The day that it is there at that moment, which has a zone."""
    return now.astimezone(ZoneInfo(time_zone)).date()


def is_weekend(day: date) -> bool:
    """Whether that day is a Saturday or a Sunday."""
    return day.weekday() >= WEEKEND
