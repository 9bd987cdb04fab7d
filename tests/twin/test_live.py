"""The live page without a browser: its stream, who may ask for it, and the port it wants."""

import itertools
import json
import socket
from collections.abc import Iterator
from pathlib import Path
from threading import Thread
from typing import Any, cast

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from enrich.rules import Rules
from pipeline.errors import UserError
from pipeline.schema import BAD_ROWS_SCHEMA, EVENTS_SCHEMA
from pipeline.transform import Batch
from pipeline.twin import live
from pipeline.twin.edge import Edge, Request, Response
from pipeline.twin.live import KEPT, Counts, Feed, Live, Stream, frame
from pipeline.twin.server import Server

HERE = "127.0.0.1:8011"


def batch(*events: dict[str, Any], bad_rows: int = 0, ignored: int = 0) -> Batch:
    return Batch(
        pa.Table.from_pylist(list(events), EVENTS_SCHEMA),
        pa.Table.from_pylist([{"reason": "no_time"}] * bad_rows, BAD_ROWS_SCHEMA),
        pa.table({"raw_line": range(ignored), "reason": ["other_path"] * ignored}),
    )


def request(uri: str, host: str = HERE, method: str = "GET", **headers: str) -> Request:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return Request(method, uri, "", {"host": host, **named}, "127.0.0.1")


def read(text: str) -> list[dict[str, str]]:
    """The messages of a stream, as a browser takes them apart."""
    blocks = (block.splitlines() for block in text.split("\n\n") if block)
    return [dict(line.split(": ", 1) for line in block) for block in blocks]


def told(frames: Iterator[str], pieces: int) -> list[dict[str, str]]:
    return read("".join(itertools.islice(frames, pieces)))


def lines(messages: list[dict[str, str]]) -> list[str]:
    return [it["data"] for it in messages if it.get("event") == "line"]


@pytest.fixture
def page(tmp_path: Path) -> Live:
    (tmp_path / "index.html").write_text("<h1>Live</h1>")
    return Live(Feed(), {"/": tmp_path / "index.html"})


def test_a_message_has_its_kind_its_number_and_its_data() -> None:
    assert 'event: line\nid: a.1\ndata: {"x": 1}\n\n' == frame("line", '{"x": 1}', "a.1")


@given(st.text())
def test_no_text_can_end_its_message_or_begin_another(text: str) -> None:
    head, *data, end, rest = frame("line", text).split("\n")
    assert ("event: line", "", "") == (head, end, rest)
    assert all(it.startswith("data: ") and "\r" not in it for it in data)


def test_a_page_hears_what_was_before_it_and_then_what_comes() -> None:
    feed = Feed()
    feed.publish(batch(), ["1", "2"])
    frames = feed.frames()
    first = told(frames, 2)
    assert [{"retry": "1000"}, ["1", "2"], "counts"] == [first[0], lines(first), first[-1]["event"]]
    feed.publish(batch(), ["3"])
    assert ["3"] == lines(told(frames, 1))


def test_a_page_that_comes_back_hears_what_it_missed() -> None:
    feed = Feed()
    feed.publish(batch(), ["1", "2"])
    last = told(feed.frames(), 2)[-2]["id"]
    feed.publish(batch(), ["3"])
    assert ["3"] == lines(told(feed.frames(last), 2))


@pytest.mark.parametrize("last_id", ["", "1", "of-another-run.1", ".", "x.y.z", "\u0663"])
def test_a_number_of_another_run_says_nothing(last_id: str) -> None:
    feed = Feed()
    feed.publish(batch(), ["1", "2"])
    assert ["1", "2"] == lines(told(feed.frames(last_id), 2))


def test_only_the_last_lines_are_kept() -> None:
    feed = Feed()
    for number in range(KEPT + 5):
        feed.publish(batch(), [str(number)])
    assert [str(number) for number in range(5, KEPT + 5)] == lines(told(feed.frames(), 2))


def test_a_quiet_stream_tells_the_counts_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(live, "HEARTBEAT_SECONDS", 0.01)
    assert [None, "counts", "counts", "counts"] == [it.get("event") for it in told(Feed().frames(), 4)]


def test_closing_ends_a_stream_that_waits() -> None:
    feed = Feed()
    frames = feed.frames()
    told(frames, 2)
    waiting = Thread(target=lambda: list(frames))
    waiting.start()
    feed.close()
    waiting.join(2)
    assert not waiting.is_alive()


def test_the_counts_tell_events_visitors_and_what_did_not_go_well() -> None:
    counts = Counts()
    events = [
        {"network_userid": "a"},
        {"network_userid": "a", "filter_reason": "bot"},
        {"network_userid": "b", "failures": "[]"},
        {},
    ]
    for part in (batch(*events, bad_rows=2, ignored=3), batch({"network_userid": "b"})):
        counts.add(part)
    expected = {"events": 5, "visitors": 2, "filtered": 1, "failures": 1, "bad_rows": 2, "ignored": 3}
    assert expected == counts.told()


@pytest.mark.parametrize(
    ("asked", "status"),
    [
        (request("/live/"), 200),
        (request("/live/", "localhost:8011"), 200),
        (request("/live/", "127.0.0.1"), 200),
        (request("/live/", method="HEAD"), 200),
        (request("/live/columns.json"), 200),
        (request("/live/", "rebound.example.com:8011"), 403),
        (request("/live/events", "rebound.example.com:8011"), 403),
        (request("/live/columns.json", "127.0.0.1.example.com"), 403),
        (request("/live/", ""), 403),
        (request("/live/", method="POST"), 405),
        (request("/live/../index.html"), 404),
        (request("/live/nothing"), 404),
    ],
)
def test_the_live_page_answers_this_machine_only(page: Live, asked: Request, status: int) -> None:
    response = page.answer(asked)
    assert isinstance(response, Response)
    assert status == response.status
    assert response.body
    assert live.GUARD.items() <= {**response.headers, "cache-control": "no-store"}.items()


def test_the_stream_is_guarded_and_goes_on_where_it_was_left(page: Live) -> None:
    page.feed.publish(batch(), ["1", "2"])
    last = told(page.feed.frames(), 2)[1]["id"]
    stream = page.answer(request("/live/events", last_event_id=last))
    assert isinstance(stream, Stream)
    assert live.GUARD.items() <= stream.headers.items()
    assert ["2"] == lines(told((it.decode() for it in stream.chunks), 2))


def test_the_guard_lets_no_script_run_but_the_pages_own() -> None:
    policy = dict(it.strip().split(" ", 1) for it in live.GUARD["content-security-policy"].split(";"))
    assert ("'none'", "'self'", "'none'") == (policy["default-src"], policy["script-src"], policy["frame-ancestors"])
    assert "unsafe" not in live.GUARD["content-security-policy"]
    assert "nosniff" == live.GUARD["x-content-type-options"]


def test_every_column_has_its_meaning_for_the_page(page: Live) -> None:
    response = page.answer(request("/live/columns.json"))
    assert isinstance(response, Response)
    assert set(EVENTS_SCHEMA.names) == set(json.loads(response.body))


def test_a_port_in_use_is_one_sentence_with_the_mend(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(UserError, match=rf"^Port {port} is in use: name another with --port, .*\.$"):
            Server(cast("Edge", None), {}, Rules(), tmp_path, port=port)
