"""`firn dev`: clicks on the demo site in; rows of the lake and of the live page out, as they come."""

import json
import signal
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from shlex import quote
from typing import Any

import click

from enrich.rules import Rules
from pipeline import terminal
from pipeline.commands.options import DEFAULT_DATA, DEFAULT_SETTINGS, data_option
from pipeline.inspection import event_objects
from pipeline.lake import Lake, LakeBusy, replace
from pipeline.load import Tally, batches
from pipeline.places import shipped
from pipeline.raw import raw_objects
from pipeline.settings import load
from pipeline.sqlite_catalog import open_lake
from pipeline.transform import BAD_ROW, Batch, Given
from pipeline.twin.live import Feed
from pipeline.twin.server import Server, served

DEFAULT_PORT = 8011
# What lies between a click and its row, beside the commit itself, which takes about 0.3 s. A commit for each request
# would make the lake grow by a file for each.
EVERY_SECONDS = 0.5
LONGEST_SHOWN = 2000
QUESTION = "SELECT event_name, page_urlpath FROM events ORDER BY collector_tstamp DESC LIMIT 5"
Put = Callable[[list[Path]], None]


@click.command()
@click.option(
    "--port",
    type=click.IntRange(0, 65535),
    metavar="N",
    default=DEFAULT_PORT,
    help=f"Where this machine, and no other, reaches it; 0 is any free one.  [default: {DEFAULT_PORT}]",
)
@click.option(
    "--settings",
    "file",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help=f"The owner's rules.  [default: {DEFAULT_SETTINGS} in this folder, else the example that comes with firn]",
)
@data_option
def dev(*, port: int, file: Path | None, data: Path) -> None:
    """Click on a page and watch its events arrive.

    Serves a demo site, the tracker and a live page on this machine, until Ctrl-C. Each click is on the live page and in
    the lake within two seconds, through the same steps as on AWS. No network is needed.

    \b
    Example:
      firn dev --port 8080 --data try-it
    """  # noqa: D301 (\b is click's mark for lines that stay as they are)
    rules = load(file or (DEFAULT_SETTINGS if DEFAULT_SETTINGS.exists() else shipped("firn.toml"))).rules
    feed = Feed()
    put = partial(put_and_tell, rules, open_lake(data / "lake"), data / "raw", feed)
    with asked_to_stop() as stopped:
        with served(rules, data, port, feed) as server:
            terminal.note(what_to_do(server.url, data))
            waiting = watch(server, put, stopped)
        if rest := waiting + server.rest:
            put(rest)
    terminal.note(
        f"Stopped: {feed.counts.events} events and {feed.counts.bad_rows} bad rows came, and are in {data / 'lake'}."
    )


def what_to_do(url: str, data: Path) -> str:
    """The addresses, and how to begin."""
    options = "" if data == DEFAULT_DATA else f" --data {quote(str(data))}"
    return f"""
Demo site  {url}/
Live page  {url}/live/

Open both in a browser, click on the site, and watch the events arrive. To count a page of your own, add to it:

  <script defer src="{url}/s/main.js" data-site="demo"></script>

They are in the lake at once; ask it from another terminal:

  firn query -e "{QUESTION}"{options}

Ctrl-C ends it.
"""


@contextmanager
def asked_to_stop() -> Iterator[Callable[[], bool]]:
    """Whether Ctrl-C came, or a wish to end; neither falls into a commit, however often it comes."""
    came: list[int] = []
    before = {it: signal.signal(it, lambda number, _: came.append(number)) for it in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield lambda: bool(came)
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def watch(server: Server, put: Put, stopped: Callable[[], bool]) -> list[Path]:
    """Put what was logged into the lake, again and again until stopped; which raw objects are left then."""
    waiting: list[Path] = []
    while not stopped():
        time.sleep(EVERY_SECONDS)
        waiting += server.flush()
        if waiting:
            with suppress(LakeBusy):  # another command is at it: they go with the next ones
                put(waiting)
                waiting = []
    return waiting


def put_and_tell(rules: Rules, lake: Lake, raw: Path, feed: Feed, paths: list[Path]) -> None:
    """Put these raw objects into the lake, in one commit a table, and then their lines on the live pages."""
    objects = raw_objects(paths, raw)
    given = Given(rules, datetime.now(UTC).replace(tzinfo=None))
    made = list(batches(objects, given, lake, Tally()))
    replace(lake, [it.name for it in objects], made)
    for batch in made:
        feed.publish(batch, list(lines(batch)))


def lines(batch: Batch) -> Iterator[str]:
    """Each event and bad row as one JSON object, an event in the words of `firn inspect`."""
    for _, told in event_objects(batch.events):
        yield f"{{{told}}}"
    for row in batch.bad_rows.to_pylist():
        yield json.dumps(bad_row(row))


def bad_row(row: Mapping[str, Any]) -> dict[str, object]:
    """The same of a line that is no event, with the start of its text."""
    told = {"line": row["raw_line"], "status": BAD_ROW, "reason": row["reason"], "event": {}, "failures": []}
    return {**told, "raw_object": row["raw_object"], "text": (row["line"] or "")[:LONGEST_SHOWN]}
