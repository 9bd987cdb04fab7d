"""Events that were logged with an address → the salt of each one's site and day, to hash its visitor under.

The same conditions as at the edge: a browser's own event, of a known site. No address, no salt.
"""

from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

import pyarrow as pa
import pyarrow.compute as pc

from enrich.rules import Rules, Site
from enrich.step import distinct_rows
from enrich.words import on_rows

SiteDay = tuple[str, date]
Salts = Callable[[Iterable[SiteDay]], Mapping[SiteDay, str | None]]
VISITORS_PLATFORMS = ("web", "mob")
SPEAKS_FOR_ANOTHER = ("ip", "ua", "tnuid")
EPOCH = datetime.fromtimestamp(0, UTC)
ANY_SITE = ""  # of an owner who names no sites: the hash itself holds the site


def with_salts(events: pa.Table, rules: Rules, salts: Salts) -> pa.Table:
    """The events with `salt`, null where there is to be no hash, or the day's salt is no more."""
    wanted = to_hash(events)
    column = pa.nulls(len(events), pa.string())
    if rules.visitor == "day" and pc.any(wanted).as_py():
        quarters = pc.floor_temporal(events["collector_tstamp"], 15, "minute").cast(pa.int64())  # no midnight parts one
        asked = pa.table({"wanted": wanted, "site": events["app_id"], "time": quarters})
        distinct, place = distinct_rows(asked)
        days = [site_day(site, time, rules.sites) if here else None for here, site, time in distinct]
        found = salts({day for day in days if day})
        column = on_rows(place, pa.array([day and found.get(day) for day in days], pa.string()))
    return events.append_column("salt", column)


def to_hash(events: pa.Table) -> pa.Array:
    """Which events came with an address from a visitor's own browser, and not through the edge function."""
    own = pc.is_in(events["platform"], pa.array(VISITORS_PLATFORMS))
    for name in SPEAKS_FOR_ANOTHER:
        own = pc.and_(own, events[name].is_null())
    return pc.and_(
        own, pc.and_(events["c_ip"].is_valid(), events["viewer_request_log_data"].is_null())
    ).combine_chunks()


def site_day(site: str | None, time: int, sites: Mapping[str, Site]) -> SiteDay | None:
    """The site and its own day at `time` (milliseconds since 1970, UTC); None for a site that is unknown."""
    if not sites:
        return ANY_SITE, local_day(time, "UTC")
    known = sites.get(site or "")
    return (site or "", local_day(time, known.time_zone)) if known else None


@lru_cache(1 << 12)  # the same quarters of an hour come again in the next block
def local_day(time: int, time_zone: str) -> date:
    """The day in that zone; at either end of the calendar the one in UTC."""
    moment = EPOCH + timedelta(milliseconds=time)
    try:
        return moment.astimezone(ZoneInfo(time_zone)).date()
    except OverflowError:
        return moment.date()
