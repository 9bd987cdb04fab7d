"""Requests that real trackers sent, through the edge function, into a raw log: the input of `firn demo`.

`requests.jsonl` holds them with the time of their arrival; the viewers' addresses are made up here.
"""

import json
import zlib
from pathlib import Path
from typing import NamedTuple
from urllib.parse import parse_qs

from filelock import FileLock

from enrich.rules import Rules
from pipeline.salts import key_values, renewed_lists
from pipeline.twin.cloudfront import CloudFront
from pipeline.twin.edge import Edge, Request
from pipeline.twin.log_writer import Exchange, object_key, packed, short_hash, write_objects

REQUESTS = Path(__file__).parent / "requests.jsonl"
OBJECT_SIZE = 50


class Arrival(NamedTuple):
    """A request and when it came, in epoch ms."""

    at: int
    request: Request


def write_demo_log(rules: Rules, data: Path) -> list[Path]:
    """Write the demo's raw objects under `raw/` in the folder `data`, where they are missing, and return all of them.

    Once written they stay: the salts of their visitors are gone, so that a second writing would make other visitors.
    """
    arrivals = read_arrivals(REQUESTS.read_text())
    batches = [arrivals[start : start + OBJECT_SIZE] for start in range(0, len(arrivals), OBJECT_SIZE)]
    paths = [data / "raw" / object_key(batch[0].at, short_hash(repr(batch).encode())) for batch in batches]
    data.mkdir(parents=True, exist_ok=True)
    with FileLock(data / "demo.lock"):
        if not all(path.exists() for path in paths):
            write_objects(dict(zip(paths, demo_log(rules, batches), strict=True)))
    return paths


def demo_log(rules: Rules, batches: list[list[Arrival]]) -> list[bytes]:
    """The content of a raw object for each batch, under salts that nobody keeps."""
    sites = rules.sites if rules.visitor == "day" else {}
    with Edge() as edge:
        edge.put_salts(key_values(renewed_lists({}, sites, now=batches[0][0].at)))
        cloudfront = CloudFront(edge, pages={})
        return [packed(log_of(cloudfront, batch)) for batch in batches]


def log_of(cloudfront: CloudFront, batch: list[Arrival]) -> list[Exchange]:
    """What is logged of the batch."""
    for at, request in batch:
        cloudfront.answer(request, at)
    return cloudfront.take_log()


def read_arrivals(text: str) -> list[Arrival]:
    """The lines of `requests.jsonl`, in order."""
    return [arrival(**json.loads(line)) for line in text.splitlines()]


def arrival(received_at_ms: int, method: str, uri: str, querystring: str, headers: dict[str, str]) -> Arrival:
    """One line of `requests.jsonl`."""
    ip = made_up_ip(querystring, headers.get("user-agent", ""))
    return Arrival(received_at_ms, Request(method, uri, querystring, headers, ip))


def made_up_ip(querystring: str, useragent: str) -> str:
    """An address that documentation may use; the same for one tracker's cookie, or without one for one browser."""
    visitor = parse_qs(querystring).get("duid", [useragent])[0]
    number = zlib.crc32(visitor.encode())
    return f"203.0.113.{number // 2 % 254 + 1}" if number % 2 else f"2001:db8:0:{number >> 16:x}::1"
