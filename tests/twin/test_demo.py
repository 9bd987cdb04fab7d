"""The demo's raw log: what real trackers sent, from made-up addresses, and the same however often it is written."""

import gzip
import ipaddress
import json
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from enrich.rules import Rules, Site
from pipeline.twin.demo import REQUESTS, made_up_ip, read_arrivals, write_demo_log

RULES = Rules(sites={"site1": Site(time_zone="Europe/Berlin")})
DOCUMENTATION = [ipaddress.ip_network(network) for network in ("203.0.113.0/24", "2001:db8::/32")]


def test_every_address_is_made_up() -> None:
    for _, request in read_arrivals(REQUESTS.read_text()):
        assert any(ipaddress.ip_address(request.ip) in network for network in DOCUMENTATION)


def test_one_cookie_has_one_address_and_both_kinds_of_address_occur() -> None:
    ips = {made_up_ip(f"e=pv&duid={n}", "agent") for n in range(50)}
    assert {4, 6} == {ipaddress.ip_address(ip).version for ip in ips}
    assert made_up_ip("duid=1&e=pv", "agent") == made_up_ip("e=pp&duid=1", "other agent")


def test_requests_carry_no_cookies_and_come_in_the_order_of_their_times() -> None:
    arrivals = read_arrivals(REQUESTS.read_text())
    assert arrivals == sorted(arrivals, key=lambda it: it.at)
    assert {"host", "user-agent", "referer", "origin", "sp-anonymous"} == {
        name for _, request in arrivals for name in request.headers
    }


@pytest.mark.e2e
def test_every_request_is_a_line_but_the_one_that_is_too_long(tmp_path: Path) -> None:
    paths = write_demo_log(RULES, tmp_path)
    lines = [json.loads(line) for path in paths for line in gzip.decompress(path.read_bytes()).splitlines()]
    assert 4 == len(paths)
    assert len(read_arrivals(REQUESTS.read_text())) - 1 == len(lines)
    assert 30 < len({line["viewer-request-log-data"] for line in lines})


@pytest.mark.e2e
def test_a_second_writing_changes_no_byte_and_runs_that_meet_agree(tmp_path: Path) -> None:
    with ThreadPoolExecutor(2) as pool:
        first, second = pool.map(lambda _: write_demo_log(RULES, tmp_path), range(2))
    before = [path.read_bytes() for path in first]
    assert first == second == write_demo_log(RULES, tmp_path)
    assert before == [path.read_bytes() for path in first]


@pytest.mark.e2e
def test_a_log_that_is_not_whole_is_written_anew_under_one_set_of_salts(tmp_path: Path) -> None:
    paths = write_demo_log(RULES, tmp_path)
    before = [path.read_bytes() for path in paths]
    paths[1].unlink()
    write_demo_log(RULES, tmp_path)
    assert all(old != path.read_bytes() for old, path in zip(before, paths, strict=True))
