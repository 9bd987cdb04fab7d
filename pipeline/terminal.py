"""What a person or another program gets to see: Arrow tables and sentences in, text out.

The only module that prints. Answers go to standard output, all else to standard error. In text for the eye, whatever
could drive a terminal is spelt out: a page's title is a stranger's.
"""

import csv
import io
import json
import os
import re
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from datetime import date, datetime
from decimal import Decimal
from functools import partial
from itertools import chain
from math import isfinite
from typing import Any, TextIO

import click
import pyarrow as pa
from rich import box
from rich.console import Console
from rich.progress import Progress
from rich.table import Table
from rich.text import Text

Advance = Callable[[int], None]

# Control characters, separators of lines and paragraphs, and what turns the direction of the text after it.
UNSEEN = re.compile("[\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]")
# What ends a Markdown cell, starts HTML, or takes the meaning of either away.
MARKDOWN = re.compile(r"[\\|<]")
A_LINE_EVERY_SECONDS = 10
# Where no terminal limits it a line is as long as it needs to be: it goes to grep, or to a file.
UNLIMITED = 100_000


def shown(result: pa.Table, form: str = "table") -> None:
    """Write all rows to standard output in one of FORMATS: `table` and `md` are for the eye, `csv` and `json` exact."""
    FORMATS[form](result, _standard_output())


def written(lines: Iterable[str]) -> None:
    """Write lines to standard output as they come, for another program."""
    out = _standard_output()
    for line in lines:
        out.write(line + "\n")


def note(sentence: str) -> None:
    """Write a sentence, of one line or more, to standard error."""
    click.echo("\n".join(map(visible, sentence.splitlines())), err=True)


@contextmanager
def progress(what: str, total: int | None = None) -> Iterator[Advance]:
    """Tell how far a long step is; the block calls what it is given with the number of things just done.

    On a terminal as a bar; elsewhere as a line at the start and one every ten seconds. A last line has the seconds.
    """
    begun = time.monotonic()
    telling = _bar if sys.stderr.isatty() else _lines
    with telling(visible(what), total) as advance:
        yield advance
    note(f"{what}: done in {time.monotonic() - begun:.1f} s")


def visible(text: str) -> str:
    r"""Return the text with each character that acts without being seen spelt out, as in `\x1b`."""
    return UNSEEN.sub(lambda found: found[0].encode("unicode_escape").decode(), text)


def json_text(value: Any) -> str:  # noqa: ANN401 (whatever Arrow holds)
    """Return the value as JSON: a decimal as the number it is, a time as `YYYY-MM-DD HH:MM:SS.sss`, no number as null.

    What acts without being seen is escaped, so that the text is harmless and still the same JSON.
    """
    if isinstance(value, Decimal):
        return f"{value:f}"
    if isinstance(value, dict):
        return "{" + ", ".join(f"{json_text(str(key))}: {json_text(held)}" for key, held in value.items()) + "}"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(map(json_text, value)) + "]"
    scalar = value if value is None or isinstance(value, bool | int | str) else _number_or_text(value)
    return UNSEEN.sub(lambda found: f"\\u{ord(found[0]):04x}", json.dumps(scalar, ensure_ascii=False))


def _number_or_text(value: object) -> float | str | None:
    if isinstance(value, float):
        return value if isfinite(value) else None
    return _text(value)


def _text(value: object) -> str:
    """The value as the text of one cell; nothing for null."""
    if isinstance(value, datetime):
        return value.replace(tzinfo=None).isoformat(sep=" ", timespec="milliseconds")
    if isinstance(value, bool | dict | list | Decimal):
        return json_text(value)
    if isinstance(value, bytes):
        return value.hex()
    return "" if value is None else value.isoformat() if isinstance(value, date) else str(value)


# The four forms of an answer


def _standard_output() -> TextIO:
    """In UTF-8, whatever the machine would rather have: JSON is, and a title may be in any script."""
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(encoding="utf-8")
    return sys.stdout


def _rows(result: pa.Table) -> Iterator[tuple[object, ...]]:
    for batch in result.to_batches():
        yield from zip(*(column.to_pylist() for column in batch.columns), strict=True)


def _write_json(result: pa.Table, out: TextIO) -> None:
    names = [json_text(name) for name in result.column_names]
    before = "[\n"
    for row in _rows(result):
        cells = ", ".join(f"{name}: {json_text(value)}" for name, value in zip(names, row, strict=True))
        out.write(f"{before}{{{cells}}}")
        before = ",\n"
    out.write("\n]\n" if result.num_rows else "[]\n")


def _write_csv(result: pa.Table, out: TextIO) -> None:
    """By RFC 4180, hence lines end in CR LF; what goes to a terminal and not to a program is made visible."""
    shape = visible if out.isatty() else str
    lines = csv.writer(out)
    lines.writerow(map(shape, result.column_names))
    lines.writerows([shape(_text(value)) for value in row] for row in _rows(result))


def _write_md(result: pa.Table, out: TextIO) -> None:
    rules = ["---:" if _is_number(it.type) else "---" for it in result.schema]
    cells = ([_markdown(_text(value)) for value in row] for row in _rows(result))
    lines = chain([map(_markdown, result.column_names), rules], cells)
    out.writelines(f"| {' | '.join(line)} |\n" for line in lines)


def _markdown(text: str) -> str:
    return MARKDOWN.sub(lambda found: "\\" + found[0], visible(text))


def _write_table(result: pa.Table, out: TextIO) -> None:
    """As a grid, or where the terminal is too narrow for one, each row as a block of lines without its nulls."""
    limit = Console(file=out).width if out.isatty() or "COLUMNS" in os.environ else UNLIMITED
    console = Console(file=out, width=UNLIMITED)
    grid = _grid(result)
    if console.measure(grid).maximum > limit:
        out.writelines(_blocks(result))
        return
    with console.capture() as drawn:
        console.print(grid)
    out.writelines(line.rstrip() + "\n" for line in drawn.get().splitlines())


def _grid(result: pa.Table) -> Table:
    grid = Table(box=box.SIMPLE_HEAD, pad_edge=False, show_edge=False)
    for field in result.schema:
        grid.add_column(Text(visible(field.name)), justify="right" if _is_number(field.type) else "left")
    for row in _rows(result):
        grid.add_row(*(Text(visible(_text(value))) for value in row))
    return grid


def _blocks(result: pa.Table) -> Iterator[str]:
    names = [visible(name) for name in result.column_names]
    longest = max(map(len, names))
    for row in _rows(result):
        held = ((name, value) for name, value in zip(names, row, strict=True) if value is not None)
        yield "".join(f"{name:<{longest}}  {visible(_text(value))}\n" for name, value in held) + "\n"


def _is_number(kind: pa.DataType) -> bool:
    return bool(pa.types.is_integer(kind) or pa.types.is_floating(kind) or pa.types.is_decimal(kind))


FORMATS: dict[str, Callable[[pa.Table, TextIO], None]] = {
    "table": _write_table,
    "csv": _write_csv,
    "json": _write_json,
    "md": _write_md,
}


# The two ways to tell how far a step is


@contextmanager
def _bar(what: str, total: int | None) -> Iterator[Advance]:
    # Rich would send what the block itself writes to standard output the same way as the bar.
    console = Console(stderr=True)
    with Progress(console=console, transient=True, redirect_stdout=False, redirect_stderr=False) as bar:
        yield partial(bar.advance, bar.add_task(what, total=total))


@contextmanager
def _lines(what: str, total: int | None) -> Iterator[Advance]:
    done, told = 0, time.monotonic()
    of_all = "" if total is None else f" of {total}"

    def advance(count: int) -> None:
        nonlocal done, told
        done += count
        if time.monotonic() - told >= A_LINE_EVERY_SECONDS:
            told = time.monotonic()
            note(f"{what}: {done}{of_all}")

    note(f"{what} …")
    yield advance
