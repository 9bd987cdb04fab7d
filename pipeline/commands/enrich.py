"""`firn enrich`: raw objects in, rows of the lake out."""

import time
from collections.abc import Sequence
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import click

from pipeline import terminal
from pipeline.commands.options import settings_and_data
from pipeline.errors import UserError
from pipeline.load import Tally, load
from pipeline.raw import RawObject, raw_objects, s3
from pipeline.salts.folder import take_legacy_salts
from pipeline.settings import Settings
from pipeline.sqlite_catalog import open_lake
from pipeline.transform import Given


@click.command()
@click.argument("sources", nargs=-1, metavar="[SRC]...", type=click.Path())
@settings_and_data
def enrich(*, sources: tuple[str, ...], settings: Settings, data: Path) -> None:
    """Read raw logs into the lake.

    SRC is a log file, plain or gzipped, or a folder of them, or what the URIs of some on S3 begin with; without one,
    raw/ in the data folder. A log that was read before is put in the place of what the lake has of it: run it again and
    nothing is doubled. Two runs at once are safe.

    \b
    Examples:
      firn enrich
      firn enrich ~/logs/2025 --data try-it
      firn enrich s3://my-logs/cf/2025-
    """  # noqa: D301 (\b is click's mark for lines that stay as they are)
    begun = time.monotonic()
    objects = named_by(sources or (str(data / "raw"),), data / "raw")
    now = datetime.now(UTC)
    salts = partial(take_legacy_salts, data / "salts", now=int(now.timestamp() * 1000))
    salts(())  # those that are due are destroyed, whatever is read now
    given = Given(settings.rules, now.replace(tzinfo=None), salts)
    with terminal.progress("Reading raw logs", len(objects)) as done:
        tally = load(objects, given, open_lake(data / "lake"), done)
    terminal.note(told(tally, time.monotonic() - begun))
    if tally.unreadable:
        raise UserError("\n".join(map(broken, tally.unreadable, tally.unreadable.values())))


def named_by(sources: Sequence[str], raw: Path) -> list[RawObject]:
    """The raw objects on this machine and on S3, each once."""
    here = [Path(it) for it in sources if not it.startswith(s3.SCHEME)]
    there = [found for it in sources if it.startswith(s3.SCHEME) for found in s3.raw_objects(it)]
    return list({it.name: it for it in [*raw_objects(here, raw), *there]}.values())


def told(tally: Tally, seconds: float) -> str:
    """What was read, in one line."""
    reasons = ", ".join(f"{count} {reason}" for reason, count in tally.ignored.most_common())
    return (
        f"{tally.objects} objects, {tally.lines} lines: {tally.events} events, {tally.bad_rows} bad rows, "
        f"{tally.ignored.total()} ignored{f' ({reasons})' if reasons else ''}; {seconds:.1f} s"
    )


def broken(name: str, reason: str) -> str:
    """What to do about a raw object that cannot be read to its end."""
    return f"{name} cannot be read to its end ({reason}) and was left out; fetch it anew and run this again."
