"""A request and its response in, CloudFront's log line out; lines in, a raw object out. The inverse of `access_log/`.

No line can hold the viewer's address: v2 has no field for it (`pipeline.schema.log_fields`). The legacy layout, which
has one, is here for tests.
"""

import gzip
import hashlib
import json
import os
import re
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

from pipeline.schema.log_fields import DELIVERED
from pipeline.twin.edge import Request, Response

DISTRIBUTION = "EFIRNTWIN"
EDGE_LOCATION = "TWN50-P1"
HOUR = 3_600_000
COMPACT = json.JSONEncoder(separators=(",", ":")).encode
# Developer guide, "Standard logging reference": what the log writes as %XX. `%` is among it, so that what a browser
# has encoded stands encoded twice in the log.
NOT_PLAIN = re.compile(r"""[^!-~]|[<>"#%{}|\\^~\[\]`']""")


class Exchange(NamedTuple):
    """One request that was answered at `at` (epoch ms), as CloudFront knows it."""

    at: int
    request_id: str
    request: Request
    response: Response
    result_type: str
    logged: str | None
    country: str = ""
    network: str = ""


@lru_cache(1 << 10)  # of a line only time, id and query are its own
def encoded(value: str) -> str:
    """The value as a log writes it; `-` where it is empty."""
    return NOT_PLAIN.sub(lambda found: escape(found[0]), value) or "-"


@lru_cache(256)
def escape(character: str) -> str:
    """`%XX` for each byte of the character."""
    return "".join(f"%{byte:02X}" for byte in character.encode("utf-8", "surrogateescape"))


def field_values(exchange: Exchange) -> dict[str, str]:
    """The delivered fields by name, not encoded yet."""
    at, request_id, request, response, result_type, logged, country, network = exchange
    return {
        "timestamp(ms)": str(at),
        "x-edge-request-id": request_id,
        "x-edge-location": EDGE_LOCATION,
        "x-host-header": request.headers.get("host", ""),
        "cs-method": request.method,
        "cs-protocol": "https",
        "cs-uri-stem": request.uri,
        "cs-uri-query": request.querystring,
        "sc-status": str(response.status),
        "cs(Referer)": request.headers.get("referer", ""),
        "cs(User-Agent)": request.headers.get("user-agent", ""),
        "c-country": country,
        "asn": network,
        "x-edge-result-type": result_type,
        "time-taken": "0.001",
        "viewer-request-log-data": logged or "",
    }


def log_line(exchange: Exchange) -> str:
    """The line of standard logging v2 in JSON: the fields that are delivered, in order, each a text."""
    values = field_values(exchange)
    return COMPACT({name: encoded(values[name]) for name in DELIVERED})


def legacy_line(fields: Iterable[str], exchange: Exchange) -> str:
    """The line of a W3C log with these fields, the viewer's address among them where they name it."""
    at = datetime.fromtimestamp(exchange.at / 1000, UTC)
    legacy = {"date": f"{at:%Y-%m-%d}", "time": f"{at:%H:%M:%S}", "c-ip": exchange.request.ip}
    values = field_values(exchange) | legacy | {"cs(Host)": "d111111abcdef8.cloudfront.net"}
    return "\t".join(encoded(values.get(name, "")) for name in fields)


def object_key(at: int, unique: str, distribution: str = DISTRIBUTION) -> str:
    """Where CloudFront would put an object with requests of the hour of `at` (epoch ms), Hive names switched on."""
    hour = datetime.fromtimestamp(at / 1000, UTC)
    folder = f"cf/distributionid={distribution}/{hour:year=%Y/month=%m/day=%d/hour=%H}"
    return f"{folder}/{distribution}.{hour:%Y-%m-%d-%H}.{unique}.gz"


def packed(lines: Iterable[str]) -> bytes:
    """The lines as the content of a raw object; the same lines give the same bytes."""
    text = "".join(line + "\n" for line in lines)
    return gzip.compress(text.encode("utf-8", "surrogateescape"), compresslevel=6, mtime=0)


def raw_objects(exchanges: Iterable[Exchange]) -> dict[str, bytes]:
    """The raw objects by key: one for each hour, with a name that only its content has."""
    hours: dict[int, list[Exchange]] = {}
    for exchange in exchanges:
        hours.setdefault(exchange.at // HOUR, []).append(exchange)
    contents = {hour * HOUR: packed(map(log_line, of_hour)) for hour, of_hour in hours.items()}
    return {object_key(at, short_hash(content)): content for at, content in contents.items()}


def short_hash(content: bytes) -> str:
    """Eight hexadecimal digits, as the last part of a raw object's name has."""
    return hashlib.sha256(content).hexdigest()[:8]


def write_objects(objects: Mapping[Path, bytes]) -> None:
    """Write each content to its path; no reader ever sees half a file, and none stays behind."""
    for path, content in objects.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        half = path.with_name(f".{path.name}.{os.getpid()}")
        try:
            half.write_bytes(content)
            half.replace(path)
        finally:
            half.unlink(missing_ok=True)
