"""The enrichments' plain functions, by the tables in `tests/tables`: one oddity a row."""

from typing import Any, NamedTuple

from enrich.campaign import Campaign, campaign
from enrich.hosts import is_host
from enrich.ip_address import masked
from enrich.page_group import PageGroup, page_group
from enrich.rules import Campaigns, IpAddress, PageGroups, Rules
from enrich.step import Fault
from enrich.url_parts import parts
from enrich.user_agent import user_agent
from tests.tabled import table


class Url(NamedTuple):
    why: str
    url: str
    parts: list[Any]


class Address(NamedTuple):
    why: str
    address: str
    hidden: list[int]
    masked: str


class Query(NamedTuple):
    why: str
    query: str | None
    campaign: dict[str, str]


class Host(NamedTuple):
    why: str
    host: str | None
    pattern: str
    fits: bool


class Page(NamedTuple):
    why: str
    path: str | None
    group: str
    query: str | None = None
    patterns: tuple[str, ...] = ()
    ids: bool = True
    keep: tuple[str, ...] = ()


class Agent(NamedTuple):
    why: str
    agent: str
    browser: list[Any]


@table("urls", Url)
def test_an_address_is_split_where_its_marks_are(case: Url) -> None:
    found = parts("url", case.url)
    assert case.parts == [it.error if isinstance(it, Fault) else it for it in found]


@table("addresses", Address)
def test_an_address_loses_its_last_parts(case: Address) -> None:
    assert case.masked == masked(case.address, IpAddress("mask", *case.hidden))


@table("campaigns", Query)
def test_a_query_tells_the_campaign(case: Query) -> None:
    assert Campaign(**case.campaign) == campaign(case.query, rules=Rules())


@table("pages", Page)
def test_addresses_of_one_page_are_one_group(case: Page) -> None:
    groups = PageGroups(tuple(case.patterns), case.ids, tuple(case.keep))
    found = page_group("www.example.com", case.path, case.query, rules=Rules(page_groups=groups))
    assert case.group == found.page_group


def test_no_address_is_no_page() -> None:
    assert PageGroup(None) == page_group(None, None, "a=b", rules=Rules())


@table("hosts", Host)
def test_a_host_fits_a_pattern_or_not(case: Host) -> None:
    assert case.fits == is_host(case.host, case.pattern)


@table("user_agents", Agent)
def test_a_user_agent_tells_browser_system_and_device(case: Agent) -> None:
    it = user_agent(None, case.agent)
    assert case.browser == [it.br_family, it.br_name, it.br_version, it.os_name, it.dvce_type, it.dvce_ismobile]


def test_a_kept_click_id_is_clean_text() -> None:
    rules = Rules(campaigns=Campaigns(keep_click_ids=True))
    expected = Campaign(mkt_clickid="a    b", mkt_network="Google")
    assert expected == campaign("gclid=a%09b%00", rules=rules)


def test_an_agent_of_any_length_is_looked_at_for_a_bounded_time() -> None:
    assert user_agent(None, "Mozilla/5.0 (" * 100_000).br_family is None
