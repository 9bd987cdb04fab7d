"""The salts of the visitor hash: a site's list and the time in; out comes the list that holds for the coming days.

A list is `[[start in epoch ms, salt], …]`, one entry for the site's current day and each of the next two. The edge
function takes the last start that has passed, so a run that is missed, or arrives late, does no harm. A salt is random
and stands nowhere else: once its day is over it is dropped from the list, and nobody can make that day's hashes again.
"""

import json
import os
import secrets
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from filelock import FileLock

from enrich.rules import Site
from pipeline.errors import UserError

SaltList = tuple[tuple[int, str], ...]
SiteDay = tuple[str, date]
DAYS = 3
LEGACY_LIFE = 48 * 60 * 60 * 1000


def new_salt() -> str:
    """256 random bits as text."""
    return secrets.token_urlsafe(32)


def day_start(day: date, zone: ZoneInfo) -> int:
    """When `day` begins in `zone`, in epoch ms; where no clock there shows midnight, the moment it is skipped."""
    return int(datetime.combine(day, time(), zone).timestamp() * 1000)


def renewed(listed: SaltList, zone: ZoneInfo, now: int) -> SaltList:
    """The list at `now` (epoch ms): days already listed keep their salt, days that are over are gone."""
    today = datetime.fromtimestamp(now / 1000, zone).date()
    starts = [day_start(today + timedelta(days), zone) for days in range(DAYS)]
    known = dict(listed)
    return tuple((start, known.get(start) or new_salt()) for start in starts)


def renewed_lists(lists: Mapping[str, SaltList], sites: Mapping[str, Site], now: int) -> dict[str, SaltList]:
    """The list of each site at `now` (epoch ms); a site that is not known any more has none."""
    return {name: renewed(lists.get(name, ()), ZoneInfo(site.time_zone), now) for name, site in sites.items()}


def first_day_over(lists: Mapping[str, SaltList]) -> int:
    """When the first salt of these lists has to be destroyed, in epoch ms."""
    return min((listed[1][0] for listed in lists.values()), default=2**63)


def key_values(lists: Mapping[str, SaltList]) -> dict[str, str]:
    """The lists as the KeyValueStore holds them: the site is the key, the value its list as JSON text."""
    return {site: json.dumps(listed, separators=(",", ":")) for site, listed in lists.items()}


class LegacySalt(NamedTuple):
    """The salt of a day of logs that hold addresses, and when it was made (epoch ms); None once it is destroyed."""

    made: int
    salt: str | None


def legacy_renewed(kept: Mapping[SiteDay, LegacySalt], asked: Iterable[SiteDay], now: int) -> dict[SiteDay, LegacySalt]:
    """All legacy salts at `now` (epoch ms): one for each day never seen before, none that is older than 48 h.

    A day whose salt is destroyed stays listed without one, so that it never gets a second: that would double its
    visitors.
    """
    alive = {day: it if now < it.made + LEGACY_LIFE else it._replace(salt=None) for day, it in kept.items()}
    return {day: LegacySalt(now, new_salt()) for day in asked} | alive


def renew_salts(folder: Path, sites: Mapping[str, Site], now: int) -> dict[str, SaltList]:
    """Bring the lists in `folder` up to `now` (epoch ms) and return them; safe when two runs meet."""
    with locked_json(folder / "edge.json", {}) as (lists, write):
        kept = {site: tuple((start, salt) for start, salt in listed) for site, listed in lists.items()}
        renewal = renewed_lists(kept, sites, now)
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
