"""Numbers, days and codes in words."""

from datetime import date

import pytest

from pipeline.report import words


@pytest.mark.parametrize(
    ("part", "whole", "expected"),
    [(0, 0, "–"), (3, 7, "3 of 7"), (29, 29, "29 of 29"), (15, 30, "50%"), (1, 900, "<1%"), (0, 900, "0%")],  # noqa: RUF001
)
def test_a_share_of_few_is_no_percentage(part: int, whole: int, expected: str) -> None:
    assert expected == words.share(part, whole)


@pytest.mark.parametrize(
    ("before", "now", "expected"),
    [(100, 112, "+12%"), (112, 100, "−11%"), (100, 100, "±0%"), (0, 5, "+5"), (29, 300, "+271"), (8, 8, "±0")],  # noqa: RUF001
)
def test_a_change_of_few_is_no_percentage(before: int, now: int, expected: str) -> None:
    assert expected == words.change(before, now)


@pytest.mark.parametrize(
    ("seconds", "expected"), [(0, "0:00"), (59.4, "0:59"), (59.6, "1:00"), (75, "1:15"), (4000, "66:40")]
)
def test_time_is_minutes_and_seconds(seconds: float, expected: str) -> None:
    assert expected == words.clock(seconds)


@pytest.mark.parametrize(
    ("first", "last", "expected"),
    [
        (date(2026, 10, 1), date(2026, 10, 31), "1 to 31 October 2026"),
        (date(2026, 9, 28), date(2026, 10, 4), "28 September to 4 October 2026"),
        (date(2025, 12, 29), date(2026, 1, 4), "29 December 2025 to 4 January 2026"),
        (date(2025, 10, 1), date(2026, 10, 1), "1 October 2025 to 1 October 2026"),
        (date(2026, 10, 1), date(2026, 10, 1), "1 October 2026"),
    ],
)
def test_a_span_says_no_month_twice(first: date, last: date, expected: str) -> None:
    assert expected == words.span(first, last)


@pytest.mark.parametrize(
    ("code", "expected"), [("DE", "Germany"), ("GB", "United Kingdom"), ("XK", "XK"), (None, "unknown")]
)
def test_a_country_has_its_name(code: str | None, expected: str) -> None:
    assert expected == words.country(code)


@pytest.mark.parametrize(
    ("whole", "days", "expected"), [(0, 7, "0"), (3, 7, "0.4"), (30, 7, "4.3"), (700, 7, "100"), (9000, 7, "1,286")]
)
def test_few_a_day_have_a_decimal(whole: int, days: int, expected: str) -> None:
    assert expected == words.average(whole, days)


def test_a_text_of_any_length_is_shown_up_to_a_limit() -> None:
    assert words.LONGEST == len(words.short("x" * 5000))
    assert ("unknown", "unknown") == (words.short(None), words.short(""))
