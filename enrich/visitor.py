"""What the edge function logged, or the tracker's own ids → the visitor of one site on one day."""

import re
from typing import NamedTuple

from enrich.rules import Rules
from enrich.visitor_hash import visitor_hash

LOGGED = re.compile(r"1\.([A-Za-z0-9_-]{22})\.[a-z]*")


class Visitor(NamedTuple):
    """Snowplow's id for a visitor that the collector knows."""

    network_userid: str | None = None


def visitor(  # noqa: PLR0913, PLR0917 - each is a column
    viewer_request_log_data: str | None,
    tnuid: str | None,
    nuid: str | None,
    salt: str | None,
    app_id: str | None,
    c_ip: str | None,
    cs_user_agent: str | None,
    *,
    rules: Rules,
) -> Visitor:
    """The edge's hash; else the tracker's id; else, of a log with addresses, the hash under the day's salt.

    `salt` is null but for an event that was logged with an address and sent by a visitor's own browser.
    """
    logged = LOGGED.fullmatch(viewer_request_log_data or "")
    if logged and rules.visitor == "day":
        return Visitor(logged[1])
    if tnuid or nuid or salt is None or rules.visitor == "none":
        return Visitor(tnuid or nuid)
    return Visitor(visitor_hash(salt, app_id or "", c_ip or "", cs_user_agent or ""))
