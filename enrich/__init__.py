"""Enrichment: events as the tracker sent them → events with all that can be known of them.

Each enrichment is a plain function of values in a module of its own; this is their order.
"""

import pyarrow as pa

from enrich.bots import bot
from enrich.campaign import campaign
from enrich.channel import channel
from enrich.country import country
from enrich.cross_navigation import cross_navigation
from enrich.filter_reason import filter_reason
from enrich.fingerprint import fingerprint
from enrich.ip_address import ip_address
from enrich.page_group import page_group
from enrich.page_url import page_url
from enrich.referrer import referrer
from enrich.rules import Rules
from enrich.self_describing import event_schema
from enrich.step import Columns, Failure, Step, columnwise, per_distinct
from enrich.timestamps import derived_tstamp
from enrich.user_agent import user_agent
from enrich.visitor import visitor

ENRICHMENTS: tuple[Step, ...] = (
    columnwise(derived_tstamp),
    per_distinct(page_url),
    per_distinct(page_group),
    per_distinct(referrer),
    per_distinct(campaign),
    per_distinct(channel),
    per_distinct(cross_navigation),
    per_distinct(user_agent),
    per_distinct(country),
    per_distinct(bot),  # looks at the network too
    per_distinct(event_schema),
    per_distinct(visitor),
    per_distinct(ip_address),  # after all that reads the whole address
    columnwise(fingerprint),  # hardly two are alike
    per_distinct(filter_reason),
)


def enriched(events: pa.Table, rules: Rules) -> Columns:
    """The events with every enrichment's columns, and what was faulty."""
    columns = dict(zip(events.column_names, events.columns, strict=True))
    failures: list[Failure] = []
    for step in ENRICHMENTS:
        written, faults = step.columns(pa.table({name: columns[name] for name in step.reads}), rules)
        columns |= zip(step.writes, written.select(step.writes).columns, strict=True)
        failures += faults
    return pa.table(columns), failures
