"""`firn demo`: requests that real trackers sent in; a raw log, the lake, the rollup and the sheet out."""

from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from shlex import quote

import click

from pipeline import terminal
from pipeline.commands.options import DEFAULT_DATA, DEFAULT_SETTINGS, data_option
from pipeline.lake import open_lake, scan
from pipeline.load import Tally, load
from pipeline.mirror import mirror
from pipeline.mirror.csv_folder import CsvFolder
from pipeline.places import shipped
from pipeline.query import answer
from pipeline.query.laptop import Laptop
from pipeline.raw import raw_objects
from pipeline.settings import load as read_settings
from pipeline.transform import Given
from pipeline.twin.demo import write_demo_log

NEXT = (
    "query --list",
    'query -e "SELECT page_urlpath, count(*) AS views FROM page_views GROUP BY 1 ORDER BY 2 DESC LIMIT 10"',
    'query -e "SELECT filter_reason, count(*) AS events FROM events GROUP BY 1 ORDER BY 2 DESC"',
)


@click.command()
@click.option(
    "--settings",
    "file",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="The owner's rules.  [default: the example that comes with firn]",
)
@data_option
def demo(*, file: Path | None, data: Path) -> None:
    """Try all of it on this machine: no account, no network.

    Requests that real trackers sent become CloudFront's log, rows of the lake, an answer in SQL, and a sheet. Run it
    again and nothing changes.

    \b
    Example:
      firn demo --data try-it
    """  # noqa: D301 (\b is click's mark for lines that stay as they are)
    file = file or shipped("firn.toml")
    rules = read_settings(file).rules
    lake = open_lake(data / "lake")
    laptop = Laptop(partial(scan, lake), rules.sites)

    log = raw_objects(write_demo_log(rules, data), data / "raw")
    tally = load(log, Given(rules, datetime.now(UTC).replace(tzinfo=None)), lake)
    mirror(laptop, CsvFolder(data / "sheet"))

    terminal.shown(answer("daily_overview", {}, laptop), "table")
    for line in (*summary(tally, data), "", *what_next(file, data)):
        terminal.note(line)


def summary(tally: Tally, data: Path) -> tuple[str, ...]:
    """What was read, and where all of it lies now."""
    ignored = sum(tally.ignored.values())
    return (
        "",
        f"Read {tally.lines} log lines: {tally.events} events, {tally.bad_rows} bad rows, {ignored} ignored.",
        f"Raw log: {data / 'raw'}. Lake: {data / 'lake'}. Sheet: {data / 'sheet'}, one CSV file a tab.",
    )


def what_next(file: Path, data: Path) -> tuple[str, ...]:
    """Commands to go on with, as they work from this folder."""
    of_settings = (
        "" if DEFAULT_SETTINGS.exists() and file.samefile(DEFAULT_SETTINGS) else f" --settings {quote(str(file))}"
    )
    options = of_settings + ("" if data == DEFAULT_DATA else f" --data {quote(str(data))}")
    return ("Try next:", *(f"  firn {command}{options}" for command in NEXT))
