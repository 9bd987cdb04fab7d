"""Where a visitor came from, and whether it was one: the tables of referrers, channels and bots."""

import hashlib
import tomllib
from collections import Counter
from pathlib import Path
from typing import Any, NamedTuple

import pyarrow as pa
import pytest
from crawleruseragents import CRAWLER_USER_AGENTS_DATA

from enrich.bots import PURPOSES, Bot, bot, named
from enrich.channel import channel
from enrich.country import Place, country
from enrich.cross_navigation import cross_navigation
from enrich.fingerprint import fingerprint
from enrich.referrer import referrer
from enrich.rules import Rules
from enrich.step import Fault
from tests.tabled import table

RULES = Rules(internal_domains=("shop.example.net", "*.example.org"))
NOTHING = dict.fromkeys(("mkt_medium", "mkt_source", "mkt_campaign", "mkt_network", "refr_medium", "refr_urlhost"))


class Referrer(NamedTuple):
    why: str
    referrer: str | None
    medium: str | None
    source: str | None
    term: str | None = None


class Channel(NamedTuple):
    why: str
    seen: dict[str, str]
    channel: str


class Agent(NamedTuple):
    why: str
    agent: str | None
    bot: list[str | None]
    asn: int | None = None
    platform: str | None = "web"


class Decoration(NamedTuple):
    why: str
    query: str | None
    found: list[Any]


@table("referrers", Referrer)
def test_a_referrer_has_a_medium_and_a_source(case: Referrer) -> None:
    found = referrer(case.referrer, "www.example.com", rules=RULES)
    assert (case.medium, case.source, case.term) == (found.refr_medium, found.refr_source, found.refr_term)


def test_no_host_has_two_kinds_or_names() -> None:
    media = tomllib.loads((Path(__file__).parents[2] / "enrich" / "referrer.toml").read_text(encoding="utf-8"))
    terms = media.pop("terms")
    hosts = Counter(host for sources in media.values() for them in sources.values() for host in them)
    assert len(hosts) > 300
    assert [] == [host for host, times in hosts.items() if times > 1]
    assert set() == set(terms) - set(media["search"])
    assert {"search", "social", "email", "paid", "chatbot"} == set(media)


@table("channels", Channel)
def test_a_visitor_comes_by_one_channel(case: Channel) -> None:
    assert case.channel == channel(**NOTHING | case.seen).channel


@table("bots", Agent)
def test_a_user_agent_tells_a_bot(case: Agent) -> None:
    assert Bot(*case.bot) == bot(case.agent, case.asn, case.platform)  # type: ignore[arg-type] # equal to a Long


def test_every_crawler_of_the_list_is_a_bot() -> None:
    agents = [it for crawler in CRAWLER_USER_AGENTS_DATA for it in crawler["instances"]]
    assert len(agents) > 2000
    assert [] == [it for it in agents if not named(it).bot_name]


def test_each_word_of_the_list_for_a_purpose_is_known() -> None:
    assert set(PURPOSES) >= {tag for it in CRAWLER_USER_AGENTS_DATA for tag in it.get("tags", ())}


@table("decorations", Decoration)
def test_a_decorated_link_tells_whom_the_other_site_knows(case: Decoration) -> None:
    userid, time = cross_navigation(case.query)
    if isinstance(time, Fault):
        assert ("_sp", True) == (time.parameter, str(case.found[1]) in (time.value or ""))
        time = case.found[1]
    assert case.found == [userid, time]


@pytest.mark.parametrize(
    ("given", "place"),
    [
        ((None, None), Place()),
        (("DE", "3320"), Place("DE", 3320)),  # type: ignore[arg-type] # equal to a Long
        (("DE", "4294967295"), Place("DE", 2**32 - 1)),  # type: ignore[arg-type]
        (("Germany", None), Place(Fault("c-country", "Germany", "not two letters"))),
        ((None, "4294967296"), Place(None, Fault("asn", "4294967296", "not the number of a network"))),
        ((None, "AS3320"), Place(None, Fault("asn", "AS3320", "not the number of a network"))),
    ],
)
def test_country_and_network_are_the_logs_own(given: tuple[Any, Any], place: Place) -> None:
    assert place == country(*given)


def test_the_fingerprint_is_the_md5_of_what_was_sent() -> None:
    sent = ["aid\x1fblog\x1fe\x1fpv\x1f", "", "aid\x1f\ufffd\x1f"]
    written, failures = fingerprint(pa.array(sent))
    assert [hashlib.md5(it.encode(), usedforsecurity=False).hexdigest() for it in sent] == (
        written.event_fingerprint.to_pylist()
    )
    assert [] == failures
