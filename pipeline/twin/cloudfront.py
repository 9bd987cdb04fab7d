"""Requests in, responses and log lines out: what CloudFront does around the edge function and the site's files."""

import mimetypes
import secrets
from collections.abc import Mapping
from pathlib import Path
from threading import Lock

from pipeline.twin.edge import Answer, Edge, Request, Response
from pipeline.twin.log_writer import Exchange

# CloudFront's quota; it answers a longer one by itself and does not log it (developer guide, "Quotas").
LONGEST_URL = 8192
TOO_LONG = Response(414, {}, b"")
# The site's own page for an address that is wrong ("custom error response" in CloudFront's words).
MISSING = "/404.html"
REFUSED = 403


def url(request: Request) -> str:
    """The URL that the viewer asked for."""
    query = request.querystring and f"?{request.querystring}"
    return f"https://{request.headers.get('host', '')}{request.uri}{query}"


def page_answer(page: Path, status: int = 200) -> Answer:
    """The file as CloudFront would give it from its origin."""
    kind = mimetypes.guess_type(page.name)[0] or "application/octet-stream"
    return Answer(Response(status, {"content-type": kind, "cache-control": "no-cache"}, page.read_bytes()), None)


class CloudFront:
    """One distribution: its pages by path, the edge function for all else, and the log that is not delivered yet."""

    def __init__(self, edge: Edge, pages: Mapping[str, Path]) -> None:
        self._edge = edge
        self._pages = pages
        self._log: list[Exchange] = []
        self._lock = Lock()

    def answer(self, request: Request, now: int) -> Response:
        """What the viewer gets at `now` (epoch ms)."""
        if len(url(request)) > LONGEST_URL:
            return TOO_LONG
        (response, logged), result_type = self._answered(request, now)
        exchange = Exchange(now, secrets.token_urlsafe(42), request, response, result_type, logged)
        with self._lock:
            self._log.append(exchange)
        return response

    def take_log(self) -> list[Exchange]:
        """What was answered since the last time, but for what CloudFront does not log."""
        with self._lock:
            log, self._log = self._log, []
        return log

    def _answered(self, request: Request, now: int) -> tuple[Answer, str]:
        """The answer, and CloudFront's word for where it came from; what the function refuses the site may miss."""
        pages = self._pages if request.method in {"GET", "HEAD"} else {}
        if page := pages.get(request.uri):
            return page_answer(page), "Miss"
        answer = self._edge.answer(request, now)
        if answer.response.status == REFUSED and MISSING in pages:
            return page_answer(pages[MISSING], 404), "Error"
        return answer, "FunctionGeneratedResponse"
