"""HTTP on this machine in place of CloudFront: the demo site, its tracker, and the edge function for all else.

Where a feed is given the live page is here too, beside the distribution: of its requests nothing is logged.
"""

import errno
import socket
import sys
import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

from enrich.rules import Rules
from pipeline.errors import UserError
from pipeline.places import shipped
from pipeline.salts import first_day_over, key_values
from pipeline.salts.folder import renew_salts
from pipeline.twin.cloudfront import CloudFront
from pipeline.twin.edge import Edge, Request, Response
from pipeline.twin.live import Feed, Live, Stream, is_live
from pipeline.twin.log_writer import raw_objects, write_objects

HERE = "127.0.0.1"
LONGEST_BODY = 1 << 20
# What the machine says of a port, and the mend.
PORT_REFUSED = {
    errno.EADDRINUSE: "Port {port} is in use: name another with --port, or end what runs there.",
    errno.EACCES: "Port {port} is kept for the system: name one above 1023 with --port.",
}


@contextmanager
def served(rules: Rules, data: Path, port: int = 0, feed: Feed | None = None) -> Iterator["Server"]:
    """Serve the demo site, and with a feed the live page, until the block ends; the log goes to `raw/` in `data`.

    Port 0 is any free one.

    Raises:
        UserError: the port cannot be had.
    """
    pages = demo_pages()
    live = Live(feed, site_pages(shipped("tracker/live"))) if feed else None
    with Edge() as edge, running(Server(edge, pages, rules, data, port=port, live=live)) as server:
        yield server


@contextmanager
def running(server: "Server") -> Iterator["Server"]:
    """The server, at work until the block ends."""
    with server:
        thread = Thread(target=server.serve_forever, args=(0.05,))
        thread.start()
        try:
            yield server
        finally:
            server.shutdown()
            thread.join()


class Server(ThreadingHTTPServer):
    """The twin: hands each request to its CloudFront, and keeps the salts of the sites' days up to date."""

    daemon_threads = False

    def __init__(  # noqa: PLR0913, they are what it is made of
        self,
        edge: Edge,
        pages: Mapping[str, Path],
        rules: Rules,
        data: Path,
        *,
        port: int = 0,
        live: Live | None = None,
    ) -> None:
        self._edge = edge
        self._cloudfront = CloudFront(edge, pages)
        self._live = live
        sites = rules.sites if rules.visitor == "day" else {}
        self._zones = {name: site.time_zone for name, site in sites.items()}
        self._data = data
        self._salts_due = 0
        self._refused: OSError | None = None
        self.connections: set[socket.socket] = set()
        self.rest: list[Path] = []
        """The raw objects that were written on closing."""
        super().__init__((HERE, port), Handler)
        self.url = f"http://{HERE}:{self.server_port}"

    def server_bind(self) -> None:
        """Take the port, or say how to mend it."""
        try:
            super().server_bind()
        except OSError as error:
            if error.errno in PORT_REFUSED:
                raise UserError(PORT_REFUSED[error.errno].format(port=self.server_address[1])) from error
            raise

    def answer(self, request: Request) -> Response | Stream:
        """What the viewer gets now."""
        if self._live and is_live(request.uri):
            return self._live.answer(request)
        now = time.time_ns() // 1_000_000
        if now >= self._salts_due:
            self._renew_salts(now)
        return self._cloudfront.answer(request, now)

    def flush(self) -> list[Path]:
        """Write what was logged since the last time as raw objects, and return them.

        Raises the OSError, a full disk for one, that has kept a viewer without an answer since then.
        """
        refused, self._refused = self._refused, None
        if refused:
            raise refused
        objects = raw_objects(self._cloudfront.take_log())
        contents = {self._data / "raw" / key: content for key, content in objects.items()}
        write_objects(contents)
        return list(contents)

    def server_close(self) -> None:
        """End the streams, wait for the answers that are under way, and write what was logged."""
        if self._live:
            self._live.feed.close()
        for connection in tuple(self.connections):
            with suppress(OSError):
                connection.shutdown(socket.SHUT_RD)  # a browser keeps some open in advance, and may never ask
        super().server_close()
        self.rest = self.flush()

    def handle_error(self, request: Any, client_address: Any) -> None:  # noqa: ANN401, the base's signature
        """Say what went wrong, unless it is only that a viewer left early: a page that closes waits for no answer."""
        match sys.exception():
            case ConnectionError():
                pass
            case OSError() as refused:  # the next flush raises it where a person is told, and not in this thread
                self._refused = refused
            case _:
                super().handle_error(request, client_address)

    def _renew_salts(self, now: int) -> None:
        lists = renew_salts(self._data / "salts", self._zones, now)
        self._edge.put_salts(key_values(lists))
        self._salts_due = first_day_over(lists)


class Handler(BaseHTTPRequestHandler):
    """One connection with one request; with no second one to wait for, closing loses no log line."""

    server: Server
    timeout = 5

    def setup(self) -> None:
        """Begin."""
        super().setup()
        self.server.connections.add(self.connection)

    def finish(self) -> None:
        """End."""
        self.server.connections.discard(self.connection)
        super().finish()

    def answer(self) -> None:
        """Answer the request, whatever its method; a body is read and dropped, as CloudFront logs none."""
        length = self.headers.get("content-length", "")
        self.rfile.read(min(int(length), LONGEST_BODY) if length.isdecimal() else 0)
        headers = {name.lower(): text(value) for name, value in self.headers.items()}
        uri, _, querystring = text(self.requestline.split()[1]).partition("?")
        # Never X-Forwarded-For: anybody can write that.
        self.send(self.server.answer(Request(self.command, uri, querystring, headers, self.client_address[0])))

    do_GET = do_HEAD = do_POST = do_OPTIONS = do_PUT = do_PATCH = do_DELETE = answer  # noqa: N815, the base's names

    def send(self, response: Response | Stream) -> None:
        """Send it; no body for HEAD."""
        if isinstance(response, Response):
            self.send_head(response.status, {**response.headers, "content-length": str(len(response.body))})
            chunks: Iterable[bytes] = (response.body,)
        else:
            self.send_head(200, response.headers)
            chunks = response.chunks
        for chunk in chunks if self.command != "HEAD" else ():
            self.wfile.write(chunk)

    def send_head(self, status: int, headers: Mapping[str, str]) -> None:
        """Send the status and the headers."""
        self.send_response_only(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Write nothing: the log is in `raw/`."""


def text(latin: str) -> str:
    """The text of a header or request line, which the standard library has read byte by byte."""
    return latin.encode("latin-1").decode("utf-8", "surrogateescape")


def demo_pages() -> dict[str, Path]:
    """The demo site's files by path, and the built tracker."""
    tracker = shipped("tracker/dist/main.js")
    if not tracker.exists():
        raise UserError(f"{tracker} is missing: run `make setup`, which builds the tracker.")
    return site_pages(shipped("tracker/site")) | {"/s/main.js": tracker}


def site_pages(site: Path) -> dict[str, Path]:
    """The files of the folder `site` by path, each `index.html` also under the path of its folder."""
    files = {f"/{path.relative_to(site).as_posix()}": path for path in site.rglob("*") if path.is_file()}
    return files | {path.removesuffix("index.html"): file for path, file in files.items()}
