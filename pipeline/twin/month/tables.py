"""`month.toml` → values: the sites and their visitors, the crowds, the bots."""

import tomllib
from collections.abc import Iterable, Mapping
from functools import cache
from itertools import accumulate
from pathlib import Path
from random import Random
from typing import Any, Generic, NamedTuple, TypeVar
from urllib.parse import quote

from pipeline.twin.month.days import Days, days_in

T = TypeVar("T")


class Pool(NamedTuple, Generic[T]):
    """Values to draw from, each as often as its weight says."""

    values: tuple[T, ...]
    bounds: tuple[float, ...]

    def draw(self, dice: Random) -> T:
        """One of them."""
        return dice.choices(self.values, cum_weights=self.bounds)[0]


class Page(NamedTuple):
    """One page: how long it is read (median) and how high it is."""

    path: str
    title: str
    seconds: int
    height: int


class Source(NamedTuple):
    """Where a visit comes from, and what has to be said of it: channel, source and campaign."""

    channel: str
    referrer: str = ""
    query: str = ""
    page: str = ""
    source: str | None = None
    campaign: str | None = None


class Country(NamedTuple):
    """The clock, language and networks of people there."""

    code: str
    zone: str
    language: str
    networks: tuple[str, ...]


class Device(NamedTuple):
    """A browser on a kind of device."""

    kind: str
    useragents: tuple[str, ...]
    screens: tuple[str, ...]


class Audience(NamedTuple):
    """Who comes, with what, from where."""

    devices: Pool[Device]
    countries: Pool[Country]
    sources: Pool[Source]


class Site(NamedTuple):
    """One site; `visits` on a middling day, of which `loyalty` is the share of its `regulars`."""

    name: str
    host: str
    title: str
    time_zone: str
    days: Days
    visits: int
    week: tuple[float, ...]
    hours: Pool[int]
    onward: float
    regulars: int
    loyalty: float
    audience: Audience
    pages: Pool[Page]
    missing: tuple[str, ...]
    downloads: tuple[str, ...]
    outbound: tuple[str, ...]
    search: float
    terms: tuple[tuple[str, int], ...]

    def url(self, path: str, query: str = "") -> str:
        """The address of a page."""
        return f"https://{self.host}{path}{query and '?'}{query}"

    def page(self, path: str) -> Page:
        """The page at that path."""
        return next(it for it in self.pages.values if it.path == path)


class Wave(NamedTuple):
    """A crowd for one page, from `at` (epoch ms) on."""

    site: Site
    at: int
    half_life: float
    visits: int
    page: Page
    onward: float
    audience: Audience


class Bot(NamedTuple):
    """A program that reads `pages` pages of each site, `times` in the month."""

    name: str
    useragent: str
    network: str
    times: int
    pages: int


class Tables(NamedTuple):
    """All of the file."""

    seed: int
    sites: Mapping[str, Site]
    waves: tuple[Wave, ...]
    bots: tuple[Bot, ...]


@cache
def tables() -> Tables:
    """The file as it is shipped."""
    toml = tomllib.loads((Path(__file__).parent / "month.toml").read_text(encoding="utf-8"))
    sites = {name: site(name, it, toml) for name, it in toml["sites"].items()}
    waves = tuple(wave(sites[it["site"]], it, toml) for it in toml["waves"])
    bots = tuple(Bot(**it | {"network": str(it["network"])}) for it in toml["bots"])
    return Tables(toml["seed"], sites, waves, bots)


def site(name: str, it: Mapping[str, Any], toml: Mapping[str, Any]) -> Site:
    """`[sites.NAME]`."""
    pages = [
        (Page(quote(path), title, seconds, height), weight) for path, title, weight, seconds, height in it["pages"]
    ]
    return Site(
        name=name,
        host=it["host"],
        title=it["name"],
        time_zone=it["time_zone"],
        days=days_in(it["time_zone"]),
        visits=it["visits"],
        week=tuple(it["week"]),
        hours=pool(enumerate(it["hours"])),
        onward=it["onward"],
        regulars=it["regulars"],
        loyalty=it["loyalty"],
        audience=audience(it, toml),
        pages=pool(pages),
        missing=tuple(it["missing"]),
        downloads=tuple(it["downloads"]),
        outbound=tuple(it["outbound"]),
        search=it["search"],
        terms=tuple(it["terms"].items()),
    )


def wave(of: Site, it: Mapping[str, Any], toml: Mapping[str, Any]) -> Wave:
    """One of `[[waves]]`."""
    start = int(it["at"].timestamp() * 1000)
    return Wave(of, start, it["half_life"], it["visits"], of.page(it["page"]), it["onward"], audience(it, toml))


def audience(it: Mapping[str, Any], toml: Mapping[str, Any]) -> Audience:
    """The devices, countries and sources of a site or a wave."""
    of_kind = {kind: sum(one["weight"] for one in toml["devices"] if one["kind"] == kind) for kind in it["kinds"]}
    return Audience(
        pool((device(one), it["kinds"][one["kind"]] * one["weight"] / of_kind[one["kind"]]) for one in toml["devices"]),
        pool((country(name, toml["countries"][name]), weight) for name, weight in it["countries"].items()),
        pool((Source(**toml["sources"][name]), weight) for name, weight in it["sources"].items()),
    )


def device(it: Mapping[str, Any]) -> Device:
    """One of `[[devices]]`."""
    return Device(it["kind"], tuple(it["useragents"]), tuple(it["screens"]))


def country(name: str, it: Mapping[str, Any]) -> Country:
    """One of `[countries]`; a large one has a line for each of its clocks."""
    return Country(name[:2], it["zone"], it["language"], tuple(map(str, it["networks"])))


def pool(weighted: Iterable[tuple[Any, float]]) -> Pool[Any]:
    """A pool of values, each given with its weight."""
    values, weights = zip(*weighted, strict=True)
    return Pool(values, tuple(accumulate(weights)))
