"""`firn demo`: nothing in; a month of three sites' raw logs, the lake, the rollups and the sheet out."""

from collections.abc import Sequence
from datetime import UTC, datetime, time, timedelta
from functools import partial
from pathlib import Path
from shlex import quote

import click
import pyarrow.compute as pc
from pyiceberg.expressions import EqualTo

from pipeline import terminal
from pipeline.commands.options import DEFAULT_DATA, DEFAULT_SETTINGS, data_option
from pipeline.lake import Lake, scan
from pipeline.load import Tally, load
from pipeline.mirror import mirror
from pipeline.mirror.csv_folder import CsvFolder
from pipeline.places import shipped
from pipeline.query.laptop import Laptop, reading_once
from pipeline.raw import RawObject, raw_objects
from pipeline.report import write_report
from pipeline.settings import load as read_settings
from pipeline.sqlite_catalog import open_lake
from pipeline.transform import Given
from pipeline.twin.month import month, write_month
from pipeline.twin.month.days import FIRST, LENGTH

# Visitors are those of a day: nobody can be followed from one day to the next.
OF_THE_MONTH = """
WITH days AS (
    SELECT
        site,
        date,
        count(DISTINCT visitor) AS visitors,
        count(*) AS visits,
        sum(page_views) AS page_views,
        count_if(page_views = 1) AS bounces,
        sum(engaged_seconds) AS engaged_seconds
    FROM sessions
    GROUP BY site, date
)

SELECT
    site,
    CAST(round(avg(visitors)) AS integer) AS visitors_a_day,
    sum(visits) AS visits,
    sum(page_views) AS page_views,
    CAST(round(100.0e0 * sum(bounces) / sum(visits)) AS integer) AS "bounce_%",
    CAST(round(1.0e0 * sum(engaged_seconds) / sum(visits)) AS integer) AS engaged_s,
    max_by(date, visits) AS best_day
FROM days
GROUP BY site
ORDER BY visits DESC
"""

REPORT = "report.html"
AFTER = datetime.combine(FIRST + timedelta(LENGTH + 1), time(), UTC)  # when every day of the month is over

NEXT = (
    "query --list",
    "query daily_overview",
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

    A month of three made-up sites becomes CloudFront's log, rows of the lake, answers in SQL, and a sheet. Run it again
    and nothing changes; stop it, and the next run goes on from there.

    \b
    Example:
      firn demo --data try-it
    """  # noqa: D301 (\b is click's mark for lines that stay as they are)
    file = file or shipped("firn.toml")
    rules = read_settings(file).rules
    lake = open_lake(data / "lake")
    laptop = Laptop(reading_once(partial(scan, lake)), rules.sites)

    tally = loaded(written(data / "raw"), Given(rules, datetime.now(UTC).replace(tzinfo=None)), lake)
    with terminal.progress("Adding it up"):
        rollup = laptop.answer(OF_THE_MONTH, {})
        mirror(laptop, CsvFolder(data / "sheet"))
    with terminal.progress("Drawing the report, about 10 seconds"):
        write_report(laptop, rules.sites, data / REPORT, AFTER, LENGTH)

    terminal.shown(rollup)
    for line in (*summary(tally, data), "", *what_next(file, data)):
        terminal.note(line)


def written(raw: Path) -> list[RawObject]:
    """The month's raw log, written where it is missing."""
    with terminal.progress("Making up a month of three small sites"):
        objects = month()
    with terminal.progress("Writing its raw log, about 10 seconds", len(objects)) as done:
        return raw_objects(write_month(objects, raw, done), raw)


def loaded(log: Sequence[RawObject], given: Given, lake: Lake) -> Tally:
    """What was read of the log now: the objects that the lake does not hold yet, as these rules make them."""
    made_so = scan(lake, "events", ["raw_object"], EqualTo("v_etl", given.v_etl))  # type: ignore[arg-type,call-arg] # mypy takes pydantic's view of the class
    held = set(pc.unique(made_so["raw_object"]).to_pylist())
    missing = [it for it in log if it.name not in held]
    with terminal.progress("Reading it into the lake, about 20 seconds", len(missing)) as done:
        return load(missing, given, lake, done)


def summary(tally: Tally, data: Path) -> tuple[str, ...]:
    """What was read, and where all of it lies now."""
    ignored = sum(tally.ignored.values())
    read = f"{tally.lines:,} log lines: {tally.events:,} events, {tally.bad_rows:,} bad rows, {ignored:,} ignored."
    return (
        "",
        f"Read {read}" if tally.objects else "Nothing was left to read: the lake holds the month.",
        f"Raw log: {data / 'raw'}. Lake: {data / 'lake'}. Sheet: {data / 'sheet'}, one CSV file a tab.",
    )


def what_next(file: Path, data: Path) -> tuple[str, ...]:
    """Commands to go on with, as they work from this folder."""
    of_settings = (
        "" if DEFAULT_SETTINGS.exists() and file.samefile(DEFAULT_SETTINGS) else f" --settings {quote(str(file))}"
    )
    options = of_settings + ("" if data == DEFAULT_DATA else f" --data {quote(str(data))}")
    commands = (f"  firn {command}{options}" for command in NEXT)
    return ("Try next:", *commands, "", f"The report is in {data / REPORT}: open it in a browser.")
