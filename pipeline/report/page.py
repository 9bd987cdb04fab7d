"""Counts and answers → the values that `page.html` shows, all of them text, numbers or drawings."""

from collections.abc import Collection, Iterable, Mapping
from typing import NamedTuple

from pipeline.report import words
from pipeline.report.answers import Answers, of_site
from pipeline.report.charts import HEIGHT, STEP, sparkline
from pipeline.report.counts import Days, comparable, within
from pipeline.report.period import Period
from pipeline.report.sentences import sentence
from pipeline.report.site import MEASURES, Site, SiteView, called, course, leading, numbers, site_view
from pipeline.report.weeks import together, week


class Comparison(NamedTuple):
    """Which days are held against as many before them, and how a column with the changes is headed."""

    head: str
    now: Period


class Overview(NamedTuple):
    """One site's row on top."""

    anchor: str
    name: str
    line: str
    cells: tuple[str, ...]
    change: str


class Quiet(NamedTuple):
    """A site of which nothing was counted in these days, and its newest day, if it has one."""

    name: str
    newest: str


class Page(NamedTuple):
    """The whole page; `width` and `height` are those of a drawing of its days, `step` is one day's."""

    span: str
    length: str
    before: str
    sentence: str
    heads: tuple[str, ...]
    comparison: str
    overview: tuple[Overview, ...]
    quiet: tuple[Quiet, ...]
    sites: tuple[SiteView, ...]
    bad_rows: str
    width: int
    height: int = HEIGHT
    step: int = STEP


def page(days: Mapping[Site, Days], period: Period, found: Answers, zones: Mapping[str, str]) -> Page:
    """The page of these days; sites in the order of `zones`, the settings', then by name."""
    shown = {site: days[site] for site in ordered(days, zones) if within(days[site], period).page_views}
    compared = comparison(shown.values(), period)
    its = {site: of_site(found, site) for site in shown}
    anchors = {site: f"site-{number}" for number, site in enumerate(shown, start=1)}
    return Page(
        span=words.span(*period),
        length=words.of(period.length, "day"),
        before=words.span(*period.before) if compared and compared.now == period else "",
        sentence=of_all(shown, period, its) if len(shown) > 1 else "",
        heads=tuple(it.title for it in MEASURES),
        comparison=compared.head if compared else "",
        overview=tuple(overview(anchors[site], site, it, period, compared) for site, it in shown.items()),
        quiet=tuple(quiet(site, days.get(site)) for site in ordered({*days, *zones}, zones) if site not in shown),
        sites=tuple(
            site_view(anchors[site], site, zones.get(site or "", "UTC"), it, period, its[site])
            for site, it in shown.items()
        ),
        bad_rows=words.of(sum(it["lines"] for it in found.bad_rows), "log line"),
        width=STEP * period.length,
    )


def ordered(sites: Iterable[Site], zones: Collection[str]) -> list[Site]:
    """The sites, those of the settings first."""
    places = {site: number for number, site in enumerate(zones)}
    return sorted(sites, key=lambda it: (places.get(it or "", len(places)), it or ""))


def of_all(sites: Mapping[Site, Days], period: Period, its: Mapping[Site, Answers]) -> str:
    """The sentence of all sites together."""
    weeks = (week(called(site), days, period, its[site]) for site, days in sites.items())
    return sentence(together(weeks, f"The {len(sites)} sites together"))


def comparison(sites: Collection[Days], period: Period) -> Comparison | None:
    """With as many days before where some site has them all, else of the last week with the week before."""
    choices = (
        Comparison(f"Against the {words.of(period.length, 'day')} before", period),
        Comparison("Week on week", period.last_week),
    )
    return next((it for it in choices if any(comparable(days, it.now.before) for days in sites)), None)


def overview(anchor: str, site: Site, days: Days, period: Period, compared: Comparison | None) -> Overview:
    """The site's row."""
    return Overview(
        anchor,
        called(site),
        sparkline(course(days, period)),
        numbers(MEASURES, within(days, period), period.length),
        changed(days, compared.now) if compared else "",
    )


def changed(days: Days, now: Period) -> str:
    """How the number that leads changed against as many days before."""
    before, counts = comparable(days, now.before), within(days, now)
    return words.change(leading(before, counts), leading(counts, counts)) if before else words.NOTHING


def quiet(site: Site, days: Days | None) -> Quiet:
    """A site that is not shown."""
    return Quiet(called(site), words.span(max(days), max(days)) if days else "")
