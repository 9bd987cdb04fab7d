"""A week's counts, and those of the week before → the sentence of the week, which claims no more than they bear.

Each part is a table: the first line whose condition holds gives the words. `{…}` is filled with the values of `fills`.
"""

import math
from collections.abc import Callable, Mapping
from datetime import date
from typing import NamedTuple

from pipeline.report.counts import Counts, tells_visitors
from pipeline.report.period import WEEK
from pipeline.report.words import FEW, average, counted, long_day, of, share, short

FEWEST_VISITS = 5
FEWEST_GAINED = 10
MOST, NEARLY_ALL, WORTH_NAMING = 0.5, 0.9, 0.1


class PageGain(NamedTuple):
    """A page's title, and its page views in the week and in the week before."""

    title: str
    now: int
    before: int

    @property
    def gained(self) -> int:
        """How many more."""
        return self.now - self.before


class Week(NamedTuple):
    """What the sentence is about: seven days or, of a young site, fewer; `before` is None where not all was counted.

    `came` has the visits of each source by name, of those without one under None; `pages` is the page that gained most.
    """

    name: str
    last: date
    days: int
    now: Counts
    before: Counts | None = None
    newest: date | None = None
    came: Mapping[str | None, int] = {}
    page: PageGain | None = None


Line = tuple[Callable[[Week], bool], str]


def sentence(week: Week) -> str:
    """The sentence, or two."""
    opening = first(OPENINGS, week)
    if not week.now.page_views:
        return filled(opening, week)
    return filled(opening + first(CHANGES, week) + "." + second(week), week)


def second(week: Week) -> str:
    """The words of the second sentence, if there is something to add."""
    more = ", and ".join(filter(None, (first(SOURCES, week), first(PAGES, week))))
    return f" {more[:1].upper()}{more[1:]}." if more else ""


def first(table: tuple[Line, ...], week: Week) -> str:
    """The words of the first line whose condition holds; none where none does."""
    return next((words for condition, words in table if condition(week)), "")


def filled(words: str, week: Week) -> str:
    """The words with the week's own values in them."""
    return words.format_map(fills(week))


def fills(week: Week) -> dict[str, str]:
    """What the words can name."""
    now, before = measure(week, week.now), measure(week, week.before or Counts())
    source, visits = top_source(week)
    page = week.page or PageGain("", 0, 0)
    return {
        "name": week.name,
        "last": long_day(week.last),
        "newest": long_day(week.newest) if week.newest else "",
        "days": of(week.days, "day"),
        "a_day": average(week.now.visitors, week.days),
        "visits": of(week.now.visits, "visit"),
        "page_views": of(week.now.page_views, "page view"),
        "before": f"about {average(before, WEEK)} a day" if is_by_day(week) else counted(before),
        "times": f"{now / before:.1f}" if before else "",
        "percent": f"{abs(now - before) / before:.0%}" if before else "",
        "source": short(source),
        "share": share(visits, sum(week.came.values())),
        "page": short(page.title),
        "gained": counted(page.gained),
        "page_now": of(page.now, "page view"),
    }


def measure(week: Week, counts: Counts) -> int:
    """What the week is told in: visitors, visits where those are few, page views where visitors are not told apart."""
    if is_by_day(week):
        return counts.visitors
    return counts.visits if tells_visitors(week.now) else counts.page_views


def is_by_day(week: Week) -> bool:
    """Whether it is told in visitors: counted anew each day, only a day's mean of them says anything."""
    return tells_visitors(week.now) and not is_small(week)


def is_small(week: Week) -> bool:
    """Whether visitors are so few that a day's mean of them says nothing."""
    return week.now.visitors < FEW


def change(week: Week) -> int:
    """How many more than in the week before."""
    return measure(week, week.now) - measure(week, week.before or Counts())


def least(week: Week) -> int:
    """The lesser of the two weeks."""
    return min(measure(week, week.now), measure(week, week.before or Counts()))


def may_be_chance(more: int, both: int) -> bool:
    """Whether two counts that are `both` together differ by `more` as two throws of the same dice would (2 sigma)."""
    return abs(more) < 2 * math.sqrt(both)


def is_even(week: Week) -> bool:
    """Whether the two weeks may well be alike."""
    return may_be_chance(change(week), measure(week, week.now) + measure(week, week.before or Counts()))


def top_source(week: Week) -> tuple[str | None, int]:
    """The source that sent the most visits, and how many."""
    named = {name: visits for name, visits in week.came.items() if name is not None}
    return max(named.items(), key=lambda it: it[1], default=(None, 0))


def share_of(visits: int, week: Week) -> float:
    """Which part of the week's visits these are."""
    return visits / max(sum(week.came.values()), 1)


def page_gained(week: Week) -> bool:
    """Whether a page gained more than chance gives."""
    page = week.page
    return page is not None and page.gained >= FEWEST_GAINED and not may_be_chance(page.gained, page.now + page.before)


OPENINGS: tuple[Line, ...] = (
    (
        lambda it: not it.now.page_views and it.newest is not None,
        "{name}: nothing was counted in the week to {last}, the last page view was on {newest}. Look at the tracker.",
    ),
    (lambda it: not it.now.page_views, "{name}: nothing was counted in the week to {last}."),
    (
        lambda it: it.days < WEEK and not tells_visitors(it.now),
        "{name} has been counted for {days} so far: {page_views}",
    ),
    (lambda it: it.days < WEEK, "{name} has been counted for {days} so far: {visits}"),
    (lambda it: not tells_visitors(it.now), "{name} had {page_views} in the week to {last}"),
    (is_small, "{name} had {visits} in the week to {last}"),
    (lambda _: True, "{name} had about {a_day} visitors a day in the week to {last}"),
)
CHANGES: tuple[Line, ...] = (
    (lambda it: it.days < WEEK, ", which is too short for a comparison"),
    (lambda it: it.before is None, "; there is no full week before it to compare with"),
    (lambda it: least(it) == 0, ", after none in the week before"),
    (lambda it: least(it) < FEW, ", after {before} in the week before"),
    (is_even, ", about as many as in the week before"),
    (lambda it: change(it) >= measure(it, it.before or Counts()), ", {times} times as many as in the week before"),
    (lambda it: change(it) > 0, ", {percent} more than in the week before"),
    (lambda _: True, ", {percent} fewer than in the week before"),
)
SOURCES: tuple[Line, ...] = (
    (lambda it: sum(it.came.values()) < FEWEST_VISITS, ""),
    (lambda it: share_of(it.came.get(None, 0), it) >= NEARLY_ALL, "nearly all visits came without saying from where"),
    (lambda it: share_of(top_source(it)[1], it) > MOST, "most visits came from {source} ({share})"),
    (lambda it: share_of(top_source(it)[1], it) >= WORTH_NAMING, "{source} sent the most visits ({share})"),
)
PAGES: tuple[Line, ...] = (
    (lambda it: not page_gained(it), ""),
    (
        lambda it: it.page is not None and not it.page.before,
        "the page that gained most is “{page}” ({page_now}, after none)",
    ),
    (lambda _: True, "the page that gained most is “{page}” ({gained} more page views)"),
)
