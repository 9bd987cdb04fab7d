"""The sentence of the week: what is said under which condition."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.report.counts import Counts
from pipeline.report.sentences import PageGain, Week, sentence

LAST = date(2026, 10, 31)


def counts(visitors: int, visits: int | None = None, page_views: int | None = None) -> Counts:
    visits = visitors if visits is None else visits
    return Counts(visitors, visits, 2 * visits if page_views is None else page_views)


def week(now: Counts, before: Counts | None = None, **more: object) -> Week:
    return Week("blog", LAST, 7, now, before)._replace(**more)  # type: ignore[arg-type]  # fields of Week


ENOUGH, BEFORE = counts(1400), counts(1000)


@pytest.mark.parametrize(
    ("it", "expected"),
    [
        (week(ENOUGH, BEFORE), "blog had about 200 visitors a day in the week to Saturday 31 October, 40% more than"),
        (week(BEFORE, ENOUGH), "blog had about 143 visitors a day in the week to Saturday 31 October, 29% fewer than"),
        (week(counts(3500), BEFORE), "October, 3.5 times as many as in the week before."),
        (week(counts(1030), BEFORE), "October, about as many as in the week before."),  # chance alone gives up to 90
        (week(counts(48), counts(40)), "October, about as many as in the week before."),
        (week(ENOUGH, None), "October; there is no full week before it to compare with."),
        (week(ENOUGH, counts(0)), "October, after none in the week before."),
        (week(ENOUGH, counts(7)), "October, after about 1.0 a day in the week before."),
        (
            week(counts(12), counts(5)),
            "blog had 12 visits in the week to Saturday 31 October, after 5 in the week before.",
        ),
        (week(counts(1), counts(0)), "blog had 1 visit in the week to Saturday 31 October, after none in the week"),
        (
            week(counts(0, 0, 900), counts(0, 0, 600)),
            "blog had 900 page views in the week to Saturday 31 October, 50% more",
        ),
        (week(ENOUGH, None, days=1), "blog has been counted for 1 day so far: 1,400 visits, which is too short for a"),
        (week(counts(0, 0, 9), None, days=3), "blog has been counted for 3 days so far: 9 page views, which is too"),
        (
            week(counts(0), BEFORE, newest=date(2026, 10, 20)),
            "nothing was counted in the week to Saturday 31 October, the last page view was on Tuesday 20 October.",
        ),
        (week(counts(0), None), "blog: nothing was counted in the week to Saturday 31 October."),
    ],
)
def test_the_week_is_told_in_what_its_numbers_bear(it: Week, expected: str) -> None:
    assert expected in sentence(it)


@pytest.mark.parametrize(
    ("came", "expected"),
    [
        ({"Google": 700, None: 300}, "Most visits came from Google (70%)."),
        ({"Google": 300, "Bing": 200, None: 500}, "Google sent the most visits (30%)."),
        ({"Google": 5, "Bing": 1, None: 2}, "Most visits came from Google (5 of 8)."),
        ({"Google": 20, None: 980}, "Nearly all visits came without saying from where."),
        ({f"{number}.example.com": 1 for number in range(100)}, "the week before."),  # none is worth naming
        ({"Google": 3, None: 1}, "the week before."),  # too few to speak of
        ({}, "the week before."),
    ],
)
def test_where_most_visits_came_from_is_said_where_it_can_be(came: dict[str | None, int], expected: str) -> None:
    assert sentence(week(ENOUGH, BEFORE, came=came)).endswith(expected)


@pytest.mark.parametrize(
    ("page", "expected"),
    [
        (PageGain("Wool", 400, 120), "The page that gained most is “Wool” (280 more page views)."),
        (PageGain("Wool", 400, 0), "The page that gained most is “Wool” (400 page views, after none)."),
        (PageGain("{name} %s", 400, 0), "“{name} %s” (400 page views, after none)."),
        (PageGain("Wool", 9, 0), "the week before."),  # too few
        (PageGain("Wool", 420, 400), "the week before."),  # may be chance
        (PageGain("Wool", 100, 400), "the week before."),  # gained nothing
        (None, "the week before."),
    ],
)
def test_the_page_that_gained_is_named_where_it_gained(page: PageGain | None, expected: str) -> None:
    assert sentence(week(ENOUGH, BEFORE, page=page)).endswith(expected)


def test_source_and_page_are_one_sentence() -> None:
    told = sentence(week(ENOUGH, BEFORE, came={"Google": 9}, page=PageGain("Wool", 400, 120)))
    assert told.endswith(
        "the week before. Most visits came from Google (9 of 9), "
        "and the page that gained most is “Wool” (280 more page views)."
    )


numbers = st.integers(0, 5000)
some_counts = st.builds(counts, numbers, numbers, numbers)


@given(some_counts, st.none() | some_counts, st.integers(1, 7), st.dictionaries(st.none() | st.text(), numbers))
def test_whatever_the_numbers_it_ends_with_a_stop_and_says_no_share_of_few(
    now: Counts, before: Counts | None, days: int, came: dict[str | None, int]
) -> None:
    told = sentence(week(now, before, days=days, came=came))
    assert told.endswith(".")
    few = max(now.visitors, now.visits, now.page_views) < 30
    assert not (few and "% more" in told)
