"""The salts of the visitor hash: a site's list and the time in; out comes the list that holds for the coming days.

A list is `[[start in epoch ms, salt], …]`, one entry for the site's current day and each of the next two. The edge
function takes the last start that has passed, so a run that is missed, or arrives late, does no harm. A salt is random
and stands nowhere else: once its day is over it is dropped from the list, and nobody can make that day's hashes again.

Here is what follows from values alone. The lists lie in `folder` on a laptop, in `key_value_store` on AWS; `legacy` is
about logs that hold addresses.
"""

import json
import re
import secrets
from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

SaltList = tuple[tuple[int, str], ...]
DAYS = 3
ENTRY = r'\[[1-9]\d{0,15},"[\w-]{43}"\]'
VALUE = re.compile(rf"\[{ENTRY}(,{ENTRY})*\]", re.ASCII)


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


def renewed_lists(lists: Mapping[str, SaltList], zones: Mapping[str, str], now: int) -> dict[str, SaltList]:
    """The list of each site at `now` (epoch ms); `zones` is site → time zone, and a site it does not name has none."""
    return {site: renewed(lists.get(site, ()), ZoneInfo(zone), now) for site, zone in zones.items()}


def first_day_over(lists: Mapping[str, SaltList]) -> int:
    """When the first salt of these lists has to be destroyed, in epoch ms."""
    return min((listed[1][0] for listed in lists.values()), default=2**63)


def key_values(lists: Mapping[str, SaltList]) -> dict[str, str]:
    """The lists as the KeyValueStore holds them: the site is the key, the value its list as JSON text."""
    return {site: json.dumps(listed, separators=(",", ":")) for site, listed in lists.items()}


def salt_list(value: str) -> SaltList:
    """The list that a value of the KeyValueStore is; empty where it is something else, and so somebody else's."""
    entries = json.loads(value) if VALUE.fullmatch(value) else ()
    return tuple((start, salt) for start, salt in entries)


def changes(held: Mapping[str, str], zones: Mapping[str, str], now: int) -> dict[str, str | None]:
    """What must change at `now` (epoch ms) in a KeyValueStore that holds `held`: key → its new value, None to drop it.

    Besides the sites' keys only those are touched whose value is a list of salts: those of a site that is gone.
    """
    lists = {key: listed for key, value in held.items() if (listed := salt_list(value))}
    wanted = key_values(renewed_lists(lists, zones, now))
    written = {key: value for key, value in wanted.items() if held.get(key) != value}
    return written | {key: None for key in lists if key not in wanted}
