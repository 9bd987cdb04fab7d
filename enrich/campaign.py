"""The page's query → the campaign that it names.

Source: Snowplow's campaign attribution enrichment; Google's, Microsoft's and the others' click ids.
"""

from collections.abc import Iterable, Mapping
from typing import NamedTuple
from urllib.parse import parse_qsl

from enrich.rules import Campaigns, Rules
from enrich.text import cleaned

CLICK_IDS = {"gclid": "Google", "msclkid": "Microsoft", "dclid": "DoubleClick"}


class Campaign(NamedTuple):
    """The campaign, in the tracker protocol's own words."""

    mkt_medium: str | None = None
    mkt_source: str | None = None
    mkt_term: str | None = None
    mkt_content: str | None = None
    mkt_campaign: str | None = None
    mkt_clickid: str | None = None
    mkt_network: str | None = None


def campaign(page_urlquery: str | None, *, rules: Rules) -> Campaign:
    """Of each list of names the first that is present counts, even where it is empty; of a repeated name the last."""
    if page_urlquery is None:
        return Campaign()
    query, names = parameters(page_urlquery), names_of(rules.campaigns)
    networks = CLICK_IDS | dict(rules.campaigns.click_ids)
    click = click_id(query, networks)
    return Campaign(
        **{column: cleaned(query.get(first_present(names[column], query), "")) for column in names},
        mkt_clickid=cleaned(query.get(click, "")) if rules.campaigns.keep_click_ids else None,
        mkt_network=networks.get(click),
    )


def parameters(page_urlquery: str) -> dict[str, str]:
    """The query's parameters, form-decoded."""
    return dict(parse_qsl(page_urlquery, keep_blank_values=True))


def names_of(campaigns: Campaigns) -> dict[str, tuple[str, ...]]:
    """The names in a page's query that fill each column."""
    return {
        "mkt_medium": campaigns.medium,
        "mkt_source": campaigns.source,
        "mkt_term": campaigns.term,
        "mkt_content": campaigns.content,
        "mkt_campaign": campaigns.campaign,
    }


def first_present(names: Iterable[str], query: Mapping[str, str]) -> str:
    """The first of the names that the query has, or the empty text."""
    return next((name for name in names if name in query), "")


def click_id(query: Mapping[str, str], networks: Iterable[str]) -> str:
    """The first of the click ids that the query has, or the empty text; an empty one tells of no click."""
    return next((name for name in networks if query.get(name)), "")


def parameter_of(column: str, page_urlquery: str, *, rules: Rules) -> str:
    """The name in the page's query that filled `column`."""
    query, names = parameters(page_urlquery), names_of(rules.campaigns)
    if column in names:
        return first_present(names[column], query)
    return click_id(query, (*CLICK_IDS, *rules.campaigns.click_ids))
