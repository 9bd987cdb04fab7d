"""One page view, all the way: what a real browser clicks on the demo site is a row in the sheet."""

import csv
import gzip
import io
import json
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import parse_qs, unquote
from zoneinfo import ZoneInfo

import pytest
from click.testing import CliRunner
from playwright.sync_api import Page

from pipeline.commands import firn
from pipeline.settings import load
from pipeline.twin.server import Server, served

pytestmark = pytest.mark.e2e

# Where it is about noon now, so that no midnight comes between the clicks.
ZONE = f"Etc/GMT{datetime.now(UTC).hour - 12:+}"
DAY = f"{datetime.now(ZoneInfo(ZONE)):%Y-%m-%d}"
SETTINGS = f'[sites.demo]\nhosts = ["127.0.0.1"]\ntime_zone = "{ZONE}"\n'
STORED = """async () => ({
    cookies: document.cookie, local: localStorage.length, session: sessionStorage.length,
    databases: (await indexedDB.databases()).length, caches: (await caches.keys()).length,
})"""
NOTHING = {"cookies": "", "local": 0, "session": 0, "databases": 0, "caches": 0}
EVENTS = """
    SELECT raw_object, raw_line, event_name, page_urlpath, network_userid, filter_reason, failures
    FROM events
    ORDER BY raw_object, raw_line
"""


def pixels(twin: Server, raw: Path, count: int) -> list[dict[str, list[str]]]:
    """The parameters of the pixels that the log holds, once there are `count` of them, in the order of their times."""
    patience = time.monotonic() + 20
    while len(found := logged_pixels(raw)) < count and time.monotonic() < patience:
        time.sleep(0.05)
        twin.flush()
    return found


def logged_pixels(raw: Path) -> list[dict[str, list[str]]]:
    objects = (gzip.decompress(path.read_bytes()) for path in raw.rglob("*.gz"))
    lines = sorted((json.loads(line) for it in objects for line in it.splitlines()), key=lambda it: it["timestamp(ms)"])
    return [parse_qs(unquote(line["cs-uri-query"])) for line in lines if line["cs-uri-stem"] == "/s/e"]


def told(*arguments: str | Path) -> str:
    """What the command line writes to standard output."""
    run = CliRunner().invoke(firn, [str(it) for it in arguments])
    assert run.exit_code == 0, run.output
    return run.stdout


class Outcome(NamedTuple):
    events: list[dict[str, Any]]
    rollup: list[dict[str, Any]]
    sheet: str


def all_the_way(data: Path, settings: Path) -> Outcome:
    """From the raw log to the sheet, by the commands that a person types."""
    options = ("--settings", settings, "--data", data)
    told("enrich", data / "raw", *options)
    events = told("query", "-e", EVENTS, "--format", "json", *options)
    rollup = told("query", "daily_overview", "--format", "json", *options)
    told("mirror", *options)
    return Outcome(json.loads(events), json.loads(rollup), (data / "sheet/daily.csv").read_text())


def test_what_a_browser_clicks_is_a_row_of_the_sheet_however_often_it_all_runs(tmp_path: Path, page: Page) -> None:
    data, settings = tmp_path / "firn-data", tmp_path / "firn.toml"
    settings.write_text(SETTINGS)
    with served(load(settings).rules, data) as twin:
        page.goto(twin.url)
        pixels(twin, data / "raw", 1)
        page.get_by_role("link", name="About").click()
        pixels(twin, data / "raw", 3)
        assert ([], NOTHING) == (page.context.cookies(), page.evaluate(STORED))
        page.close()
        sent = pixels(twin, data / "raw", 4)
    assert ["pv", "pv", "ue", "ue"] == sorted(it["e"][0] for it in sent)

    first = all_the_way(data, settings)
    views = [it for it in first.events if it["event_name"] == "page_view"]
    leaves = [it for it in first.events if it["event_name"] == "page_leave"]
    assert ["/", "/about.html"] == sorted(it["page_urlpath"] for it in views)
    assert ["/", "/about.html"] == sorted(it["page_urlpath"] for it in leaves)
    assert {None} == {it["filter_reason"] for it in first.events} | {it["failures"] for it in first.events}
    (visitor,) = {it["network_userid"] for it in first.events}
    assert 22 == len(visitor)
    (row,) = first.rollup
    seconds = row["engaged_seconds"]  # as long as the browser took for it
    assert 0 <= seconds < 60
    counts = {"visitors": 1, "visits": 1, "page_views": 2, "bounces": 0, "engaged_seconds": seconds}
    assert {"site": "demo", "date": DAY} | counts == row
    (line,) = csv.DictReader(io.StringIO(first.sheet))
    numbers = {"sessions": 1, "visitors": 1, "page_views": 2, "bounces": 0, "median_session_seconds": seconds}
    assert {"site": "demo", "date": DAY, "events": "4"} | {it: str(numbers[it]) for it in numbers} == {
        it: line[it] for it in ("site", "date", "events", *numbers)
    }
    assert first == all_the_way(data, settings)
