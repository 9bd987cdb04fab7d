"""The sheet as a folder of CSV files, one a tab, by RFC 4180: a tab's frame in, the file brought up to date.

The files are the owner's as well: columns and rows that no tab knows are kept as they stand, and so is a row whose day
the rollup no longer has, since nobody can tell it from one that the owner wrote.
"""

import csv
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import pandas as pd
from filelock import FileLock, Timeout

from pipeline.errors import UserError
from pipeline.mirror.rows import Cell, rows
from pipeline.mirror.tabs import Tab

Row = dict[str, str]
PATIENCE_SECONDS = 60


class Sheet(NamedTuple):
    """What a file holds: its columns in order, and its rows by column."""

    columns: tuple[str, ...] = ()
    rows: tuple[Row, ...] = ()


@dataclass(frozen=True)
class CsvFolder:
    """The end that writes `<tab>.csv` into `folder`."""

    folder: Path

    def upsert(self, tab: Tab, frame: pd.DataFrame) -> None:
        """Bring the tab's file up to date, whole or not at all; a file that would stay the same is not touched.

        Raises UserError where the file is no longer a sheet that Firn can add to.
        """
        self.folder.mkdir(parents=True, exist_ok=True)
        path = self.folder / f"{tab.name}.csv"
        with _alone(path):
            before = _read(path, tab)
            after = upserted(before, _sheet(frame), tab.key)
            if after != before:
                _write(path, after)


def upserted(before: Sheet, new: Sheet, key: tuple[str, ...]) -> Sheet:
    """The sheet with the new rows in the place of those with the same key, the others kept, sorted by key."""
    columns = (*before.columns, *(name for name in new.columns if name not in before.columns))
    fresh = {_key(row, key): row for row in new.rows}
    known = {_key(row, key) for row in before.rows}
    kept = [row | fresh.get(_key(row, key), {}) for row in before.rows]
    added = [row for it, row in fresh.items() if it not in known]
    whole = [dict.fromkeys(columns, "") | row for row in kept + added]
    return Sheet(columns, tuple(sorted(whole, key=lambda row: _key(row, key))))


def _key(row: Row, key: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(row[name] for name in key)


def _sheet(frame: pd.DataFrame) -> Sheet:
    texts = ({name: _text(cell) for name, cell in row.items()} for row in rows(frame))
    return Sheet(tuple(map(str, frame.columns)), tuple(texts))


def _text(cell: Cell) -> str:
    return "" if cell is None else str(cell)


@contextmanager
def _alone(path: Path) -> Iterator[None]:
    try:
        with FileLock(path.with_name(f".{path.name}.lock"), timeout=PATIENCE_SECONDS):
            yield
    except Timeout as error:
        raise UserError(f"Another run is writing {path}: wait for its end and try again.") from error


def _read(path: Path, tab: Tab) -> Sheet:
    if not path.exists():
        return Sheet()
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            lines = [line for line in csv.reader(file, strict=True) if line]
    except (UnicodeDecodeError, csv.Error) as error:
        raise _foreign(path, str(error)) from error
    if not lines:
        return Sheet()
    _check(path, tab, lines)
    columns, *held = lines
    padded = (line + [""] * (len(columns) - len(line)) for line in held)
    return Sheet(tuple(columns), tuple(dict(zip(columns, line, strict=True)) for line in padded))


def _check(path: Path, tab: Tab, lines: list[list[str]]) -> None:
    columns = lines[0]
    if missing := [name for name in tab.key if name not in columns]:
        raise _foreign(path, f"it has no column {missing[0]}")
    if len(set(columns)) < len(columns):
        raise _foreign(path, "two of its columns have one name")
    if any(len(line) > len(columns) for line in lines):
        raise _foreign(path, "a row of it has more cells than there are columns")


def _foreign(path: Path, fault: str) -> UserError:
    return UserError(f"{path} cannot be added to ({fault}): mend it, or move it away, and run 'firn mirror' again.")


def _write(path: Path, sheet: Sheet) -> None:
    beside = path.with_name(f".{path.name}.new")
    try:
        with beside.open("w", encoding="utf-8", newline="") as file:
            lines = csv.DictWriter(file, sheet.columns)
            lines.writeheader()
            lines.writerows(sheet.rows)
        beside.replace(path)
    finally:
        beside.unlink(missing_ok=True)
