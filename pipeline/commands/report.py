"""`firn report`: the lake in, one HTML page of all sites out."""

from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import click

from pipeline import terminal
from pipeline.commands.options import settings_and_data
from pipeline.lake import scan
from pipeline.query.laptop import Laptop, reading_once
from pipeline.report import write_report
from pipeline.report.period import USUAL_LENGTH
from pipeline.settings import Settings
from pipeline.sqlite_catalog import open_lake


@click.command()
@click.option(
    "--days",
    type=click.IntRange(min=1),
    metavar="N",
    default=USUAL_LENGTH,
    show_default=True,
    help="How many days it is about, up to the newest that is over.",
)
@click.option(
    "--out",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Where to write it.  [default: report.html in --data]",
)
@settings_and_data
def report(*, days: int, out: Path | None, settings: Settings, data: Path) -> None:
    """Write a page that shows all sites.

    One HTML file that needs nothing beside itself: open it in a browser, send it to somebody. Each day is that of the
    site's own time zone.

    \b
    Example:
      firn report --days 7 --out week.html
    """  # noqa: D301 (\b is click's mark for lines that stay as they are)
    sites = settings.rules.sites
    path = out or data / "report.html"
    laptop = Laptop(reading_once(partial(scan, open_lake(data / "lake"))), sites)
    write_report(laptop, sites, path, datetime.now(UTC), days)
    terminal.note(f"The report is in {path}: open it in a browser.")
