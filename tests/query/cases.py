"""The cases of `expected/`: for each query, and each view, the rows of the lake, and what it answers of them."""

import json
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import yaml

WHOLE_PAGE_VIEW = {
    "event": "page_view",
    "collector_tstamp": datetime(2026, 7, 1, 12),  # noqa: DTZ001 (the lake's times have no zone)
    "derived_tstamp": datetime(2026, 7, 1, 12),  # noqa: DTZ001
    "raw_object": "raw/1.gz",
}

CONTEXTS = '{"data":[{"schema":"iglu:com.snowplowanalytics.snowplow/web_page/jsonschema/1-0-0","data":{"id":"%s"}}]}'
ENGAGED = '{"data":{"data":{"engaged_seconds":%s}}}'
PAGE_LEAVE: dict[str, object] = {"event": "unstruct", "event_vendor": "com.firn-analytics", "event_name": "page_leave"}
WEB_VITAL: dict[str, object] = {"event": "unstruct", "event_vendor": "com.firn-analytics", "event_name": "web_vital"}
# What a case writes in short: the page view's id, the page_leave of that many engaged_seconds, the web_vital's data.
SHORT: dict[str, Callable[[Any], dict[str, object]]] = {
    "view": lambda page_view_id: {"contexts": CONTEXTS % page_view_id},
    "leave": lambda seconds: PAGE_LEAVE | {"unstruct_event": ENGAGED % seconds},
    "vital": lambda data: WEB_VITAL | {"unstruct_event": json.dumps({"data": {"data": data}})},
}


def expected(name: str) -> dict[str, Any]:
    case: dict[str, Any] = yaml.safe_load((Path(__file__).parent / "expected" / f"{name}.yaml").read_text("utf-8"))
    return case


def event(line: int, case: dict[str, Any]) -> dict[str, object]:
    row = {"event_id": f"id-{line}", "raw_line": line} | WHOLE_PAGE_VIEW
    for key in sorted(case, key=lambda it: it not in SHORT):  # what is written in full outranks
        row |= SHORT[key](case[key]) if key in SHORT else {key: case[key]}
    return row
