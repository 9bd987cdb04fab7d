"""An engine over the lake in; one HTML file that shows all sites, and needs nothing beside itself, out."""

from collections.abc import Mapping
from datetime import datetime
from itertools import chain
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from enrich.rules import Site
from pipeline.query import Engine
from pipeline.report.answers import answers, daily
from pipeline.report.counts import days_by_site
from pipeline.report.page import Page, page
from pipeline.report.period import USUAL_LENGTH, period, today_in

FOLDER = Path(__file__).parent


def write_report(
    engine: Engine, sites: Mapping[str, Site], path: Path, now: datetime, length: int = USUAL_LENGTH
) -> None:
    """Write the report of the last `length` days to `path`, whole or not at all.

    `now`, which has a zone, tells which day is not over yet: of the same lake and the same day it is the same report.
    """
    write(path, report(engine, sites, now, length))


def report(engine: Engine, sites: Mapping[str, Site], now: datetime, length: int = USUAL_LENGTH) -> str:
    """The report as HTML, or where the lake is empty a page that says what to do."""
    days = days_by_site(daily(engine))
    zones = {name: site.time_zone for name, site in sites.items()}
    todays = (today_in(zones.get(site or "", "UTC"), now) for site in days)
    its = period(set(chain.from_iterable(days.values())), todays, length)
    return html(page(days, its, answers(engine, its), zones) if its else None)


def html(shown: Page | None) -> str:
    """The page as HTML; every text in it is escaped by the template's engine, none is taken for HTML."""
    environment = Environment(
        loader=FileSystemLoader(FOLDER),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    return environment.get_template("page.html" if shown else "empty.html").render(page=shown)


def write(path: Path, text: str) -> None:
    """Write the file, whole or not at all."""
    beside = path.with_name(f".{path.name}.new")
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        beside.write_text(text, encoding="utf-8")
        beside.replace(path)
    finally:
        beside.unlink(missing_ok=True)
