"""One site's days and answers → all that is shown of it: text, numbers and drawings."""

from collections.abc import Callable, Mapping
from datetime import date
from typing import NamedTuple

from pipeline.report.answers import Answers
from pipeline.report.charts import DailyChart, daily_chart, sparkline
from pipeline.report.counts import Counts, Days, comparable, known, tells_visitors, within
from pipeline.report.period import WEEK, Period, week_to
from pipeline.report.rankings import KINDS, Ranking, ranking
from pipeline.report.sentences import sentence
from pipeline.report.weeks import week
from pipeline.report.words import NOTHING, average, change, clock, counted, day, share, signed

Site = str | None


class Measure(NamedTuple):
    """One number of a site: of so many days as text, its change, its course; `of_visits` needs visitors told apart."""

    title: str
    number: Callable[[Counts, int], str]
    change: Callable[[Counts, Counts], str]
    course: Callable[[Counts], float]
    of_visits: bool = True


class Tile(NamedTuple):
    """A measure of a site: its number, how it changed, and its course as a path."""

    title: str
    number: str
    change: str
    line: str


class SiteView(NamedTuple):
    """All that is shown of one site; `table` has the newest day first."""

    anchor: str
    name: str
    time_zone: str
    sentence: str
    leading: str
    tiles: tuple[Tile, ...]
    chart: DailyChart
    heads: tuple[str, ...]
    table: tuple[tuple[str, ...], ...]
    rankings: Mapping[str, tuple[Ranking, ...]]


def called(site: Site) -> str:
    """The site's name; an event that named none is of an unknown one."""
    return site or "unknown site"


def site_view(anchor: str, site: Site, time_zone: str, days: Days, period: Period, its: Answers) -> SiteView:  # noqa: PLR0913, PLR0917, all that a site's part is made from
    """All that is shown of the site, whose answers these are."""
    visits = tells_visitors(within(days, period))
    measures = tuple(it for it in MEASURES if visits or not it.of_visits)
    return SiteView(
        anchor,
        called(site),
        time_zone,
        sentence(week(called(site), days, period, its)),
        "Visitors" if visits else "Page views",
        tuple(tile(it, days, period) for it in measures),
        chart(days, period),
        ("Day", *(it.title.removesuffix(" a day") for it in measures)),
        tuple((day(it), *numbers(measures, days.get(it, Counts()), 1)) for it in reversed(period.days)),
        {
            place: tuple(ranking(kind, its.of_period[kind.question], visits=visits) for kind in kinds)
            for place, kinds in KINDS.items()
        },
    )


def numbers(measures: tuple[Measure, ...], counts: Counts, length: int) -> tuple[str, ...]:
    """The numbers of so many days."""
    visits = tells_visitors(counts)
    return tuple(it.number(counts, length) if visits or not it.of_visits else NOTHING for it in measures)


def tile(measure: Measure, days: Days, period: Period) -> Tile:
    """The measure of these days."""
    now, before = within(days, period), comparable(days, period.before)
    course = [measure.course(days.get(it, Counts())) for it in period.days]
    changed = "" if before is None else measure.change(before, now)
    return Tile(measure.title, measure.number(now, period.length), changed, sparkline(course))


def chart(days: Days, period: Period) -> DailyChart:
    """What leads, day by day."""
    whole = within(days, period)
    means = [mean(days, it, whole) for it in period.days]
    return daily_chart(period.days, course(days, period), means)


def course(days: Days, period: Period) -> list[int]:
    """What leads, of each day."""
    whole = within(days, period)
    return [leading(days.get(it, Counts()), whole) for it in period.days]


def mean(days: Days, last: date, whole: Counts) -> float | None:
    """What leads, a day, in the seven days that end with that one, if all of them were counted."""
    seven = week_to(last)
    return leading(within(days, seven), whole) / WEEK if known(days, seven) else None


def leading(counts: Counts, whole: Counts) -> int:
    """Visitors, or where `whole` has none told apart page views."""
    return counts.visitors if tells_visitors(whole) else counts.page_views


def points(before: Counts, now: Counts) -> str:
    """How many percentage points more bounced."""
    return signed(round(100 * (bounce_share(now) - bounce_share(before))), " pts") if before.visits else ""


def longer(before: Counts, now: Counts) -> str:
    """How much longer a visit was."""
    seconds = round(now.engaged_per_visit) - round(before.engaged_per_visit)
    return f"{'−' if seconds < 0 else '+'}{clock(abs(seconds))}"  # noqa: RUF001, a minus as wide as the plus


def bounce_share(counts: Counts) -> float:
    """Which part of the visits had one page view."""
    return counts.bounces / counts.visits if counts.visits else 0.0


MEASURES = (
    Measure(
        "Visitors a day",
        lambda it, length: average(it.visitors, length),
        lambda before, now: change(before.visitors, now.visitors),
        lambda it: it.visitors,
    ),
    Measure(
        "Visits",
        lambda it, _: counted(it.visits),
        lambda before, now: change(before.visits, now.visits),
        lambda it: it.visits,
    ),
    Measure(
        "Page views",
        lambda it, _: counted(it.page_views),
        lambda before, now: change(before.page_views, now.page_views),
        lambda it: it.page_views,
        of_visits=False,
    ),
    Measure("Bounces", lambda it, _: share(it.bounces, it.visits), points, bounce_share),
    Measure("Time per visit", lambda it, _: clock(it.engaged_per_visit), longer, lambda it: it.engaged_per_visit),
)
