"""`firn mirror`: the lake's rollups in, rows of the sheet out."""

from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import click

from pipeline import terminal
from pipeline.commands.options import settings_and_data
from pipeline.lake import scan
from pipeline.mirror import Window
from pipeline.mirror import mirror as mirrored
from pipeline.mirror.csv_folder import CsvFolder
from pipeline.query.laptop import Laptop
from pipeline.settings import Settings
from pipeline.sqlite_catalog import open_lake


@click.command()
@click.option(
    "--days",
    type=click.IntRange(min=1),
    metavar="N",
    help="Only the last N days, today included.  [default: all days]",
)
@settings_and_data
def mirror(*, days: int | None, settings: Settings, data: Path) -> None:
    """Write the rollups into the sheet.

    The sheet is the folder sheet/ with one CSV file for each tab. A row is known by its site and date: run again, it is
    replaced, never doubled. Rows and columns of your own stay.

    \b
    Example:
      firn mirror --days 3
    """  # noqa: D301 (\b is click's mark for lines that stay as they are)
    sites = settings.rules.sites
    laptop = Laptop(partial(scan, open_lake(data / "lake")), sites)
    zones = {name: site.time_zone for name, site in sites.items()}
    window = Window(days, datetime.now(UTC), zones) if days else None
    for tab, rows in mirrored(laptop, CsvFolder(data / "sheet"), window).items():
        terminal.note(f"{tab}: {rows} rows are in {data / 'sheet' / tab}.csv")
