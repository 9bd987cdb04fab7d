"""Campaign and referrer → one word for how the visitor came: the first of an ordered list that holds.

A campaign's own words outrank the referrer. An assistant that marks its links (`utm_source=chatgpt.com`) is an
assistant and no campaign.
"""

import tomllib
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import NamedTuple

from enrich import referrer
from enrich.hosts import Hosts

PAID_NETWORKS = frozenset({"Google", "Microsoft", "DoubleClick", "Yandex"})
PAID_SEARCH = frozenset({"cpc", "ppc", "sem", "paid", "paidsearch", "paid-search", "paid_search"})
EMAIL = frozenset({"email", "e-mail", "mail", "newsletter"})
SOCIAL = frozenset({"social", "social-media", "social_media", "paid-social", "paid_social", "paidsocial"})


class Channel(NamedTuple):
    """How the visitor came."""

    channel: str | None = None


class Seen(NamedTuple):
    """What the channels look at; a campaign's words in lower case."""

    medium: str
    source: str
    campaign: str
    network: str | None
    refr_medium: str | None
    refr_urlhost: str | None


def is_assistant(host: str) -> bool:
    """Whether a host, or a campaign's source that is written as one, is an AI assistant's."""
    return (referrer.table().of(host) or referrer.Source()).refr_medium == "chatbot"


def site_kind(host: str | None) -> str | None:
    """The kind of site that `channel.toml` has for the host."""
    return table().of(host) if host else None


CHANNELS: tuple[tuple[str, Callable[[Seen], bool]], ...] = (
    ("ai_assistant", lambda it: is_assistant(it.source)),
    ("paid_search", lambda it: it.network in PAID_NETWORKS or it.medium in PAID_SEARCH),
    ("email", lambda it: it.medium in EMAIL),
    ("social", lambda it: it.medium in SOCIAL),
    ("campaign", lambda it: bool(it.medium or it.source or it.campaign or it.network)),
    ("internal", lambda it: it.refr_medium == "internal"),
    # Before the media, which take YouTube and GitHub for social.
    ("video", lambda it: site_kind(it.refr_urlhost) == "video"),
    ("shopping", lambda it: site_kind(it.refr_urlhost) == "shopping"),
    ("developer", lambda it: site_kind(it.refr_urlhost) == "developer"),
    ("organic_search", lambda it: it.refr_medium == "search"),
    ("paid_search", lambda it: it.refr_medium == "paid"),
    ("social", lambda it: it.refr_medium == "social"),
    ("email", lambda it: it.refr_medium == "email"),
    ("ai_assistant", lambda it: it.refr_medium == "chatbot"),
    ("referral", lambda it: it.refr_urlhost is not None),
    ("direct", lambda _: True),
)


def channel(  # noqa: PLR0913, PLR0917 - each is a column
    mkt_medium: str | None,
    mkt_source: str | None,
    mkt_campaign: str | None,
    mkt_network: str | None,
    refr_medium: str | None,
    refr_urlhost: str | None,
) -> Channel:
    """The first channel that holds; without campaign and referrer it is `direct`."""
    medium, source, campaign = ((word or "").lower() for word in (mkt_medium, mkt_source, mkt_campaign))
    seen = Seen(medium, source, campaign, mkt_network, refr_medium, refr_urlhost)
    return Channel(next(name for name, holds in CHANNELS if holds(seen)))


@cache
def table() -> Hosts[str]:
    """The sites of `channel.toml`."""
    kinds = tomllib.loads((Path(__file__).parent / "channel.toml").read_text(encoding="utf-8"))
    return Hosts({host: kind for kind, hosts in kinds.items() for host in hosts})
