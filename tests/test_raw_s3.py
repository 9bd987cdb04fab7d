"""What is an object's fault, and what is not, when its bytes do not come from S3."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest

from pipeline.lake import Lake, scan
from pipeline.load import load
from pipeline.raw import CHUNK, RawObject, s3
from pipeline.raw.s3 import Unreached
from pipeline.sqlite_catalog import open_lake
from pipeline.transform import Given

LINE = b'{"timestamp(ms)":"1795446131301","cs-method":"GET","cs-uri-stem":"/i","cs-uri-query":"e=pv"}\n'
Answer = Callable[[BaseHTTPRequestHandler], None]


def refusal(status: int, code: str) -> Answer:
    body = f"<Error><Code>{code}</Code><Message>no</Message></Error>".encode()
    return lambda it: answer(it, status, body, len(body))


def answer(request: BaseHTTPRequestHandler, status: int, body: bytes, length: int) -> None:
    request.send_response(status)
    request.send_header("Content-Length", str(length))
    request.send_header("Connection", "close")
    request.end_headers()
    request.wfile.write(body)
    request.close_connection = True


def given(body: bytes, promised: int = 0) -> Answer:
    return lambda it: answer(it, 200, body, promised or len(body))


def nothing(request: BaseHTTPRequestHandler) -> None:
    request.close_connection = True


@contextmanager
def served(answers: dict[str, Answer]) -> Iterator[str]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            answers[self.path.rpartition("/")[2]](self)

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


ANSWERS = {
    "whole": given(LINE),
    "large": given(LINE * 50_000),
    "missing": refusal(404, "NoSuchKey"),
    "forbidden": refusal(403, "AccessDenied"),
    "archived": refusal(403, "InvalidObjectState"),
    "cut": given(LINE * 9, promised=2 * len(LINE * 9)),
    "busy": refusal(503, "SlowDown"),
    "unwell": refusal(500, "InternalError"),
    "silent": nothing,
}


@pytest.fixture
def bucket(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    with served(ANSWERS) as address:
        for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
            monkeypatch.setenv(name, "test")
        monkeypatch.setenv("AWS_ENDPOINT_URL_S3", address)
        monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-west-1")
        monkeypatch.setenv("AWS_MAX_ATTEMPTS", "1")
        s3.client.cache_clear()
        yield
    s3.client.cache_clear()


@pytest.fixture
def lake(tmp_path: Path) -> Lake:
    return open_lake(tmp_path / "lake")


def raw_object(name: str) -> RawObject:
    return RawObject(name, partial(s3.chunks, "firn-test-raw", name))


@pytest.mark.usefixtures("bucket")
def test_an_object_is_read_piece_by_piece() -> None:
    pieces = list(raw_object("large").chunks())
    assert LINE * 50_000 == b"".join(pieces)
    assert max(map(len, pieces)) <= CHUNK < len(LINE) * 50_000


@pytest.mark.usefixtures("bucket")
@pytest.mark.parametrize("name", ["missing", "forbidden", "archived"])
def test_an_object_that_s3_will_not_give_is_left_out_and_the_others_go_in(lake: Lake, name: str) -> None:
    tally = load([raw_object(name), raw_object("whole")], Given(), lake)
    assert (1, [name]) == (tally.events, list(tally.unreadable))


@pytest.mark.usefixtures("bucket")
@pytest.mark.parametrize("name", ["cut", "busy", "unwell", "silent"])
def test_what_is_not_the_objects_fault_stops_the_run_before_anything_is_written(lake: Lake, name: str) -> None:
    with pytest.raises(Unreached, match=rf"^s3://firn-test-raw/{name} could not be read to its end .*: run this again"):
        load([raw_object("whole"), raw_object(name)], Given(), lake)
    assert 0 == scan(lake, "events").num_rows
