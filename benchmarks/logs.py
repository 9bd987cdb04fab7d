"""The demo month, scaled up, as one gzipped raw object in each of the two layouts that are measured.

Each round of the month has its own event ids and times, as new traffic has; its pages, agents and referrers stay the
same, as those of a site do.
"""

import gzip
import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

from pipeline.access_log.w3c import LEGACY
from pipeline.twin.month import month

LAYOUTS = ("json", "legacy")
ROUND_MS = 31 * 24 * 60 * 60 * 1000
HEADER = f"#Version: 1.0\n#Fields: {' '.join(LEGACY)}\n"


class Log(NamedTuple):
    """One raw object, and how many lines it has."""

    path: Path
    lines: int


def month_lines() -> list[dict[str, str]]:
    """The month's lines that are log lines, in the order of their delivery."""
    texts = (hit.line() for it in month() if not it.again for hit in it.hits if hit.outcome in {"event", "copy"})
    return [json.loads(text) for text in texts]


def rounds(lines: list[dict[str, str]], times: int) -> Iterator[dict[str, str]]:
    """The lines, `times` over; ids and times of each round are its own."""
    for number in range(times):
        for line in lines:
            at = str(int(line["timestamp(ms)"]) + number * ROUND_MS)
            query = line["cs-uri-query"].replace("eid=", f"eid={number:02x}", 1) if number else line["cs-uri-query"]
            yield line | {"timestamp(ms)": at, "cs-uri-query": shortened(query, number)}


def shortened(query: str, number: int) -> str:
    """The query with its event id at its old length again."""
    if not number:
        return query
    head, mark, tail = query.partition("eid=")
    return head + mark + tail[:2] + tail[4:]


def legacy(line: dict[str, str]) -> str:
    """The line in the layout of 33 columns, with an address, as those logs have one."""
    at = datetime.fromtimestamp(int(line["timestamp(ms)"]) / 1000, UTC)
    visitor = sum(line["viewer-request-log-data"].encode()) % 4096
    more = {
        "date": f"{at:%Y-%m-%d}",
        "time": f"{at:%H:%M:%S}",
        "c-ip": f"198.18.{visitor // 256}.{visitor % 256}",
        "cs(Host)": "d111111abcdef8.cloudfront.net",
        "sc-bytes": "467",
        "cs-bytes": "312",
        "ssl-protocol": "TLSv1.3",
        "ssl-cipher": "TLS_AES_128_GCM_SHA256",
        "cs-protocol-version": "HTTP/2.0",
        "x-edge-response-result-type": line["x-edge-result-type"],
    }
    return "\t".join((line | more).get(name, "-") for name in LEGACY)


def written(folder: Path, times: int) -> dict[str, Log]:
    """The object of each layout in `folder`, made where it is missing."""
    paths = {layout: folder / f"{layout}-{times}.gz" for layout in LAYOUTS}
    lines = month_lines()
    if not all(path.exists() for path in paths.values()):
        folder.mkdir(parents=True, exist_ok=True)
        with gzip.open(paths["json"], "wt", 6) as json_file, gzip.open(paths["legacy"], "wt", 6) as legacy_file:
            legacy_file.write(HEADER)
            for line in rounds(lines, times):
                json_file.write(json.dumps(line, separators=(",", ":")) + "\n")
                legacy_file.write(legacy(line) + "\n")
    return {layout: Log(path, len(lines) * times) for layout, path in paths.items()}
