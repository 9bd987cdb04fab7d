"""Salts in a folder, for the laptop: the edge's lists and the legacy salts, one file each; safe when two runs meet."""

import json
import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import Any

from filelock import FileLock

from pipeline.errors import UserError
from pipeline.salts import SaltList, renewed_lists
from pipeline.salts.legacy import LegacySalt, SiteDay, legacy_renewed


def renew_salts(folder: Path, zones: Mapping[str, str], now: int) -> dict[str, SaltList]:
    """Bring the lists in `folder` up to `now` (epoch ms) and return them; `zones` is site → time zone."""
    with locked_json(folder / "edge.json", {}) as (lists, write):
        kept = {site: tuple((start, salt) for start, salt in listed) for site, listed in lists.items()}
        renewal = renewed_lists(kept, zones, now)
        write(renewal)
        return renewal


def take_legacy_salts(folder: Path, days: Iterable[SiteDay], now: int) -> dict[SiteDay, str | None]:
    """The salt of each asked site and day at `now` (epoch ms), made where the day is new; None where it is destroyed.

    With no days it only destroys what is due.
    """
    with locked_json(folder / "legacy.json", []) as (rows, write):
        kept = {(site, date.fromisoformat(day)): LegacySalt(made, salt) for site, day, made, salt in rows}
        asked = frozenset(days)
        salts = legacy_renewed(kept, asked, now)
        if salts != kept:
            write([(site, day.isoformat(), *salt) for (site, day), salt in salts.items()])
        return {day: salts[day].salt for day in asked}


@contextmanager
def locked_json(path: Path, default: object) -> Iterator[tuple[Any, Callable[[object], None]]]:
    """What the file holds, and a function that replaces it; until the block ends nobody else does either."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    with FileLock(path.with_suffix(".lock")):
        yield read_json(path) if path.exists() else default, lambda value: write_json(path, value)


def read_json(path: Path) -> Any:  # noqa: ANN401, JSON is any value
    """The file's value; UserError if it is not JSON."""
    try:
        return json.loads(path.read_text())
    except ValueError as error:
        raise UserError(
            f"{path} cannot be read: delete it to go on with new salts; visitors of today are then counted again."
        ) from error


def write_json(path: Path, value: object) -> None:
    """Replace the file, which its owner alone may read.

    Until it is complete it has one other name, always the same, so that no crash leaves a copy of salts behind.
    """
    new = path.with_suffix(".new")
    with os.fdopen(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
        json.dump(value, file)
        file.flush()
        os.fsync(file.fileno())
    new.replace(path)
