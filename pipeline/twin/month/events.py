"""One page view → the events that the tracker sends of it, by the names of `tracker/schemas`."""

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from pipeline.twin.month.dice import Dice
from pipeline.twin.month.tables import Page, Site

SECOND = 1000
LONGEST = 20 * 60  # seconds of one look at a page
LONGEST_PAUSE = 4 * 60
FAR_LATER = 12 * 60 * 60

# How likely each is, of one page view.
LOST, HIDDEN, LEFT_OPEN = 0.04, 0.08, 0.006
MEASURED = 0.08
OUTBOUND, DOWNLOAD = 0.05, 0.025

# Median, what is still good, and what is poor beyond; web.dev, "Web Vitals". All in milliseconds but for CLS.
VITALS = {
    "TTFB": (310, 800, 1800),
    "FCP": (980, 1800, 3000),
    "LCP": (1500, 2500, 4000),
    "INP": (70, 200, 500),
    "CLS": (0.018, 0.1, 0.25),
}
EARLY = {"TTFB", "FCP"}  # known once the page has loaded; the others when it is left


class Event(NamedTuple):
    """One event: when it arrives (epoch ms), its id, `page_view` or the name of its schema, and its data."""

    at: int
    event_id: str
    name: str
    data: Mapping[str, Any]


class Told(NamedTuple):
    """An event before it is sent: how many ms after the page view."""

    after: int
    name: str
    data: Mapping[str, Any]


class Step(NamedTuple):
    """The next page, its query, and what the page itself has to tell: a search, or that it is missing."""

    page: Page
    query: str
    tells: tuple[Told, ...] = ()


def events_of(site: Site, step: Step, at: int, dice: Dice) -> tuple[tuple[Event, ...], int]:
    """The events of a page view at `at`, and when the visitor goes on; both in epoch ms."""
    looks = list(looks_at(step.page, dice))
    left = looks[0].after if looks else SECOND * step.page.seconds
    told = (Told(0, "page_view", {}), *step.tells, *vitals(left, dice), *clicks(site, left, dice), *looks)
    soon = max((it.after for it in looks if it.after < SECOND * (LONGEST + LONGEST_PAUSE)), default=left)
    return tuple(Event(at + it.after, dice.uuid(), it.name, it.data) for it in told), at + soon + dice.randrange(
        200, 900
    )


def looks_at(page: Page, dice: Dice) -> Iterator[Told]:
    """The page's leaves: usually one; none where it was lost, another where the visitor came back to the tab."""
    seconds = min(LONGEST, max(1, round(dice.about(page.seconds))))
    if dice.happens(LOST):
        return
    seen = min(100, round(100 * dice.uniform(700, 900) / page.height + dice.about(18, 1.0)))
    if not dice.happens(HIDDEN):
        yield leave(seconds * SECOND, seconds, seen)
        if dice.happens(LEFT_OPEN):
            again = dice.randrange(3, 30)
            yield leave(dice.randrange(2 * LONGEST, FAR_LATER) * SECOND, again, seen)
        return
    first = dice.randrange(seconds + 1)
    yield leave(first * SECOND, first, seen)
    yield leave((seconds + dice.randrange(5, LONGEST_PAUSE)) * SECOND, seconds - first, min(100, seen + 10))


def leave(after: int, seconds: int, seen: int) -> Told:
    """The page goes out of sight."""
    return Told(after, "page_leave", {"engaged_seconds": seconds, "scroll_percent": seen})


def vitals(left: int, dice: Dice) -> Iterator[Told]:
    """How the page loaded and answered, of some page views."""
    if not dice.happens(MEASURED):
        return
    slow = dice.about(1, 0.35)
    for name, (median, good, poor) in VITALS.items():
        value = round(dice.about(median * slow, 0.45), 1 if median > 1 else 4)
        rating = "good" if value <= good else "needs-improvement" if value <= poor else "poor"
        after = round(value) + 40 if name in EARLY else left
        yield Told(after, "web_vital", {"name": name, "value": value, "rating": rating})


def clicks(site: Site, left: int, dice: Dice) -> Iterator[Told]:
    """Links that lead away, and files."""
    if dice.happens(OUTBOUND):
        yield Told(left, "outbound_click", {"url": dice.choice(site.outbound)})
    if dice.happens(DOWNLOAD):
        yield Told(left // 2, "download", {"url": site.url(dice.choice(site.downloads))})
