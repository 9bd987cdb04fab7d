"""The planned sessions → what the report has to say of them. It looks at no log line and at no SQL."""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date
from itertools import groupby
from typing import NamedTuple

from pipeline.twin.month.plan import Session, View
from pipeline.twin.month.tables import Source, Tables

SiteDay = tuple[str, date]
INTERNAL = Source("internal")


@dataclass
class Day:
    """What counts of one site on one of its days, and how often bots came."""

    visitors: int = 0
    visits: int = 0
    page_views: int = 0
    bounces: int = 0
    engaged_seconds: int = 0
    downloads: int = 0
    not_found: int = 0
    bot_page_views: int = 0


@dataclass
class Truth:
    """The counts by site and day; of each site in the whole month visits, and of pages and bots the page views."""

    days: dict[SiteDay, Day] = field(default_factory=dict)
    pages: Counter[tuple[str, str]] = field(default_factory=Counter)
    sources: Counter[tuple[str, str, str | None]] = field(default_factory=Counter)
    campaigns: Counter[tuple[str, str]] = field(default_factory=Counter)
    countries: Counter[tuple[str, str]] = field(default_factory=Counter)
    bots: Counter[tuple[str, str]] = field(default_factory=Counter)


class Visit(NamedTuple):
    """The part of a session that lies in one day: no visitor is the same one after midnight."""

    day: date
    views: tuple[View, ...]
    goes_on: bool


def truth(sessions: Iterable[Session], tables: Tables) -> Truth:
    """The counts of these sessions."""
    told, visitors = Truth(), set()
    for session in sessions:
        for visit in visits_of(session, tables):
            day = told.days.setdefault((session.app_id, visit.day), Day())
            if session.filter_reason is None:
                visitors.add((session.app_id, visit.day, session.person.address))
                count(day, visit)
                told.pages.update((session.app_id, view.page.path) for view in visit.views)
                told.countries[session.app_id, session.person.country] += 1
                count_origin(told, session.app_id, INTERNAL if visit.goes_on else session.source)
            elif session.bot:
                day.bot_page_views += len(visit.views)
                told.bots[session.app_id, session.bot] += len(visit.views)
    for site, day_, _ in visitors:
        told.days[site, day_].visitors += 1
    return told


def visits_of(session: Session, tables: Tables) -> Iterator[Visit]:
    """The session, parted where a day of its site ends."""
    site = tables.sites.get(session.app_id)
    if site is None:
        return
    for number, (day, views) in enumerate(groupby(session.views, key=lambda it: site.days.day_of(it.at))):
        yield Visit(day, tuple(views), goes_on=number > 0)


def count(day: Day, visit: Visit) -> None:
    """Add the visit; whatever was told of a page view counts on the page view's day."""
    events = [event for view in visit.views for event in view.events]
    names = Counter(it.name for it in events)
    day.visits += 1
    day.bounces += len(visit.views) == 1
    day.page_views += len(visit.views)
    day.engaged_seconds += sum(it.data["engaged_seconds"] for it in events if it.name == "page_leave")
    day.downloads += names["download"]
    day.not_found += names["not_found"]


def count_origin(told: Truth, site: str, source: Source) -> None:
    """Add how a visit came: what goes on after midnight comes from the site's own page."""
    told.sources[site, source.channel, source.source] += 1
    if source.campaign:
        told.campaigns[site, source.campaign] += 1
