"""What the owner decided, as frozen values: the only thing besides the event that an enrichment may look at."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from functools import cached_property
from hashlib import sha256
from typing import Literal


@dataclass(frozen=True)
class Site:
    """One `app_id`: the hosts its pages live on (`*.x` for all below x, `*` for any) and the zone of its days."""

    hosts: tuple[str, ...] = ("*",)
    time_zone: str = "UTC"


@dataclass(frozen=True)
class IpAddress:
    """What becomes of a visitor's address; `mask` hides that many parts, counted from the right."""

    keep: Literal["drop", "mask", "keep"] = "drop"
    ipv4_octets: int = 2
    ipv6_segments: int = 5


@dataclass(frozen=True)
class Campaigns:
    """Which names in a page's query tell the campaign; of each list the first that is present counts."""

    medium: tuple[str, ...] = ("utm_medium",)
    source: tuple[str, ...] = ("utm_source",)
    term: tuple[str, ...] = ("utm_term",)
    content: tuple[str, ...] = ("utm_content",)
    campaign: tuple[str, ...] = ("utm_campaign",)
    click_ids: Mapping[str, str] = field(
        default_factory=lambda: {
            "gbraid": "Google",
            "wbraid": "Google",
            "fbclid": "Facebook",
            "ttclid": "TikTok",
            "twclid": "Twitter",
            "li_fat_id": "LinkedIn",
            "yclid": "Yandex",
            "epik": "Pinterest",
            "rdt_cid": "Reddit",
            "ScCid": "Snapchat",
            "qclid": "Quora",
            "ndclid": "Nextdoor",
            "tblci": "Taboola",
            "dicbo": "Outbrain",
            "irclickid": "Impact",
        }
    )
    keep_click_ids: bool = False


@dataclass(frozen=True)
class Filters:
    """Which rows do not count. An own visit is marked in the page's query: `?me=1`, or `?me` with any value."""

    bots: bool = True
    own_visits: tuple[str, ...] = ()


@dataclass(frozen=True)
class PageGroups:
    """Which addresses are one page: those that a pattern fits, and with `ids` those that differ in an id alone.

    In a pattern `*` is one part of the path, `/**` at its end all that follows. Of the query only the names in `query`
    tell pages apart.
    """

    patterns: tuple[str, ...] = ()
    ids: bool = True
    query: tuple[str, ...] = ()


@dataclass(frozen=True, eq=False)
class Rules:
    """Every decision of the owner that changes a row. No sites at all: every site is known, on every host.

    Two are equal where their digests are, so that what is remembered under the one holds under the other.
    `schemas` has the texts of JSON Schemas that self-describing values are held against, by their Iglu addresses.
    """

    sites: Mapping[str, Site] = field(default_factory=dict)
    pixel_paths: tuple[str, ...] = ("/i", "/ice.png", "/s/e")
    ip_address: IpAddress = field(default_factory=IpAddress)
    visitor: Literal["day", "none"] = "day"
    internal_domains: tuple[str, ...] = ()
    campaigns: Campaigns = field(default_factory=Campaigns)
    filters: Filters = field(default_factory=Filters)
    page_groups: PageGroups = field(default_factory=PageGroups)
    schemas: Mapping[str, str] = field(default_factory=dict)

    @cached_property
    def digest(self) -> str:
        """Twelve characters that change whenever a decision does; each row carries those that made it."""
        decisions = asdict(self) | {"click_ids": list(self.campaigns.click_ids)}  # whose order counts
        return sha256(json.dumps(decisions, sort_keys=True).encode()).hexdigest()[:12]

    def __eq__(self, other: object) -> bool:
        """Whether all decisions are the same."""
        return isinstance(other, Rules) and self.digest == other.digest

    def __hash__(self) -> int:
        """The same for equal rules."""
        return hash(self.digest)
