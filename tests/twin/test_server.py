"""The twin over HTTP: what a browser gets, and what the log says of it afterwards."""

import gzip
import json
import socket
import struct
import time
from collections.abc import Iterator
from contextlib import suppress
from http.client import HTTPConnection, RemoteDisconnected
from pathlib import Path
from typing import NamedTuple

import pytest

from enrich.rules import Rules, Site
from pipeline.places import shipped
from pipeline.twin.edge import Edge
from pipeline.twin.live import Feed
from pipeline.twin.server import Handler, Server, running, served, site_pages

pytestmark = pytest.mark.e2e
RULES = Rules(sites={"demo": Site()})
PIXEL = "/s/e?e=pv&p=web&aid=demo"


class Got(NamedTuple):
    status: int
    content_type: str | None
    body: bytes


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    with served(RULES, tmp_path) as twin:
        yield twin


def asked(server: Server, method: str, path: str, headers: dict[str, str] | None = None, body: bytes = b"") -> Got:
    connection = HTTPConnection("127.0.0.1", server.server_port, timeout=10)
    connection.request(method, path, body, headers or {})
    response = connection.getresponse()
    got = Got(response.status, response.getheader("content-type"), response.read())
    connection.close()
    return got


def lines(paths: list[Path]) -> list[dict[str, str]]:
    return [json.loads(line) for path in paths for line in gzip.decompress(path.read_bytes()).splitlines()]


@pytest.mark.parametrize(
    ("method", "path", "status", "content_type"),
    [
        ("GET", "/", 200, "text/html"),
        ("HEAD", "/", 200, "text/html"),
        ("GET", "/s/main.js", 200, "text/javascript"),
        ("GET", PIXEL, 200, "image/gif"),
        ("HEAD", PIXEL, 200, "image/gif"),
        ("POST", PIXEL, 200, "image/gif"),
        ("OPTIONS", "/i", 204, None),
        ("POST", "/", 403, None),
        ("PUT", PIXEL, 403, None),
        ("GET", "/nowhere.html", 404, "text/html"),
        ("HEAD", "/no/where/", 404, "text/html"),
        ("GET", "/../pyproject.toml", 404, "text/html"),
        ("GET", "//i?e=pv", 404, "text/html"),
        ("GET", "/live/", 404, "text/html"),
        ("GET", "/downloads/snow-profile.pdf", 200, "application/pdf"),
        ("PUT", "/nowhere.html", 403, None),
        ("POST", "/com.snowplowanalytics.snowplow/tp2", 403, None),
        ("GET", f"{PIXEL}&url={'x' * 8192}", 414, None),
    ],
)
def test_the_twin_answers_as_the_distribution_would(
    server: Server, method: str, path: str, status: int, content_type: str | None
) -> None:
    response = asked(server, method, path)
    assert (status, content_type) == (response.status, response.content_type)
    assert (method == "GET" and status in {200, 404}) == bool(response.body) or method == "POST"


def test_a_page_comes_as_it_lies_in_the_folder(server: Server) -> None:
    assert shipped("tracker/site/index.html").read_bytes() == asked(server, "GET", "/").body


def test_a_wrong_address_gets_the_sites_own_page(server: Server) -> None:
    assert shipped("tracker/site/404.html").read_bytes() == asked(server, "GET", "/no/such/page.html").body


def test_without_a_site_the_function_alone_answers(tmp_path: Path) -> None:
    with Edge() as edge, running(Server(edge, {}, RULES, tmp_path)) as server:
        assert 403 == asked(server, "GET", "/nowhere.html").status


def test_the_log_has_a_line_for_each_request_and_none_for_one_that_is_too_long(server: Server) -> None:
    for path in ("/", PIXEL, f"{PIXEL}&url={'x' * 8192}", "/nowhere"):
        asked(server, "GET", path)
    expected = [("/", "200", "-"), ("/s/e", "200", "1"), ("/nowhere", "404", "-")]
    logged = [
        (it["cs-uri-stem"], it["sc-status"], it["viewer-request-log-data"].split(".")[0])
        for it in lines(server.flush())
    ]
    assert expected == logged


def test_the_longest_url_that_cloudfront_takes_is_8192_bytes(server: Server) -> None:
    start = f"https://c.example.com{PIXEL}&url="
    for length, status in ((8192, 200), (8193, 414)):
        path = f"{PIXEL}&url={'x' * (length - len(start))}"
        assert status == asked(server, "GET", path, {"host": "c.example.com"}).status


def test_a_visitor_is_hashed_under_the_salts_of_the_sites_day(server: Server, tmp_path: Path) -> None:
    for agent in ("one", "one", "another"):
        asked(server, "GET", PIXEL, {"user-agent": agent})
    first, second, third = (it["viewer-request-log-data"] for it in lines(server.flush()))
    assert first == second != third
    assert 22 == len(first.split(".")[1])
    assert (tmp_path / "salts/edge.json").exists()


def test_a_forwarded_address_is_never_believed(server: Server) -> None:
    for address in ("203.0.113.7", "203.0.113.8"):
        asked(server, "GET", PIXEL, {"user-agent": "one", "x-forwarded-for": address})
    first, second = (it["viewer-request-log-data"] for it in lines(server.flush()))
    assert first == second


def test_without_visitors_nobody_is_hashed(tmp_path: Path) -> None:
    with served(Rules(sites=RULES.sites, visitor="none"), tmp_path) as server:
        asked(server, "GET", PIXEL)
        assert ["1.-."] == [it["viewer-request-log-data"] for it in lines(server.flush())]


def test_what_was_not_flushed_is_written_on_closing(tmp_path: Path) -> None:
    with served(RULES, tmp_path) as server:
        asked(server, "GET", PIXEL)
        assert not list(tmp_path.glob("raw/**/*.gz"))
    assert ["/s/e"] == [it["cs-uri-stem"] for it in lines(list(tmp_path.glob("raw/**/*.gz")))]


def test_a_person_who_stops_the_twin_loses_no_line(tmp_path: Path) -> None:
    with suppress(KeyboardInterrupt), served(RULES, tmp_path) as server:
        asked(server, "GET", PIXEL)
        raise KeyboardInterrupt
    assert ["/s/e"] == [it["cs-uri-stem"] for it in lines(list(tmp_path.glob("raw/**/*.gz")))]


def test_a_viewer_who_leaves_early_is_no_error(server: Server, capsys: pytest.CaptureFixture[str]) -> None:
    with socket.create_connection(("127.0.0.1", server.server_port), timeout=10) as connection:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))  # closes with a reset
        connection.sendall(f"POST {PIXEL} HTTP/1.1\r\nContent-Length: 9\r\n\r\n".encode())
    asked(server, "GET", "/about.html")
    assert "Traceback" not in "".join(capsys.readouterr())


def test_what_the_machine_refuses_is_raised_by_the_next_flush(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "salts").write_text("in the place of the folder")
    with served(RULES, tmp_path) as server:
        with suppress(RemoteDisconnected):
            asked(server, "GET", PIXEL)
        with pytest.raises(FileExistsError, match="salts"):
            flushed_within(server, seconds=5)
    assert "Traceback" not in "".join(capsys.readouterr())


def flushed_within(server: Server, seconds: float) -> None:
    """Flush until it fails: the viewer sees the connection end a moment before the server hears of it."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        server.flush()
        time.sleep(0.01)


def test_a_body_is_read_and_not_logged(server: Server) -> None:
    assert 200 == asked(server, "POST", PIXEL, body=b"secret" * 1000).status
    (line,) = lines(server.flush())
    assert "secret" not in str(line)


def test_headers_are_logged_byte_by_byte(server: Server) -> None:
    with socket.create_connection(("127.0.0.1", server.server_port), timeout=10) as connection:
        connection.sendall(f"GET {PIXEL} HTTP/1.1\r\nUser-Agent: M\u00fcller ".encode() + b"\xff\r\n\r\n")
        assert connection.recv(12) == b"HTTP/1.0 200"
    assert ["M%C3%BCller%20%FF"] == [it["cs(User-Agent)"] for it in lines(server.flush())]


def test_each_index_page_stands_for_its_folder(tmp_path: Path) -> None:
    for name in ("index.html", "blog/index.html", "blog/one.html"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).touch()
    expected = {"/", "/index.html", "/blog/", "/blog/index.html", "/blog/one.html"}
    assert expected == set(site_pages(tmp_path))


def test_the_live_page_is_beside_the_distribution_and_not_in_its_log(tmp_path: Path) -> None:
    with served(RULES, tmp_path, feed=Feed()) as server:
        assert (200, "text/html") == asked(server, "GET", "/live/")[:2]
        assert (200, "text/event-stream", b"") == asked(server, "HEAD", "/live/events")
        asked(server, "GET", PIXEL)
        assert ["/s/e"] == [it["cs-uri-stem"] for it in lines(server.flush())]


def test_closing_ends_the_streams_and_does_not_wait_for_a_browser_that_asks_for_nothing(tmp_path: Path) -> None:
    with served(RULES, tmp_path, feed=Feed()) as server:
        idle = socket.create_connection(("127.0.0.1", server.server_port), timeout=10)
        stream = HTTPConnection("127.0.0.1", server.server_port, timeout=10)
        stream.request("GET", "/live/events")
        response = stream.getresponse()
        begun = time.monotonic()
    assert time.monotonic() - begun < Handler.timeout - 1
    assert response.read().startswith(b"retry: ")
    idle.close()


def test_what_was_written_on_closing_is_known_afterwards(tmp_path: Path) -> None:
    with served(RULES, tmp_path) as server:
        asked(server, "GET", PIXEL)
    assert ["/s/e"] == [it["cs-uri-stem"] for it in lines(server.rest)]
