"""`month.toml` → the month's sessions: who, when, which pages, and every event that the tracker tells of them."""

from collections.abc import Iterable, Iterator
from datetime import datetime, time, timedelta
from itertools import chain
from typing import NamedTuple
from urllib.parse import quote
from zoneinfo import ZoneInfo

from pipeline.twin.month.days import FIRST, LENGTH
from pipeline.twin.month.dice import Dice
from pipeline.twin.month.events import SECOND, Event, Step, Told, events_of
from pipeline.twin.month.tables import Audience, Bot, Country, Device, Page, Pool, Site, Source, Tables, Wave, pool

MINUTE = 60_000
HOUR = 60 * MINUTE
PAUSE = 30 * MINUTE  # a longer one ends a visit
MOST_PAGES = 14
DIRECT = Source("direct")
SEARCH = Page("/search", "Search", 12, 1600)
NOT_FOUND = "Page not found"
LINKS_GROW_OLD = frozenset({"organic_search", "referral", "ai_assistant"})
# How much of a screen the browser leaves to the page.
FRAMES = {"desktop": (0, 139), "phone": (0, 187), "tablet": (0, 74)}


class Person(NamedTuple):
    """Somebody with a browser. The address is one for documentation; `clock` is by how much theirs is ahead, in ms."""

    address: str
    useragent: str
    country: str
    network: str
    language: str
    time_zone: str
    screen: tuple[int, int]
    viewport: tuple[int, int]
    clock: int


class View(NamedTuple):
    """One page view with its events, the page view itself first."""

    url: str
    referrer: str
    page: Page
    view_id: str
    events: tuple[Event, ...]

    @property
    def at(self) -> int:
        """When the page view arrived, in epoch ms."""
        return self.events[0].at


class Session(NamedTuple):
    """A visit, of a person or a bot; `filter_reason` tells why it does not count."""

    app_id: str
    person: Person
    source: Source
    views: tuple[View, ...]
    filter_reason: str | None = None
    bot: str | None = None


def planned(tables: Tables) -> list[Session]:
    """Every session of the month, in the order of their beginnings."""
    dice = Dice(tables.seed)
    sites = tables.sites.values()
    counted = apart(chain(*(visits(it, dice) for it in sites), *(crowd(it, dice) for it in tables.waves)))
    flagged = chain(*(not_counted(it, tables.bots, dice) for it in sites))
    return sorted([*counted, *flagged], key=lambda it: (it.views[0].at, it.person.address))


def apart(sessions: Iterable[Session]) -> Iterator[Session]:
    """The sessions without those in which somebody who had just left would be back before the pause is over."""
    last: dict[tuple[str, str], int] = {}
    for it in sorted(sessions, key=lambda it: it.views[0].at):
        who = (it.app_id, it.person.address)
        if it.views[0].at > last.get(who, 0) + PAUSE + MINUTE:
            last[who] = it.views[-1].at
            yield it


# Who comes, and when


def visits(site: Site, dice: Dice) -> Iterator[Session]:
    """The sessions of the month's ordinary days."""
    regulars: Pool[Person] = pool((person(site.audience, dice), 1 / (rank + 12)) for rank in range(site.regulars))
    for day in range(-1, LENGTH + 1):  # by the visitors' own calendars
        date = FIRST + timedelta(day)
        for _ in range(round(site.visits * site.week[date.weekday()] * dice.uniform(0.88, 1.12))):
            regular = dice.happens(site.loyalty)
            who = regulars.draw(dice) if regular else person(site.audience, dice)
            source = DIRECT if regular and dice.happens(0.5) else site.audience.sources.draw(dice)
            start = datetime.combine(date, time(site.hours.draw(dice)), ZoneInfo(who.time_zone))
            at = int(start.timestamp() * 1000) + dice.randrange(HOUR)
            yield from session(site, who, source, at, site.onward, dice)


def crowd(wave: Wave, dice: Dice) -> Iterator[Session]:
    """The sessions of a wave: many at first, half of the rest in each half-life."""
    for _ in range(wave.visits):
        source = wave.audience.sources.draw(dice)
        at = wave.at + int(dice.expovariate(0.6931 / wave.half_life) * HOUR)
        who = person(wave.audience, dice)
        yield from session(wave.site, who, source._replace(page=wave.page.path), at, wave.onward, dice)


def not_counted(site: Site, bots: Iterable[Bot], dice: Dice) -> Iterator[Session]:
    """What must not count: bots, the owner, a copy of the site elsewhere, a site that nobody has named."""
    for bot in bots:
        crawler = machine(bot, dice)
        for _ in range(round(bot.times * dice.uniform(0.6, 1.4))):
            yield crawl(site, bot, crawler, any_time(site, dice), dice)
    owner = person(site.audience, dice)
    for it in strays(site, 26, dice):
        own = (view._replace(url=marked(view.url, "me=1")) for view in it.views)
        yield it._replace(person=owner, views=tuple(own), filter_reason="own_visit")
    for it in strays(site, 45, dice):
        copied = (view._replace(url=view.url.replace(site.host, "copy.example.net")) for view in it.views)
        yield it._replace(views=tuple(copied), filter_reason="foreign_host")
    for it in strays(site, 18, dice):
        yield it._replace(app_id=f"{site.name}-staging", filter_reason="unknown_site")


def strays(site: Site, count: int, dice: Dice) -> Iterator[Session]:
    """Sessions at any time of the month."""
    for _ in range(count):
        yield from session(site, person(site.audience, dice), DIRECT, any_time(site, dice), 0.4, dice)


def any_time(site: Site, dice: Dice) -> int:
    """A moment of the month, but for its last hour."""
    return dice.randrange(site.days.starts[0], site.days.starts[-1] - HOUR)


def person(audience: Audience, dice: Dice) -> Person:
    """Somebody new."""
    device: Device = audience.devices.draw(dice)
    country: Country = audience.countries.draw(dice)
    width, height = map(int, dice.choice(device.screens).split("x"))
    across, down = FRAMES[device.kind]
    return Person(
        address=f"2001:db8:{dice.getrandbits(16):x}:{dice.getrandbits(16):x}::1",
        useragent=dice.choice(device.useragents),
        country=country.code,
        network=dice.choice(country.networks),
        language="en-US" if dice.happens(0.12) else country.language,
        time_zone=country.zone,
        screen=(width, height),
        viewport=(width - across, height - down),
        clock=dice.randrange(-HOUR, HOUR) if dice.happens(0.03) else 0,
    )


def machine(bot: Bot, dice: Dice) -> Person:
    """The bot in a person's place."""
    address = f"2001:db8:b07:{dice.getrandbits(16):x}::1"
    return Person(address, bot.useragent, "US", bot.network, "en-US", "UTC", (1280, 1024), (1280, 1024), 0)


# What they look at


def session(  # noqa: PLR0913, PLR0917 - a visit is made of all of these
    site: Site, who: Person, source: Source, at: int, onward: float, dice: Dice
) -> Iterator[Session]:
    """The visit that begins at `at`; none where that is outside of the month."""
    if site.days.holds(at) and (views := tuple(walk(site, source, at, onward, dice))):
        yield Session(site.name, who, source, views)


def walk(site: Site, source: Source, at: int, onward: float, dice: Dice) -> Iterator[View]:
    """One page after the other, until the visitor has had enough, or the month ends."""
    step, referrer, last = entry(site, source, dice), source.referrer, 0
    for _ in range(MOST_PAGES):
        at = max(site.days.off_midnight(at), last + SECOND)
        if not site.days.holds(at):
            return
        events, left = events_of(site, step, at, dice)
        view = View(site.url(step.page.path, step.query), referrer, step.page, dice.uuid(), events)
        yield view
        if not dice.happens(onward):
            return
        at, last, referrer = left, at, view.url
        step = following(site, step.page, dice)


def entry(site: Site, source: Source, dice: Dice) -> Step:
    """The page where a visit begins."""
    query = source.query.format(click=f"{dice.getrandbits(96):024x}")
    if source.page:
        return Step(site.page(source.page), query)
    if dice.happens(0.02) and source.channel in LINKS_GROW_OLD:
        return Step(Page(dice.choice(site.missing), NOT_FOUND, 6, 900), query, (Told(0, "not_found", {}),))
    return Step(site.pages.draw(dice), query)


def following(site: Site, page: Page, dice: Dice) -> Step:
    """Another page of the same site."""
    if dice.happens(site.search):
        terms, results = dice.choice(site.terms)
        return Step(SEARCH, f"q={quote(terms)}", (Told(0, "site_search", {"terms": terms, "results": results}),))
    other = site.pages.draw(dice)
    return Step(other, "") if other != page else following(site, page, dice)


def crawl(site: Site, bot: Bot, crawler: Person, at: int, dice: Dice) -> Session:
    """A bot's run over the site: it looks at a page for no longer than it takes to load."""
    views = []
    for _ in range(bot.pages):
        at = site.days.off_midnight(at)
        page = site.pages.draw(dice)
        views.append(View(site.url(page.path), "", page, dice.uuid(), (Event(at, dice.uuid(), "page_view", {}),)))
        at += dice.randrange(SECOND, 20 * SECOND)
    inside = tuple(it for it in views if site.days.holds(it.at))
    return Session(site.name, crawler, DIRECT, inside, "bot", bot.name)


def marked(url: str, mark: str) -> str:
    """The address with the owner's mark in its query."""
    return f"{url}{'&' if '?' in url else '?'}{mark}"
