"""A planned event → its log line: the request as `@snowplow/browser-tracker` writes it, as CloudFront logs it."""

import base64
import hashlib
import json
from datetime import date
from functools import lru_cache
from urllib.parse import quote

from enrich.visitor_hash import visitor_hash
from pipeline.twin.edge import Request, Response
from pipeline.twin.log_writer import Exchange, log_line
from pipeline.twin.month.events import Event
from pipeline.twin.month.plan import Person, Session, View
from pipeline.twin.month.tables import tables

COLLECTOR = "c.example.com"
PIXEL = "/s/e"
SCHEMA = "iglu:com.firn-analytics/{}/jsonschema/1-0-0"
SNOWPLOW = "iglu:com.snowplowanalytics.snowplow/{}/jsonschema/1-0-0"
COMPACT = json.JSONEncoder(separators=(",", ":"), ensure_ascii=False).encode
TRAVEL = 70  # ms from the browser to the edge
GIF = Response(200, {}, b"")


def event_line(session: Session, view: View, event: Event, later: int = 0) -> str:
    """The event's log line, or that of a copy of it that was sent `later` (ms)."""
    at, who = event.at + later, session.person
    origin = "/".join([*view.url.split("/")[:3], ""])
    headers = {"host": COLLECTOR, "referer": origin, "user-agent": who.useragent}
    request = Request("GET", PIXEL, query(session, view, event, later), headers, who.address)
    return log_line(exchange(at, event.event_id, request, GIF, who)._replace(logged=logged(session, at)))


def exchange(at: int, unique: str, request: Request, response: Response, who: Person) -> Exchange:
    """The request as CloudFront knows it; the id is its own, and the same each time."""
    request_id = base64.urlsafe_b64encode(hashlib.blake2b(f"{at} {unique}".encode(), digest_size=40).digest()).decode()
    return Exchange(at, request_id, request, response, "FunctionGeneratedResponse", None, who.country, who.network)


def logged(session: Session, at: int) -> str:
    """What the edge function writes into the log; for a site that it does not know there is no hash."""
    site, who = tables().sites.get(session.app_id), session.person
    return f"1.{hashed(site.name, site.days.day_of(at), who.address, who.useragent) if site else '-'}."


@lru_cache(1 << 10)
def hashed(site: str, day: date, address: str, useragent: str) -> str | None:
    """The visitor of that site on that day."""
    return visitor_hash(hashlib.sha256(f"demo {site} {day}".encode()).hexdigest(), site, address, useragent)


def query(session: Session, view: View, event: Event, later: int) -> str:
    """The query, in the tracker's own order."""
    who, height = session.person, max(view.page.height, session.person.viewport[1])
    created = event.at - TRAVEL + who.clock
    refr = f"&refr={component(view.referrer)}" if view.referrer else ""
    url = f"&url={component(view.url)}"
    sizes = f"&vp={size(*who.viewport)}&ds={size(who.viewport[0], height)}"
    if event.name == "page_view":
        kind, last = f"&e=pv{url}&page={component(view.page.title)}{refr}", sizes
    else:
        kind, last = "&e=ue", f"&ue_px={own_event(event)}{sizes}{refr}{url}"
    return (
        f"stm={created + 4 + later}{kind}&eid={event.event_id}{always(session.app_id, who)}"
        f"&dtm={created}{last}&cx={web_page(view.view_id)}"
    )


@lru_cache(1 << 10)
def always(app_id: str, who: Person) -> str:
    """What is the same in all that this browser sends."""
    return (
        f"&tv=js-4.10.1&tna=firn&aid={app_id}&p=web&cookie=1&cs=UTF-8"
        f"&lang={who.language}&res={size(*who.screen)}&cd=24&tz={component(who.time_zone)}"
    )


@lru_cache(1 << 10)
def component(value: str) -> str:
    """As `encodeURIComponent` has it."""
    return quote(value, safe="!'()*-._~")


def size(width: int, height: int) -> str:
    """Two lengths in pixels."""
    return f"{width}x{height}"


def own_event(event: Event) -> str:
    """The event's data as self-describing JSON."""
    return enveloped("unstruct_event", {"schema": SCHEMA.format(event.name), "data": event.data})


@lru_cache(1 << 6)
def web_page(view_id: str) -> str:
    """The context by which a page view and all that is told of it belong together."""
    return enveloped("contexts", [{"schema": SNOWPLOW.format("web_page"), "data": {"id": view_id}}])


def enveloped(name: str, data: object) -> str:
    """The data in Snowplow's envelope, in base64 as the tracker has it."""
    return (
        base64.urlsafe_b64encode(COMPACT({"schema": SNOWPLOW.format(name), "data": data}).encode()).decode().rstrip("=")
    )
