"""What a stranger makes long takes each enrichment a time that grows with it, and no faster."""

from collections.abc import Callable
from time import process_time

import pytest

from enrich.bots import named
from enrich.campaign import campaign
from enrich.channel import channel
from enrich.country import country
from enrich.cross_navigation import cross_navigation
from enrich.device_type import device_type
from enrich.filter_reason import filter_reason
from enrich.ip_address import ip_address
from enrich.page_group import page_group
from enrich.page_url import page_url
from enrich.referrer import referrer
from enrich.rules import Campaigns, Filters, IpAddress, PageGroups, Rules, Site
from enrich.user_agent import user_agent
from enrich.visitor import visitor

RULES = Rules(
    sites={"blog": Site(("*.example.com",))},
    ip_address=IpAddress("mask"),
    internal_domains=("*.example.org",),
    campaigns=Campaigns(keep_click_ids=True),
    filters=Filters(own_visits=("?me=1",)),
    page_groups=PageGroups(("/a/*/b/**",), query=("q",)),
)
LENGTH = 150_000
PARTS = (
    *("a", "é", "0", " ", "\t", "%", "%41", "%zz", "+", "&", "a=1&", "=", "?", "#", "/", "//", ":", "@", "[", "]"),
    *(".", "a.", "com.", "::", "1:", "192.0.2.7", ";sid=", "/index.html", "_sp=a.", "Windows NT ", "Android ", "bot"),
)
ENRICHMENTS: dict[str, Callable[[str], object]] = {
    "page_url": lambda it: page_url(it, None),
    "page_url, the header": lambda it: page_url(None, it),
    "page_url, host and port": lambda it: page_url(f"https://{it}:{it}", None),
    "page_group": lambda it: page_group("www.example.com", f"/{it}", it, rules=RULES),
    "referrer": lambda it: referrer(it, it, rules=RULES),
    "referrer, host and path": lambda it: referrer(f"https://{it}/{it}", "www.example.com", rules=RULES),
    "referrer, what was searched for": lambda it: referrer(f"https://www.google.com/?{it}&q={it}", None, rules=RULES),
    "campaign": lambda it: campaign(f"{it}&utm_source={it}&gclid={it}", rules=RULES),
    "channel": lambda it: channel(it, it, it, it, it, it),
    "cross_navigation": lambda it: cross_navigation(f"_sp={it}.{it}"),
    "user_agent": lambda it: user_agent(it, None),
    "device_type": device_type,
    "bot": named,
    "country": lambda it: country(it, it),
    "visitor": lambda it: visitor(f"1.{it}", None, None, "salt", it, it, it, rules=RULES),
    "ip_address": lambda it: ip_address(None, f"[{it}]", rules=RULES),
    "filter_reason": lambda it: filter_reason("blog", it, it, None, rules=RULES),
}


@pytest.mark.parametrize("name", ENRICHMENTS)
def test_a_long_text_takes_a_time_that_grows_with_it(name: str) -> None:
    start = process_time()
    for part in PARTS:
        ENRICHMENTS[name](part * (LENGTH // len(part)))
    assert process_time() - start < 15
