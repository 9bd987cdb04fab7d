"""Which line is read by which names, and what delimits its values."""

import pytest

from pipeline.access_log import requests, w3c
from pipeline.access_log.fields import FIELDS

Row = tuple[int, str | None, str | None, str | None]


def read(*lines: str) -> list[Row]:
    """Number, method, query and fault of each data line."""
    names = ["line", "cs-method", "cs-uri-query", "fault"]
    tables = requests(["\n".join(lines).encode()])
    return [tuple(row.values()) for table in tables for row in table.select(names).to_pylist()]


def test_the_legacy_names_are_aws_33_in_its_order() -> None:
    assert (33, 33) == (len(w3c.LEGACY), len(set(w3c.LEGACY)))
    assert ("date", "c-ip", "cs(Referer)", "cs-uri-query", "x-edge-request-id", "sc-range-end") == tuple(
        w3c.LEGACY[at - 1] for at in (1, 5, 10, 12, 15, 33)
    )


@pytest.mark.parametrize("width", range(10, 36))
def test_without_a_header_12_to_33_values_are_the_legacy_fields(width: int) -> None:
    line = "\t".join(name if name in FIELDS else "x" for name in (*w3c.LEGACY, "x", "x")[:width])
    fits = (1, "cs-method", "cs-uri-query", None)
    assert [fits if 12 <= width <= 33 else (1, None, None, "not_a_log_line")] == read(line)


@pytest.mark.parametrize("width", [12, 15, 33, 34, 40])
def test_without_a_header_the_last_values_may_be_empty(width: int) -> None:
    line = "\t".join([*w3c.LEGACY[:11], *[""] * (width - 11)])
    assert [(1, "cs-method", None, None)] == read(line)


@pytest.mark.parametrize(
    "header",
    [
        "#Fields: date cs-method cs-uri-query",
        "#Fields:date\tcs-method\tcs-uri-query",
        "#Fields:  date,cs-method, cs-uri-query ",
    ],
)
def test_a_header_names_the_values_however_it_is_spaced(header: str) -> None:
    assert [(2, "GET", "q", None)] == read(header, "2026-11-24\tGET\tq")


@pytest.mark.parametrize("delimiter", [*"\t, ;|", "||", ", ", "; ", "  "])
def test_the_delimiters_that_an_owner_may_choose_are_known(delimiter: str) -> None:
    line = delimiter.join(["2026-11-24", "GET", "q"])
    assert [(2, "GET", "q", None)] == read("#Fields: date cs-method cs-uri-query", line)


@pytest.mark.parametrize(
    "line",
    [
        *("2026-11-24\tGET", "2026-11-24\tGET;a", "just some words here", "2026-11-24", "a,b,c"),
        *("2026-11-24,GET,q,r", "2026-11-24,,GET,,q", "2026-11-24 | GET | q", "2026-11-24::GET::q"),
    ],
    ids=[
        *("too few", "too few, and the rest is one value's", "words", "one value", "no time"),
        *("too many, and nobody knows whose", "doubled", "no method", "another"),
    ],
)
def test_a_line_that_the_header_does_not_fit_is_no_log_line(line: str) -> None:
    assert [(2, None, None, "not_a_log_line")] == read("#Fields: date cs-method cs-uri-query", line)


HEADER = "#Fields: timestamp(ms) cs-method cs-uri-stem cs(Referer) cs(User-Agent) cs-uri-query c-country"


@pytest.mark.parametrize("delimiter", [",", ";", ", "])
@pytest.mark.parametrize("agent", ["-", "Mozilla", "a,b", "a;b;c", ",;,;", "(KHTML,%20like%20Gecko;)"])
def test_of_a_line_with_more_values_than_names_they_are_the_agents(agent: str, delimiter: str) -> None:
    line = delimiter.join(["1795516200123", "GET", "/i", "-", agent, "e=pv", "DE"])
    names = ["cs-uri-stem", "cs(User-Agent)", "cs-uri-query", "c-country"]
    expected = ["/i", None if agent == "-" else agent.replace("%20", " "), "e=pv", "DE"]
    rows = [row for table in requests([f"{HEADER}\n{line}\n".encode()]) for row in table.select(names).to_pylist()]
    assert [dict(zip(names, expected, strict=True))] == rows


def test_what_delimits_is_not_what_the_values_hold_more_of() -> None:
    line = f"1795516200123;GET;/i;-;{'a,' * 20};e=pv;DE"
    assert [(2, "GET", "e=pv", None)] == read(HEADER, line)


def test_a_newer_log_may_hold_more_than_the_header_names() -> None:
    assert [(2, "GET", "q", None)] == read("#Fields: date cs-method cs-uri-query", "2026-11-24\tGET\tq\t\tmore")


def test_a_line_with_more_tabs_whose_values_are_elsewhere_is_no_log_line() -> None:
    line = ["1795516200123", "id", "FRA56-P1", "example.com", "GET", "https", "/i", "e=pv"]
    header = "#Fields: timestamp(ms) x-edge-request-id x-edge-location x-host-header cs-method cs-protocol cs-uri-stem"
    assert [(2, None, None, "not_a_log_line"), (3, "GET", "e=pv", None)] == read(
        f"{header} cs-uri-query", "\t\t".join(line), "\t".join([*line, "more"])
    )


def test_lines_that_no_delimiter_fits_stay_in_their_order() -> None:
    lines = ["GET\t/i\t-\t-", "junk", "GET,/i,-,-", "junk"]
    assert [2, 3, 4, 5] == [row[0] for row in read("#Fields: date cs-method cs-uri-stem", *lines, "")]


def test_of_a_name_that_stands_twice_the_first_counts() -> None:
    assert [(2, "GET", None, None)] == read("#Fields: cs-method date cs-method", "GET\t2026-11-24\tPOST")


def test_each_header_rules_until_the_next() -> None:
    lines = [
        *("#Version: 1.0", "#Fields: date cs-method", "1\tGET"),
        *("#Fields: cs-method date", "POST\t1", "# a remark", "PUT\t1"),
        *("#Fields: date cs-method", "1\tHEAD"),
    ]
    assert [(3, "GET"), (5, "POST"), (7, "PUT"), (9, "HEAD")] == [row[:2] for row in read(*lines)]


def test_json_needs_no_header_and_changes_none() -> None:
    lines = ["#Fields: date cs-method", '{"cs-method": "GET"}', "1\tPOST", '{"cs-method": "PUT"}']
    assert [(2, "GET"), (3, "POST"), (4, "PUT")] == [row[:2] for row in read(*lines)]


@pytest.mark.parametrize(("line", "fault"), [("1", None), ("1\tGET", "not_a_log_line")])
@pytest.mark.parametrize("header", ["#Fields:", "#Fields: sc-status"])
def test_a_header_that_names_nothing_to_read_tells_nothing(header: str, line: str, fault: str | None) -> None:
    assert [(2, None, None, fault)] == read(header, line)


def test_a_line_that_begins_as_json_is_no_line_of_values() -> None:
    header, line = "#Fields: x-edge-location date time cs-method cs-uri-stem", "F\t2026-11-24\t10:30:00\tGET\t/i"
    assert [(2, None, None, "not_json"), (3, "GET", None, None)] == read(header, "{" + line, line)


@pytest.mark.parametrize(
    "start", ["#Version: 1.0\n#Fields: cs-method", "#Fields: cs-method", '{"cs-method": "PUT"}', ""]
)
def test_a_byte_order_mark_before_the_first_line_is_passed_over(start: str) -> None:
    lines = [start, '{"cs-method": "GET"}']
    assert read(*lines) == read("\ufeff" + start, *lines[1:])


def test_ten_thousand_headers_are_read_in_one_pass() -> None:
    lines = [line for at in range(10_000) for line in (f"#Fields: date x{at} cs-method", f"1\t{at}\tGET")]
    assert [(line, "GET") for line in range(2, 20_001, 2)] == [row[:2] for row in read(*lines)]
