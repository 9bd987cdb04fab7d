"""The edge function in its child process: the deployed source answers, hashes and logs."""

import json
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from enrich.visitor_hash import visitor_hash
from pipeline.errors import UserError
from pipeline.twin.edge import Edge, Request, node

pytestmark = pytest.mark.e2e
NOW = 1_795_454_503_854
SALTS = {"blog": json.dumps([[NOW - 1, "salt of today"], [NOW + 1, "salt of tomorrow"]])}


@pytest.fixture(scope="module")
def edge() -> Iterator[Edge]:
    with Edge() as child:
        child.put_salts(SALTS)
        yield child


def request(querystring: str = "e=pv&p=web&aid=blog", ip: str = "203.0.113.7", agent: str = "agent") -> Request:
    return Request("GET", "/i", querystring, {"host": "c.example.com", "user-agent": agent}, ip)


def test_a_pixel_is_answered_with_a_gif(edge: Edge) -> None:
    response, _ = edge.answer(request(), NOW)
    assert (200, "image/gif", "no-store", b"GIF89a") == (
        response.status,
        response.headers["content-type"],
        response.headers["cache-control"],
        response.body[:6],
    )


def test_what_is_no_pixel_is_refused(edge: Edge) -> None:
    response, logged = edge.answer(request()._replace(uri="/elsewhere"), NOW)
    assert (403, None) == (response.status, logged)


@pytest.mark.parametrize(
    "ip",
    [
        "203.0.113.7",
        "2001:db8::1",
        "2001:0DB8:00AB:0001:1:2:3:4",
        "2001:db8:0:0:1::",
        "::1",
        "::ffff:203.0.113.7",
        "::ffff:cb00:7107",
    ],
)
@pytest.mark.parametrize("agent", ["Mozilla/5.0 (X11; Linux x86_64)", "Müller/1 \U0001f600", ""])
def test_javascript_and_python_hash_a_visitor_alike(edge: Edge, ip: str, agent: str) -> None:
    _, logged = edge.answer(request(ip=ip, agent=agent), NOW)
    assert f"1.{visitor_hash('salt of today', 'blog', ip, agent)}." == logged


def test_the_salt_is_the_one_whose_day_has_begun_last(edge: Edge) -> None:
    _, logged = edge.answer(request(), NOW + 1)
    assert f"1.{visitor_hash('salt of tomorrow', 'blog', '203.0.113.7', 'agent')}." == logged


def test_a_site_without_salts_has_no_hash(edge: Edge) -> None:
    _, logged = edge.answer(request("e=pv&p=web&aid=shop"), NOW)
    assert logged == "1.-."


def test_salts_that_are_put_replace_all_others() -> None:
    with Edge() as edge:
        edge.put_salts(SALTS)
        edge.put_salts({})
        assert edge.answer(request(), NOW).logged == "1.-."


def test_bytes_that_are_no_text_are_survived(edge: Edge) -> None:
    broken = b"\xff%zz&=".decode(errors="surrogateescape")
    assert edge.answer(request(f"aid={broken}&e=pv", agent=broken), NOW).response.status == 200


def test_what_the_runner_does_not_understand_is_an_error_and_it_goes_on(edge: Edge) -> None:
    with pytest.raises(RuntimeError, match="The edge function's runner: "):
        edge._told({"nonsense": True})
    assert edge.answer(request(), NOW).response.status == 200


def test_a_runner_that_has_ended_is_an_error() -> None:
    with Edge() as edge:
        edge._child.kill()
        edge._child.wait()
        with pytest.raises(RuntimeError, match="it has ended"):
            edge.answer(request(), NOW)


def test_threads_get_their_own_answers(edge: Edge) -> None:
    ips = [f"203.0.113.{n}" for n in range(1, 101)]
    with ThreadPoolExecutor(8) as pool:
        logged = list(pool.map(lambda ip: edge.answer(request(ip=ip), NOW).logged, ips))
    assert [f"1.{visitor_hash('salt of today', 'blog', ip, 'agent')}." for ip in ips] == logged


def test_without_node_one_sentence_says_how_to_get_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "executable", str(tmp_path / "python"))
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(UserError, match=r"Node is missing: install it"):
        node()
