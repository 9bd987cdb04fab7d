"""Text that is too long: cut where no pair of surrogates is parted, and told under the name that it came in."""

import json
import re
from base64 import urlsafe_b64encode
from urllib.parse import quote

import pytest

from enrich.rules import Campaigns, Rules
from pipeline.limits import start, units
from pipeline.protocol.parameters import PARAMETERS
from pipeline.transform import Given, transform

NAMES = "date time cs-method cs-uri-stem cs-uri-query cs(User-Agent) cs(Referer) viewer-request-log-data c-ip"


@pytest.mark.parametrize(
    ("text", "limit", "expected"),
    [
        ("abc", 3, "abc"),
        ("abcd", 3, "abc"),
        ("äöü", 2, "äö"),
        ("a😀", 2, "a"),
        ("a😀", 3, "a😀"),
        ("😀", 1, ""),
        ("", 0, ""),
    ],
)
def test_lengths_are_counted_as_snowplow_counts_them(text: str, limit: int, expected: str) -> None:
    assert expected == start(text, limit)
    assert units(expected) <= limit


def failures(*, query: str, agent: str = "-", referer: str = "-", log_data: str = "-") -> list[tuple[str, str, str]]:
    """Column, parameter and error of what is faulty in such a request."""
    line = "\t".join(["2026-11-24", "10:30:00", "GET", "/i", quote(query, safe="&="), agent, referer, log_data, "-"])
    rules = Rules(campaigns=Campaigns(source=("ref", "utm_source"), keep_click_ids=True))
    (batch,) = transform([f"#Fields: {NAMES}\n{line}\n".encode()], Given(rules))
    (text,) = batch.events["failures"].to_pylist()
    return [(it["column"], it["parameter"], it["error"]) for it in json.loads(text or "[]")]


def event(vendor: str = "org.example", name: str = "a", version: str = "1-0-0") -> str:
    """An envelope with an event of that schema."""
    envelope = "iglu:com.snowplowanalytics.snowplow/unstruct_event/jsonschema/1-0-0"
    described = {"schema": f"iglu:{vendor}/{name}/jsonschema/{version}", "data": {}}
    return json.dumps({"schema": envelope, "data": described})


def plain(text: str) -> str:
    return quote(text, safe="")


def base64(text: str) -> str:
    return urlsafe_b64encode(text.encode()).decode().rstrip("=")


def page(query: str) -> str:
    return "e=pv&url=" + quote(f"https://www.example.com/?{query}", safe="")


CASES = [
    ({"query": "e=pv&page=" + "a" * 2001}, ("page_title", "page", "longer than 2000; cut")),
    ({"query": "e=pv&tr_cu=EURO"}, ("tr_currency", "tr_cu", "longer than 3; cut")),
    ({"query": "e=pv", "agent": "a" * 1001}, ("useragent", "cs(User-Agent)", "longer than 1000; cut")),
    ({"query": "e=pv&ua=" + "a" * 1001, "agent": "b"}, ("useragent", "ua", "longer than 1000; cut")),
    ({"query": page("utm_source=" + "a" * 256)}, ("mkt_source", "utm_source", "longer than 255; cut")),
    ({"query": page("ref=" + "a" * 256)}, ("mkt_source", "ref", "longer than 255; cut")),
    ({"query": page("gclid=&dclid=" + "a" * 1001)}, ("mkt_clickid", "dclid", "longer than 1000; cut")),
    ({"query": page("a=" + "b" * 6000)}, ("page_urlquery", "url", "longer than 6000; cut")),
    (
        {"query": "e=pv", "referer": "https://example.com/" + "a" * 3000},
        ("page_urlpath", "cs(Referer)", "longer than 3000; cut"),
    ),
    ({"query": "e=pv&refr=/" + "a" * 6000}, ("refr_urlpath", "refr", "longer than 6000; cut")),
    ({"query": "e=pv&tnuid=" + "a" * 129, "log_data": "1.-.t"}, ("network_userid", "tnuid", "longer than 128; cut")),
    ({"query": "e=pv&nuid=" + "a" * 129 + "&tnuid="}, ("network_userid", "nuid", "longer than 128; cut")),
]


@pytest.mark.parametrize(("sent", "failure"), CASES, ids=[failure[1] for _, failure in CASES])
def test_a_cut_is_told_under_the_name_that_the_text_came_in(
    sent: dict[str, str], failure: tuple[str, str, str]
) -> None:
    assert [failure] == failures(**sent)


LONG, VENDOR = "a" * 1001, event(vendor="a" * 1001)
# What is sent, and the column that is cut and the parameter's name; none where the short one counts.
SPELT_TWICE = [
    (f"ti_nm={LONG}", [("ti_name", "ti_nm")]),
    (f"ti_na={LONG}", [("ti_name", "ti_na")]),
    (f"ti_na=a&ti_nm={LONG}", [("ti_name", "ti_nm")]),
    (f"ti_na={LONG}&ti_nm=a", []),
    (f"ti_na={LONG}&ti_nm=", [("ti_name", "ti_na")]),
    (f"ti_na={LONG}&ti_nm=%00", [("ti_name", "ti_na")]),
    (f"ti_na={LONG}&page=%1F", [("ti_name", "ti_na")]),
    (f"ev_ca={LONG}", [("se_category", "ev_ca")]),
    (f"se_ca={LONG}", [("se_category", "se_ca")]),
    (f"ev_ac={LONG}&se_ac=", [("se_action", "ev_ac")]),
    (f"ev_pr={LONG}&se_pr={LONG}", [("se_property", "se_pr")]),
    (f"ev_la={'a' * 4097}", [("se_label", "ev_la")]),
    (f"ue_pr={plain(VENDOR)}", [("event_vendor", "ue_pr")]),
    (f"ue_px={base64(VENDOR)}", [("event_vendor", "ue_px")]),
    (f"ue_px={base64(event(name=LONG))}", [("event_name", "ue_px")]),
    (f"ue_px={base64(event(version='1' * 129 + '-0-0'))}", [("event_version", "ue_px")]),
    (f"ue_pr={plain(event())}&ue_px={base64(VENDOR)}", []),
    (f"ue_pr=&ue_px={base64(VENDOR)}", [("event_vendor", "ue_px")]),
    (f"ue_pr=%7B%7D&ue_px={base64(VENDOR)}", [("event_vendor", "ue_px")]),
    (f"ue_pr={plain(VENDOR)}&ue_px=e30", [("event_vendor", "ue_pr")]),
]


@pytest.mark.parametrize(("query", "cut"), SPELT_TWICE, ids=[re.sub(r"\w{30,}", "…", it) for it, _ in SPELT_TWICE])
def test_of_two_spellings_the_one_that_fills_the_column_is_named(query: str, cut: list[tuple[str, str]]) -> None:
    told = failures(query="e=ue&" + query if "ue_p" in query else "e=pv&" + query)
    assert cut == [(column, name) for column, name, error in told if error.endswith("; cut")]


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ("co=a&cx=b", ["co", "cx"]),
        ("co=a", ["co"]),
        ("cx=b", ["cx"]),
        ("co=&cx=", ["co", "cx"]),
    ],
)
def test_each_spelling_of_the_contexts_is_told_under_its_own_name(query: str, names: list[str]) -> None:
    assert names == [name for _, name, _ in failures(query="e=pv&" + query)]


def test_a_row_that_is_cut_leaves_its_neighbours_whole() -> None:
    titles = ["a" * 2001, "b", "", "c" * 2000, "d" * 2500]
    lines = [f"#Fields: {NAMES}", *(f"2026-11-24\t10:30:00\tGET\t/i\te=pv&page={it}\t-\t-\t-\t-" for it in titles), ""]
    (batch,) = transform(["\n".join(lines).encode()], Given())
    assert ["a" * 2000, "b", None, "c" * 2000, "d" * 2000] == batch.events["page_title"].to_pylist()
    assert [True, False, False, False, True] == [it is not None for it in batch.events["failures"].to_pylist()]


@pytest.mark.parametrize("name", [it.name for it in PARAMETERS])
def test_most_of_a_megabyte_in_one_parameter_takes_little_room(name: str) -> None:
    lines = [f"#Fields: {NAMES}", f"2026-11-24\t10:30:00\tGET\t/i\te=pv&{name}={'a' * 1_000_000}\t-\t-\t-\t-", ""]
    (batch,) = transform(["\n".join(lines).encode()], Given())
    assert 1 == len(batch.events)
    assert batch.events.nbytes < 300_000


def test_most_of_a_megabyte_in_the_pages_query_takes_little_room() -> None:
    for query in (
        "a=1&" * 100_000,
        "utm_source=" + "a" * 700_000,
        "_sp=" + "a" * 700_000,
        "a" * 700_000,
        "/x" * 350_000,
    ):
        lines = [
            f"#Fields: {NAMES}",
            f"2026-11-24\t10:30:00\tGET\t/i\te=pv&url=https://x/{quote('?' + query)}\t-\t-\t-\t-",
            "",
        ]
        (batch,) = transform(["\n".join(lines).encode()], Given())
        assert batch.events.nbytes < 600_000
