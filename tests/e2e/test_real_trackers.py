"""Snowplow's own trackers, run: what they are told comes out of the log that CloudFront would write of their requests.

The table is `tests/tables/trackers.yaml`; each tracker is told all of it, with JSON in base64 and without.
"""

import json
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from importlib.metadata import version
from pathlib import Path
from threading import Thread
from typing import Any, NamedTuple
from urllib.parse import parse_qs

import pytest
import yaml
from click.testing import CliRunner
from playwright.sync_api import Browser

from pipeline.commands import firn
from pipeline.twin.edge import Request, Response, node
from pipeline.twin.log_writer import Exchange, log_line, packed
from tests.tabled import TABLES

pytestmark = pytest.mark.e2e

SCRIPTS = Path(__file__).with_name("trackers")
PACKAGES = Path(__file__).parents[2] / "tracker/node_modules/@snowplow"
SERVED = {
    "/": ("text/html; charset=utf-8", b"<!doctype html><title>At home</title><script src=/tracker.js></script>"),
    "/tracker.js": ("text/javascript", (PACKAGES / "browser-tracker/dist/index.umd.min.js").read_bytes()),
    "/told.mjs": ("text/javascript", (SCRIPTS / "browser_tracker.mjs").read_bytes()),
}
GIF = b"GIF89a"  # no tracker looks at it

FIREFOX = "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:145.0) Gecko/20100101 Firefox/145.0"
SUBJECT: dict[str, Any] = {
    "user_id": "jürgen+1@example.com 😀",
    "dvce_screenwidth": 2560,
    "dvce_screenheight": 1440,
    "br_viewwidth": 1280,
    "br_viewheight": 701,
    "br_colordepth": 30,
    "os_timezone": "Europe/Vienna",
    "br_lang": "de-AT",
    "domain_userid": "b3d9a1c0-0000-4000-8000-000000000001",
    "domain_sessionid": "0ec5bf1c-5518-4033-bf78-5d289d241920",
    "domain_sessionidx": 7,
    "user_ipaddress": "2001:db8::7",
    "useragent": FIREFOX,
    "network_userid": "ecdff4d0-9175-40ac-a8bb-325c49733607",
}
EPOCH = datetime(1970, 1, 1)  # noqa: DTZ001 - UTC, as all
SNOWPLOW = "com.snowplowanalytics.snowplow"
NAMED = {
    "page_view": (SNOWPLOW, "page_view"),
    "page_ping": (SNOWPLOW, "page_ping"),
    "struct": ("com.google.analytics", "event"),
    "transaction": (SNOWPLOW, "transaction"),
    "transaction_item": (SNOWPLOW, "transaction_item"),
}
# Of the pipeline's making, and tested where it is made.
OURS = {"derived_contexts", "event_fingerprint", "raw_line", "v_etl"}


class Told(NamedTuple):
    """What a tracker is told, by column; what follows from it; and which trackers cannot be told it."""

    why: str
    call: str
    told: Mapping[str, Any]
    also: Mapping[str, Any] = {}
    but: tuple[str, ...] = ()


TABLE = [Told(**it) for it in yaml.safe_load((TABLES / "trackers.yaml").read_text(encoding="utf-8"))]


class Collector(ThreadingHTTPServer):
    """Answers as a collector does, and keeps what it was asked."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Asked)
        self.exchanges: list[Exchange] = []

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"

    def wait(self, count: int) -> None:
        """Until so many pixels were asked for."""
        patience = time.monotonic() + 10
        while len(self.exchanges) < count and time.monotonic() < patience:
            time.sleep(0.02)


class Asked(BaseHTTPRequestHandler):
    server: Collector

    def do_GET(self) -> None:
        path, _, query = self.path.partition("?")
        kind, body = SERVED.get(path, ("image/gif", GIF))
        if path == "/i":
            headers = {name.lower(): value for name, value in self.headers.items()}
            request = Request("GET", path, query, headers, self.client_address[0])
            at = time.time_ns() // 1_000_000
            self.server.exchanges.append(Exchange(at, "id==", request, Response(200, {}, GIF), "Miss", None))
        self.send_response(200)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture
def collector() -> Iterator[Collector]:
    with Collector() as server:
        thread = Thread(target=server.serve_forever, args=(0.05,))
        thread.start()
        yield server
        server.shutdown()
        thread.join()


def inspected(exchanges: list[Exchange], folder: Path) -> list[dict[str, Any]]:
    """What `firn inspect` says of the log of these."""
    log, settings = folder / "raw.gz", folder / "firn.toml"
    log.write_bytes(packed(map(log_line, exchanges)))
    settings.write_text('[privacy]\nip_address = "keep"\n')
    run = CliRunner().invoke(firn, ["inspect", "--settings", str(settings), str(log)])
    assert (run.exit_code, run.stderr) == (0, "")
    return [json.loads(line) for line in run.stdout.splitlines()]


def told_to(told: Told, contexts: str) -> dict[str, Any]:
    """The columns that hold what was told, and those that follow from it."""
    vendor, name = NAMED.get(told.call, (None, None))
    it = {
        "event": told.call,
        "event_vendor": vendor,
        "event_name": name,
        "event_format": "jsonschema",
        "event_version": "1-0-0",
        **told.told,
        **told.also,
    }
    envelopes = {"contexts": f"contexts/jsonschema/{contexts}", "unstruct_event": "unstruct_event/jsonschema/1-0-0"}
    return it | {
        column: {"schema": f"iglu:{SNOWPLOW}/{schema}", "data": it[column]}
        for column, schema in envelopes.items()
        if column in it
    }


def times(exchange: Exchange, created: str | int | None, true: int | None) -> dict[str, str | None]:
    """When it was made and sent by the tracker's clock, when it arrived by the collector's, and when it happened."""
    (sent,) = map(int, parse_qs(exchange.request.querystring)["stm"])
    made = None if created is None else int(created)
    waited = 0 if made is None else max(0, sent - made)
    return {
        "dvce_created_tstamp": at_ms(made),
        "dvce_sent_tstamp": at_ms(sent),
        "collector_tstamp": at_ms(exchange.at),
        "true_tstamp": at_ms(true),
        "derived_tstamp": at_ms(exchange.at - waited if true is None else true),
    }


def at_ms(milliseconds: int | None) -> str | None:
    """A time as the contract writes it."""
    if milliseconds is None:
        return None
    return (EPOCH + timedelta(milliseconds=milliseconds)).isoformat(" ", "milliseconds")


class Ran(NamedTuple):
    """The id and the time that the tracker gave each event, and the columns that are the same in all."""

    given: list[dict[str, Any]]
    same: dict[str, Any]


# A tracker runs in a process of its own: one starts threads and logging, the other is no Python.
def script(command: Sequence[str | Path], collector: Collector, order: dict[str, Any]) -> list[dict[str, Any]]:
    given = json.dumps({"endpoint": collector.url, **order})
    ran = subprocess.run(command, input=given, check=True, stdout=subprocess.PIPE, text=True)  # noqa: S603 - our own
    sent: list[dict[str, Any]] = json.loads(ran.stdout)
    return sent


BY_SUBJECT = {
    **SUBJECT,
    "br_colordepth": str(SUBJECT["br_colordepth"]),
    "br_name": "Firefox 145",
    "br_family": "Firefox",
    "br_version": "145.0",
    "os_name": "Windows 10",
    "os_family": "Windows",
    "dvce_type": "Computer",
    "dvce_ismobile": False,
}


def of_python(collector: Collector, order: dict[str, Any], _: Browser) -> Ran:
    command = (sys.executable, "-W", "ignore", SCRIPTS / "python_tracker.py")
    return Ran(script(command, collector, order), {**BY_SUBJECT, "v_tracker": f"py-{version('snowplow-tracker')}"})


def of_node(collector: Collector, order: dict[str, Any], _: Browser) -> Ran:
    command = (node(), SCRIPTS / "node_tracker.mjs")
    return Ran(script(command, collector, order), {**BY_SUBJECT, "v_tracker": f"node-{npm_version('node-tracker')}"})


def of_browser(collector: Collector, order: dict[str, Any], chromium: Browser) -> Ran:
    it = SUBJECT
    context = chromium.new_context(
        viewport={"width": it["br_viewwidth"], "height": it["br_viewheight"]},
        screen={"width": it["dvce_screenwidth"], "height": it["dvce_screenheight"]},
        locale=it["br_lang"],
        timezone_id=it["os_timezone"],
        user_agent=it["useragent"],
    )
    page = context.new_page()
    page.goto(collector.url)
    ran = page.evaluate(
        "async (given) => (await import('/told.mjs')).told(given)", {"endpoint": collector.url, **order}
    )
    collector.wait(len(order["events"]))
    context.close()
    home = {
        "page_url": f"{collector.url}/",
        "page_urlscheme": "http",
        "page_urlhost": "127.0.0.1",
        "page_urlport": collector.server_port,
        "page_urlpath": "/",
        "page_group": "/",
    }
    absent = {"user_ipaddress": None, "network_userid": None}
    same = {**BY_SUBJECT, **absent, **home, **ran["found"], "v_tracker": f"js-{npm_version('browser-tracker')}"}
    return Ran(ran["sent"], same)


def npm_version(name: str) -> str:
    return str(json.loads((PACKAGES / name / "package.json").read_text())["version"])


class Tracker(NamedTuple):
    """How it is run."""

    run: Callable[[Collector, dict[str, Any], Browser], Ran]
    contexts: str
    """the version of the envelope that it puts contexts in"""


TRACKERS = {
    "python": Tracker(of_python, "1-0-1"),
    "node": Tracker(of_node, "1-0-0"),
    "browser": Tracker(of_browser, "1-0-0"),
}


@pytest.mark.parametrize("base64", [True, False], ids=["base64", "plain"])
@pytest.mark.parametrize("name", TRACKERS)
def test_what_a_tracker_is_told_is_what_its_events_say(
    *, name: str, base64: bool, collector: Collector, chromium: Browser, tmp_path: Path
) -> None:
    table = [it for it in TABLE if name not in it.but]
    order = {"subject": SUBJECT, "base64": base64, "events": [{"call": it.call, "told": it.told} for it in table]}
    ran = TRACKERS[name].run(collector, order, chromium)
    logged = {parse_qs(it.request.querystring)["eid"][0]: it for it in collector.exchanges}
    exchanges = [logged[it["eid"]] for it in ran.given]
    same = {
        "app_id": "shop",
        "platform": "app",
        "name_tracker": "named",
        "v_collector": "cloudfront",
        "channel": "direct",
        **ran.same,
    }
    expected = [
        {
            **same,
            **told_to(told, TRACKERS[name].contexts),
            **times(exchange, given.get("dtm"), told.told.get("true_tstamp")),
            "event_id": given["eid"],
        }
        for told, given, exchange in zip(table, ran.given, exchanges, strict=True)
    ]
    parameters = {parameter for it in exchanges for parameter in parse_qs(it.request.querystring)}
    assert ({"cx", "ue_px"} if base64 else {"co", "ue_pr"}) == parameters & {"cx", "ue_px", "co", "ue_pr"}
    objects = inspected(exchanges, tmp_path)
    assert len(collector.exchanges) == len(objects)
    assert [("event", [])] * len(objects) == [(it["status"], it["failures"]) for it in objects]
    for told, one, other in zip(table, expected, objects, strict=True):
        left = {column: value for column, value in other["event"].items() if column not in OURS}
        assert {column: value for column, value in one.items() if value is not None} == left, told.why
