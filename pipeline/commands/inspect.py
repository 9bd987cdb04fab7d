"""`firn inspect`: raw logs in, one JSON object for each data line out; the lake is not touched."""

import sys
from collections.abc import Iterable, Iterator
from itertools import chain
from pathlib import Path

import click

from pipeline import terminal
from pipeline.access_log import Unreadable
from pipeline.commands.options import settings_option
from pipeline.errors import UserError
from pipeline.inspection import lines_of
from pipeline.raw import CHUNK, chunks
from pipeline.settings import Settings
from pipeline.transform import Given, transform

STDIN = "-"


@click.command()
@click.argument("files", nargs=-1, metavar="[FILE]...")
@settings_option
def inspect(*, files: tuple[str, ...], settings: Settings) -> None:
    """Show what becomes of each line of a raw log.

    Reads FILE, plain or gzipped, in any of CloudFront's layouts; without one, or for -, standard input. Writes one JSON
    object for each line: `status` is event, bad_row or ignored, with the `reason`; `event` has the columns, `failures`
    what could not be read.

    \b
    Examples:
      firn inspect firn-data/raw/cf/…/E2EXAMPLE.2026-11-24-10.0123abcd.gz
      zcat *.gz | firn inspect --settings firn.toml | jq 'select(.status == "bad_row")'
    """  # noqa: D301 (\b is click's mark for lines that stay as they are)
    files = files or (STDIN,)
    broken: list[tuple[str, str]] = []
    terminal.written(chain.from_iterable(objects(file, settings, broken, named=len(files) > 1) for file in files))
    if broken:
        raise UserError(sentence(broken))


def objects(file: str, settings: Settings, broken: list[tuple[str, str]], *, named: bool) -> Iterator[str]:
    """One file's objects; where it cannot be read to its end, its name and the reason are put to `broken`."""
    try:
        for batch in transform(bytes_of(file), Given(settings.rules)):
            yield from lines_of(batch, file if named else None)
    except (OSError, Unreadable) as error:
        broken.append((file, reason(error)))


def sentence(broken: list[tuple[str, str]]) -> str:
    """What to do about files that cannot be read to their end."""
    (first, why), *others = broken
    nor = "".join(f", nor can {file} ({why})" for file, why in others)
    return f"{first} cannot be read to its end ({why}){nor}; name whole log files, plain or gzipped."


def bytes_of(file: str) -> Iterable[bytes]:
    """The file's bytes, or standard input's, piece by piece."""
    return iter(lambda: sys.stdin.buffer.read(CHUNK), b"") if file == STDIN else chunks(Path(file))


def reason(error: Exception) -> str:
    """What is wrong, without the file's name."""
    cause = error.__cause__ if isinstance(error, Unreadable) else error
    return str(getattr(cause, "strerror", None) or error)
