"""Lines of the log as the watcher has read them in; the live page and its stream of server-sent events out.

For this machine alone: a request under another host's name is refused, since a stranger's page could have made that
name point here (DNS rebinding), and no page of another origin may read, frame or change what is answered.
"""

import json
import re
import secrets
from collections import deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from threading import Condition
from typing import NamedTuple

import pyarrow.compute as pc

from pipeline.schema.columns import EVENTS
from pipeline.transform import Batch
from pipeline.twin.cloudfront import page_answer
from pipeline.twin.edge import Request, Response

PATH = "/live/"
STREAM = f"{PATH}events"
COLUMNS = f"{PATH}columns.json"
HOSTS = frozenset({"127.0.0.1", "localhost"})
KEPT = 200
# So often a page is told the counts anew: a page that is gone is found out by it.
HEARTBEAT_SECONDS = 5
RETRY_MS = 1000
LINE_END = re.compile(r"\r\n|\r|\n")

GUARD = {
    "cache-control": "no-store",
    "content-security-policy": "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; "
    "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; "
    "require-trusted-types-for 'script'",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "referrer-policy": "no-referrer",
    "x-content-type-options": "nosniff",
}


class Stream(NamedTuple):
    """A response whose body comes piece by piece, until the viewer or the twin ends it."""

    headers: Mapping[str, str]
    chunks: Iterable[bytes]


@dataclass
class Counts:
    """What came since the twin was started."""

    events: int = 0
    visitors: set[str] = field(default_factory=set)
    filtered: int = 0
    failures: int = 0
    bad_rows: int = 0
    ignored: int = 0

    def add(self, batch: Batch) -> None:
        """Add what became of some lines."""
        self.events += len(batch.events)
        self.visitors.update(pc.drop_null(batch.events["network_userid"]).to_pylist())
        self.filtered += pc.count(batch.events["filter_reason"]).as_py()
        self.failures += pc.count(batch.events["failures"]).as_py()
        self.bad_rows += len(batch.bad_rows)
        self.ignored += len(batch.ignored)

    def told(self) -> dict[str, int]:
        """The numbers by name."""
        return {**vars(self), "visitors": len(self.visitors)}


def frame(kind: str, data: str, number: str | None = None) -> str:
    """A message as the stream writes it (WHATWG HTML, "Server-sent events"); with its number where it has one."""
    head = f"event: {kind}\n" + (f"id: {number}\n" if number else "")
    return head + "".join(f"data: {line}\n" for line in LINE_END.split(data)) + "\n"


class Feed:
    """What live pages are told, the last of it kept for those that open later; threads may share it."""

    def __init__(self) -> None:
        self._run = secrets.token_hex(4)  # a number of another run says nothing about this one
        self._last = 0
        self._lines: deque[tuple[int, str]] = deque(maxlen=KEPT)
        self.counts = Counts()
        self._version = 0
        self._open = True
        self._changed = Condition()

    def publish(self, batch: Batch, lines: Sequence[str]) -> None:
        """Count the batch, and tell every page these lines of it, each a JSON object."""
        with self._changed:
            self.counts.add(batch)
            self._lines.extend(enumerate(lines, start=self._last + 1))
            self._last += len(lines)
            self._version += 1
            self._changed.notify_all()

    def close(self) -> None:
        """End every stream."""
        with self._changed:
            self._open = False
            self._changed.notify_all()

    def frames(self, last_id: str = "") -> Iterator[str]:
        """The stream for one page that has heard all up to `last_id`: what it missed, then what comes, until closed."""
        heard, version = self._number(last_id), -1
        yield f"retry: {RETRY_MS}\n\n"
        while True:
            with self._changed:
                self._changed.wait_for(partial(self._has_news_for, version), HEARTBEAT_SECONDS)
                if not self._open:
                    return
                news = [it for it in self._lines if it[0] > heard]
                heard, version, counts = self._last, self._version, json.dumps(self.counts.told())
            lines = (frame("line", line, f"{self._run}.{number}") for number, line in news)
            yield "".join(lines) + frame("counts", counts)

    def _has_news_for(self, version: int) -> bool:
        return version != self._version or not self._open

    def _number(self, last_id: str) -> int:
        run, _, number = last_id.partition(".")
        return int(number) if run == self._run and number.isdecimal() else 0


class Live:
    """The page by path, and its stream."""

    def __init__(self, feed: Feed, pages: Mapping[str, Path]) -> None:
        self.feed = feed
        self._pages = {PATH.rstrip("/") + path: file for path, file in pages.items()}

    def answer(self, request: Request) -> Response | Stream:
        """What the viewer gets."""
        if request.headers.get("host", "").partition(":")[0] not in HOSTS:
            return told(403, f"The live page answers to {' and '.join(sorted(HOSTS))} only.")
        if request.method not in {"GET", "HEAD"}:
            return told(405, "The live page is only to be looked at.")
        if request.uri == STREAM:
            frames = self.feed.frames(request.headers.get("last-event-id", ""))
            return Stream({**GUARD, "content-type": "text/event-stream"}, (it.encode() for it in frames))
        if request.uri == COLUMNS:
            return Response(200, {**GUARD, "content-type": "application/json"}, MEANINGS)
        return self._page(request.uri)

    def _page(self, uri: str) -> Response:
        if uri not in self._pages:
            return told(404, f"There is no such page; the live page is {PATH}.")
        page = page_answer(self._pages[uri]).response
        return page._replace(headers={**page.headers, **GUARD})


MEANINGS = json.dumps({it.name: it.meaning for it in EVENTS}).encode()


def is_live(uri: str) -> bool:
    """Whether the path is the live page's, and no site's."""
    return uri.startswith(PATH)


def told(status: int, sentence: str) -> Response:
    """A response that is a sentence."""
    return Response(status, {**GUARD, "content-type": "text/plain"}, sentence.encode())
