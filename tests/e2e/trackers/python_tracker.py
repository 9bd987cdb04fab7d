"""Snowplow's tracker for Python: reads what it is to be told, tells it, and says which ids and times it gave."""

import json
import sys
from typing import Any

from snowplow_tracker import (
    Emitter,
    PagePing,
    PageView,
    SelfDescribing,
    SelfDescribingJson,
    StructuredEvent,
    Subject,
    Tracker,
)

PAGE = {"page_url": "page_url", "page_title": "page_title", "page_referrer": "referrer"}
SCROLL = {f"pp_{axis}offset_{end}": f"{end}_{axis}" for axis in "xy" for end in ("min", "max")}
STRUCT = {
    **{f"se_{name}": name for name in ("category", "action", "label", "value")},
    "se_property": "property_",
}
ORDER = {
    **{f"tr_{name}": name for name in ("affiliation", "shipping", "city", "state", "country", "currency")},
    "tr_orderid": "order_id",
    "tr_total": "total_value",
    "tr_tax": "tax_value",
}
ITEM = {f"ti_{name}": name for name in ("sku", "price", "quantity", "name", "category", "currency")}
NAMES = {**PAGE, **SCROLL, **STRUCT, **ORDER, **ITEM, "ti_orderid": "order_id", "unstruct_event": "event_json"}
EVENTS = {"page_view": PageView, "page_ping": PagePing, "struct": StructuredEvent, "unstruct": SelfDescribing}


def subject(told: dict[str, Any]) -> Subject:
    return (
        Subject()
        .set_platform("app")
        .set_user_id(told["user_id"])
        .set_screen_resolution(told["dvce_screenwidth"], told["dvce_screenheight"])
        .set_viewport(told["br_viewwidth"], told["br_viewheight"])
        .set_color_depth(told["br_colordepth"])
        .set_timezone(told["os_timezone"])
        .set_lang(told["br_lang"])
        .set_domain_user_id(told["domain_userid"])
        .set_domain_session_id(told["domain_sessionid"])
        .set_domain_session_index(told["domain_sessionidx"])
        .set_ip_address(told["user_ipaddress"])
        .set_useragent(told["useragent"])
        .set_network_user_id(told["network_userid"])
    )


def tell(tracker: Tracker, call: str, told: dict[str, Any]) -> None:
    entities = [SelfDescribingJson(**it) for it in told.pop("contexts", [])]
    if own := told.get("unstruct_event"):
        told["unstruct_event"] = SelfDescribingJson(**own)
    at = told.pop("true_tstamp", None)
    named = {NAMES[column]: value for column, value in told.items()}
    if call in EVENTS:
        tracker.track(EVENTS[call](**named, context=entities, true_timestamp=at))
    else:
        getattr(tracker, f"track_ecommerce_{call}")(**named, context=entities, tstamp=at)


if __name__ == "__main__":
    given = json.load(sys.stdin)
    sent: list[dict[str, Any]] = []
    emitter = Emitter(given["endpoint"], method="get", on_success=sent.extend)
    tracker = Tracker("named", emitter, subject(given["subject"]), "shop", given["base64"])
    for event in given["events"]:
        tell(tracker, event["call"], event["told"])
    json.dump([{"eid": it["eid"], "dtm": it["dtm"]} for it in sent], sys.stdout)
