"""Which days a report is about."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.report.period import USUAL_LENGTH, Period, period, today_in

OCTOBER = [date(2026, 10, day) for day in range(1, 32)]
LATER = date(2026, 11, 24)


@pytest.mark.parametrize(
    ("what", "days", "todays", "length", "expected"),
    [
        ("the usual length", OCTOBER, [LATER], USUAL_LENGTH, (date(2026, 10, 4), date(2026, 10, 31))),
        ("the whole month", OCTOBER, [LATER], 31, (date(2026, 10, 1), date(2026, 10, 31))),
        ("no more than there are", OCTOBER, [LATER], 400, (date(2026, 10, 1), date(2026, 10, 31))),
        ("today is not over", OCTOBER, [date(2026, 10, 20)], 7, (date(2026, 10, 13), date(2026, 10, 19))),
        (
            "nor is it over everywhere",
            OCTOBER,
            [LATER, date(2026, 10, 20)],
            7,
            (date(2026, 10, 13), date(2026, 10, 19)),
        ),
        ("days without data are days too", [OCTOBER[0], OCTOBER[-1]], [LATER], 3, (date(2026, 10, 29), OCTOBER[-1])),
        ("a day yet to come is some clock's", [*OCTOBER, date(2126, 1, 1)], [LATER], 2, (OCTOBER[-2], OCTOBER[-1])),
        ("on the first day there is no other", [LATER], [LATER], USUAL_LENGTH, (LATER, LATER)),
    ],
)
def test_the_period_ends_with_the_newest_day_that_is_over(
    what: str, days: list[date], todays: list[date], length: int, expected: tuple[date, date]
) -> None:
    assert expected == period(days, todays, length), what


def test_without_data_there_is_no_period() -> None:
    assert period([], []) is None


@pytest.mark.parametrize(
    ("zone", "expected"),
    [
        ("UTC", date(2026, 10, 31)),
        ("America/New_York", date(2026, 10, 31)),
        ("Australia/Sydney", date(2026, 11, 1)),
        ("Pacific/Kiritimati", date(2026, 11, 1)),
        ("Europe/Berlin", date(2026, 11, 1)),  # 23:30 in UTC, winter time
    ],
)
def test_today_is_the_day_in_the_sites_own_zone(zone: str, expected: date) -> None:
    assert expected == today_in(zone, datetime(2026, 10, 31, 23, 30, tzinfo=UTC))


@given(st.dates(date(2000, 1, 1), date(2100, 1, 1)), st.integers(1, 400))
def test_the_days_before_are_as_many_and_end_the_day_before(first: date, length: int) -> None:
    now = Period(first, first + timedelta(length - 1))
    assert length == now.length == now.before.length == len(now.days)
    assert now.first - timedelta(1) == now.before.last
