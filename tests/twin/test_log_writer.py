"""What the twin writes is what CloudFront writes: its fields, its escapes, its names; and never an address."""

import gzip
import json
from pathlib import Path
from urllib.parse import parse_qs, unquote, unquote_to_bytes

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.access_log import requests, w3c
from pipeline.schema.log_fields import DELIVERED
from pipeline.twin.edge import Request, Response
from pipeline.twin.log_writer import (
    Exchange,
    encoded,
    legacy_line,
    log_line,
    object_key,
    packed,
    raw_objects,
    write_objects,
)

AT = 1_795_454_503_854  # 2026-11-23 17:21:43.854 UTC
# What real trackers sent.
REQUESTS = [json.loads(line) for line in Path(__file__).with_name("requests.jsonl").read_text().splitlines()]
QUERIES = [it["querystring"] for it in REQUESTS]
ADDRESSES = ("203.0.113.7", "198.51.100.9", "2001:db8::7")


def exchange(at: int = AT, querystring: str = "e=pv&page=a%20b", ip: str = "203.0.113.7") -> Exchange:
    headers = {"host": "c.example.com", "user-agent": "Mozilla/5.0 (X11)", "x-forwarded-for": "198.51.100.9"}
    request = Request("GET", "/i", querystring, headers, ip)
    return Exchange(at, "aBc-_d==", request, Response(200, {}, b"GIF"), "FunctionGeneratedResponse", "1.hash.")


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("", "-"),
        ("-", "-"),
        ("url=https%3A%2F%2Fa&page=x%20y", "url=https%253A%252F%252Fa&page=x%2520y"),
        ("()!*+&=:/?,;@$-_.", "()!*+&=:/?,;@$-_."),
        ("~'`\"", "%7E%27%60%22"),
        ("<>#{}|\\^[]", "%3C%3E%23%7B%7D%7C%5C%5E%5B%5D"),
        ("Mozilla/5.0 (X11)", "Mozilla/5.0%20(X11)"),
        ("\t\n\0\x7f", "%09%0A%00%7F"),
        ("Müller", "M%C3%BCller"),
        (b"\xff".decode(errors="surrogateescape"), "%FF"),
    ],
)
def test_a_value_is_escaped_as_the_developer_guide_lists(value: str, expected: str) -> None:
    assert expected == encoded(value)


@pytest.mark.parametrize("query", [query for query in QUERIES if query])
def test_undone_once_a_real_query_is_what_the_tracker_sent(query: str) -> None:
    assert query == unquote(encoded(query))


@given(st.binary(min_size=1))
def test_any_bytes_come_back_and_are_logged_as_plain_ascii(sent: bytes) -> None:
    logged = encoded(sent.decode("utf-8", "surrogateescape"))
    assert sent == unquote_to_bytes(logged)
    assert not set(logged) - set(map(chr, range(33, 127))) | set(logged) & set("<>\"#{}|\\^~[]`' ")


def test_a_line_has_the_delivered_fields_in_order_each_a_text() -> None:
    line = json.loads(log_line(exchange()))
    assert DELIVERED == tuple(line)
    assert {str} == {type(value) for value in line.values()}


def test_a_line_says_what_was_asked_and_answered() -> None:
    line = json.loads(log_line(exchange()))
    expected = {
        "timestamp(ms)": "1795454503854",
        "x-edge-request-id": "aBc-_d==",
        "x-host-header": "c.example.com",
        "cs-method": "GET",
        "cs-uri-stem": "/i",
        "cs-uri-query": "e=pv&page=a%2520b",
        "sc-status": "200",
        "cs(Referer)": "-",
        "cs(User-Agent)": "Mozilla/5.0%20(X11)",
        "c-country": "-",
        "asn": "-",
        "viewer-request-log-data": "1.hash.",
    }
    assert expected == {name: line[name] for name in expected}


@pytest.mark.parametrize("ip", ADDRESSES)
def test_no_line_holds_the_viewers_address_or_what_is_forwarded(ip: str) -> None:
    line = log_line(exchange(ip=ip))
    assert not [address for address in ADDRESSES if address in line]


def test_a_legacy_line_has_the_address_and_33_values() -> None:
    values = dict(zip(w3c.LEGACY, legacy_line(w3c.LEGACY, exchange()).split("\t"), strict=True))
    assert 33 == len(values)
    expected = {"date": "2026-11-23", "time": "17:21:43", "c-ip": "203.0.113.7", "cs-uri-query": "e=pv&page=a%2520b"}
    assert expected == {name: values[name] for name in expected}


def test_a_key_has_cloudfronts_hive_folders_and_the_hour_of_the_requests() -> None:
    folder = "cf/distributionid=EFIRNTWIN/year=2026/month=11/day=23/hour=17"
    assert f"{folder}/EFIRNTWIN.2026-11-23-17.abcdef01.gz" == object_key(AT, "abcdef01")


def test_requests_of_two_hours_are_two_objects() -> None:
    earlier, later = exchange(), exchange(at=AT + 3_600_000)
    first, second = raw_objects([earlier, later, earlier]).items()
    assert ["2026-11-23-17", "2026-11-23-18"] == [key.split(".")[1] for key, _ in (first, second)]
    assert 2 * (log_line(earlier) + "\n") == gzip.decompress(first[1]).decode()


def test_other_lines_have_another_name_and_the_same_lines_the_same() -> None:
    same, other = [exchange()], [exchange(querystring="e=pp")]
    assert raw_objects(same) == raw_objects(same)
    assert raw_objects(same).keys().isdisjoint(raw_objects(other))


def test_a_reader_never_sees_half_an_object(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "cf/object.gz"

    def stop(_: Path, __: Path) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(Path, "replace", stop)
    with pytest.raises(KeyboardInterrupt):
        write_objects({path: packed([log_line(exchange())])})
    assert not list(tmp_path.rglob("*.gz"))


def test_no_half_is_left_behind(tmp_path: Path) -> None:
    path = tmp_path / "cf/object.gz"
    write_objects({path: packed([log_line(exchange())])})
    assert [path] == list(path.parent.iterdir())


def test_the_pipelines_reader_gets_back_what_the_viewers_sent() -> None:
    sent = [Request(it["method"], it["uri"], it["querystring"], it["headers"], "203.0.113.7") for it in REQUESTS]
    written = packed(log_line(exchange()._replace(request=request)) for request in sent)
    (read,) = requests([written])
    expected = [
        (it.method, it.uri, parse_qs(it.querystring), it.headers.get("referer"), it.headers.get("user-agent"))
        for it in sent
    ]
    columns = ("cs-method", "cs-uri-stem", "cs-uri-query", "cs(Referer)", "cs(User-Agent)")
    rows = zip(*(read[name].to_pylist() for name in columns), strict=True)
    assert expected == [(method, uri, parse_qs(query or ""), *others) for method, uri, query, *others in rows]


def test_a_disk_that_is_full_leaves_no_half_object(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(path: Path, content: bytes) -> int:
        with path.open("wb") as file:
            file.write(content[:1])
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "write_bytes", full)
    with pytest.raises(OSError, match="No space left"):
        write_objects({tmp_path / "cf" / "a.gz": b"lines"})
    assert [] == list((tmp_path / "cf").iterdir())
