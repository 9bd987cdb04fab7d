"""What holds for any bytes at all: nothing lost, nothing told twice, nothing that depends on how the bytes came."""

import gzip
import json
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import datetime, timedelta
from importlib import import_module
from ipaddress import IPv4Address, IPv6Address
from itertools import pairwise, product
from urllib.parse import parse_qsl, quote, unquote

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from enrich.ip_address import masked
from enrich.rules import IpAddress, Rules
from enrich.url_parts import URL
from pipeline import access_log
from pipeline.access_log import lines as log_lines
from pipeline.access_log.escapes import FOREIGN, query
from pipeline.access_log.w3c import LEGACY
from pipeline.inspection import lines_of
from pipeline.protocol.parameters import PARAMETERS
from pipeline.protocol.query_columns import query_columns
from pipeline.schema import BAD_ROWS_SCHEMA, EVENTS_SCHEMA
from pipeline.transform import Batch, Given, transform

HEADER = b"#Fields: date time c-ip cs-method cs-uri-stem cs-uri-query cs(User-Agent)"
NAMES = [it.name for it in PARAMETERS]

ESCAPED = (
    *("%25", "%2525", "%23", "%2523", "%20", "%26", "%3D", "%C3%BC", "%C3", "%BC", "%00", "%0A", "%", "%zz"),
    "%e2%82%ac",
)
LETTERS = "abc=&+;?#{}\"'\\<>ü\u2028\U0001f600 "
PIECES = [*LETTERS, *ESCAPED * 5, *[*map("".join, product(LETTERS, repeat=2))][::3]]  # a byte can name each
VALUES = ("pv", "ue", "1", "1x2", "e30")


def text_of(drawn: bytes) -> str:
    """A piece for each byte: to draw bytes takes a tenth of the time that lists of texts take."""
    return "".join([PIECES[it % len(PIECES)] for it in drawn])


names = [f"{name}=" for name in (*NAMES, "nobody", "")]
texts = st.binary(max_size=48).map(text_of)
pairs = st.one_of(
    st.sampled_from([name + value for name in names for value in VALUES]),
    st.builds(str.__add__, st.sampled_from(names), texts),
)
queries = st.lists(st.one_of(pairs, texts), max_size=8).map("&".join)

# A line that is nearly always a request of a pixel: what stands before the path, and what stands around the query.
STARTS = [
    *map(
        "\t".join,
        product(
            ["2026-11-24"] * 3 + ["2013-09-14", "2026-02-30", "-"],
            ["10:30:00"] * 4 + ["24:00:00", ""],
            ["192.0.2.7", "2001:db8::7", "-", "x"],
        ),
    )
]
AROUND = [
    *product(
        ["GET"] * 3 + ["POST", "OPTIONS", "-"],
        ["/i"] * 2 + ["/ice.png", "/other"],
        ["Mozilla/5.0%20(X11)", "Mozilla/5.0%2520(X11)", "-"],
    )
]
requests = st.builds(
    lambda start, around, query: "\t".join([start, *around[:2], query, around[2]]).encode(),
    st.sampled_from(STARTS),
    st.sampled_from(AROUND),
    queries,
)


def in_json(line: bytes) -> bytes:
    """The same request as a line of a JSON log."""
    return json.dumps(values_of(line), separators=(",", ":")).encode()


def in_legacy(line: bytes, width: int) -> bytes:
    """The same request as a line of a log of the old layout, in any of its widths."""
    values = values_of(line)
    return "\t".join(values.get(name, "-") for name in LEGACY[:width]).encode()


def values_of(line: bytes) -> dict[str, str]:
    """The line's values by the names of their fields."""
    return dict(zip(HEADER.decode().split()[1:], line.decode().split("\t"), strict=True))


@st.composite
def no_text(draw: st.DrawFn, line: st.SearchStrategy[bytes]) -> bytes:
    """The line with bytes in it that are no UTF-8."""
    it, foreign = draw(line), draw(st.sampled_from([b"\xff", b"\x80", b"\xc3", b"\xf0\x9f\x98", b"\xed\xa0\x80"]))
    at = draw(st.integers(0, len(it)))
    return it[:at] + foreign + it[at:]


junk = st.one_of(
    st.binary(max_size=40).map(lambda it: it.replace(b"\n", b"")),
    st.sampled_from([b"", b" \t", b"\r", b"#", b"#Fields:", b"{", b"{}", b'{"a":', b'{"b":1}}', b"{}{}", b"a" * 400]),
)
headers = st.sampled_from([HEADER, b"#Version: 1.0", b"#Fields: cs-method time date cs-uri-query cs-uri-stem"])
sent = st.one_of(requests, requests.map(in_json), st.builds(in_legacy, requests, st.integers(12, len(LEGACY))))
lines = st.one_of(sent, no_text(sent), junk, headers)


def log_of(
    start: st.SearchStrategy[bytes], rest: st.SearchStrategy[bytes], last: st.SearchStrategy[bytes]
) -> st.SearchStrategy[bytes]:
    """A log's bytes: lines, the first of which says that it is no gzip, and what comes after the last newline."""
    return st.builds(
        lambda first, others, ends, last: (
            b"".join(
                line + (b"\r\n" if end % 2 else b"\n")
                for line, end in zip([first, *others], ends.ljust(1 + len(others), b"\0"), strict=False)
            )
            + last
        ),
        start,
        st.lists(rest, max_size=12),
        st.binary(max_size=12),
        last,
    )


of_json = st.one_of(requests.map(in_json), no_text(requests.map(in_json)))
logs = st.one_of(
    log_of(st.one_of(headers, sent, no_text(sent)), lines, st.sampled_from([b"", b"\n", *[b"no end"] * 3])),
    log_of(of_json, of_json, st.sampled_from([b"", b"\n"])),  # these are read all at once
)


@contextmanager
def limits(block: int = 1 << 24, longest: int = 300, kept: int = 100, most: int = 1 << 17) -> Iterator[None]:
    """Small lines are long ones here."""
    with pytest.MonkeyPatch.context() as patch:
        for name, value in {"BLOCK": block, "LONGEST": longest, "KEPT": kept, "MOST": most}.items():
            patch.setattr(log_lines, name, value)
        yield


def told(batches: list[Batch]) -> list[dict[str, object]]:
    """The objects of `firn inspect`, each of which is one line of JSON."""
    objects = [text for batch in batches for text in lines_of(batch, "some file")]
    assert [1] * len(objects) == [len(text.splitlines()) for text in objects]
    return [json.loads(text) for text in objects]


def became(chunks: list[bytes], given: Given = Given()) -> list[Batch]:  # noqa: B008 - it is frozen
    return list(transform(chunks, given))


@contextmanager
def equals_once() -> Iterator[None]:
    """What becomes of equal requests is worked out once: that the same becomes the same is a property of its own."""
    whole = import_module("pipeline.transform")
    plainly, known = whole.became, list[tuple[pa.Table, Batch]]()

    def once(requests: pa.Table, given: Given) -> Batch:
        for before, batch in known:
            if before.equals(requests):
                return batch
        known.append((requests, plainly(requests, given)))
        return known[-1][1]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(whole, "became", once)
        yield


def data_lines(data: bytes) -> list[int]:
    """The numbers of the lines that are neither blank nor a header, as the contract puts it."""
    numbered = enumerate(data.removeprefix(b"\xef\xbb\xbf").split(b"\n"), start=1)
    return [at for at, line in numbered if line.strip(b" \t\r\x0b\x0c") and not line.startswith(b"#")]


@given(logs)
def test_each_data_line_is_told_once_in_order(data: bytes) -> None:
    with limits():
        batches = became([data])
        assert data_lines(data) == [it["line"] for it in told(batches)]
        assert len(data_lines(data)) == sum(batch.lines for batch in batches)


@given(st.binary(max_size=300).filter(lambda it: not it.startswith(b"\x1f\x8b")))
def test_any_bytes_are_survived(data: bytes) -> None:
    assert data_lines(data) == [it["line"] for it in told(became([data]))]


@given(logs, st.integers(min_value=1, max_value=70))
def test_how_the_bytes_are_cut_into_chunks_changes_nothing(data: bytes, size: int) -> None:
    with limits(), equals_once():
        expected = told(became([data]))
        assert expected == told(became([data[at : at + size] for at in range(0, len(data), size)]))
        packed = gzip.compress(data)
        assert expected == told(became([packed]))
        assert expected == told(became([b"", *(packed[at : at + size] for at in range(0, len(packed), size))]))


@given(logs, st.integers(min_value=1, max_value=400), st.integers(min_value=1, max_value=5))
def test_how_the_lines_are_put_into_blocks_changes_nothing(data: bytes, block: int, most: int) -> None:
    with equals_once():
        with limits():
            expected = became([data])
        with limits(block, most=most):
            actual = became([data[at : at + 50] for at in range(0, len(data), 50)])
    assert told(expected) == told(actual)
    assert bad_rows(expected) == bad_rows(actual)


def bad_rows(batches: list[Batch]) -> list[dict[str, object]]:
    return [row for batch in batches for row in batch.bad_rows.to_pylist()]


usual_values = st.builds(
    "2026-11-24\t10:30:00\t-\tGET\t{}\t{}\t-".format,
    st.sampled_from(["/i", "/a"]),
    st.sampled_from(["e=pv&page=a%2520b", "e=se&se_va=1.5", "e=pv&page=a%23b", "-", ""]),
).map(str.encode)
FORMS: list[tuple[Callable[[bytes], bytes], list[bytes]]] = [
    (in_json, []),
    (bytes, [b"#Version: 1.0", HEADER]),
    (b"FRA56-P1\t".__add__, [HEADER.replace(b" ", b" x-edge-location ", 1)]),  # what nobody reads comes first
]
ODD = [
    *(b"\r", b"\t", b"\t\t", b"\0", b"\x0b", b" ", b",", b'"', b'""', b"'", b"\\", b"\xff", b"\xef\xbb\xbf"),
    *(b"#", b"{", b"}", b"{}", b"}{", b'{"x":"', b'"x":{"date":["a"]},', b'"date":"2026-11-25",', b'"time":null,'),
    *(b'"cs-method":1,', b'"cs\\u002dmethod":"PUT",', b"\n", b"\n\n", b"\n \t\n", b"\n\t\t\t\t\t\t\n", b"\n{}\n"),
    *(b"\n" + HEADER + b"\n", b"\n#Fields: cs-method date\n"),
]


@st.composite
def nearly_usual_logs(draw: st.DrawFn) -> bytes:
    """A log that is read all at once, or would be but for an oddity or two."""
    (form, header), rows = draw(st.sampled_from(FORMS)), draw(st.lists(usual_values, min_size=1, max_size=5))
    log = b"\n".join([*header, *map(form, rows)]) + draw(st.sampled_from([b"", b"\n", b"\r\n", b"\n\n"]))
    for odd in draw(st.lists(st.sampled_from(ODD), max_size=2)):
        seams = [it.end() for it in re.finditer(draw(st.sampled_from([b"^|\n", b"$|}|[\n{,\t]", b"."])), log)]
        at = draw(st.sampled_from(seams or [0]))
        log = log[:at] + odd + log[at + draw(st.sampled_from([0, 0, 1])) :]
    return log


@given(st.one_of(nearly_usual_logs(), logs))
def test_lines_read_all_at_once_become_what_a_close_look_makes_of_them(data: bytes) -> None:
    with limits(), equals_once(), pytest.MonkeyPatch.context() as patch:
        at_once = became([data])
        patch.setattr(access_log, "at_once", lambda *_: None)
        closely = became([data])
    assert told(closely) == told(at_once)
    assert bad_rows(closely) == bad_rows(at_once)


@given(logs)
def test_the_same_bytes_give_equal_tables(data: bytes) -> None:
    first, second = became([data]), became([data])
    assert [it.events for it in first] == [it.events for it in second]
    assert [it.bad_rows for it in first] == [it.bad_rows for it in second]
    assert [EVENTS_SCHEMA, BAD_ROWS_SCHEMA] * len(first) == [
        schema for it in first for schema in (it.events.schema, it.bad_rows.schema)
    ]


@given(st.lists(requests, min_size=1, max_size=8), st.integers(min_value=0, max_value=7))
def test_a_line_becomes_the_same_whatever_stands_beside_it(some: list[bytes], at: int) -> None:
    line = some[at % len(some)]
    (alone,) = told(became([HEADER + b"\n" + line + b"\n"]))
    (beside,) = [it for it in told(became([b"\n".join([HEADER, *some, b""])])) if it["line"] == at % len(some) + 2]
    assert without(alone, "raw_line") == without(beside, "raw_line")
    assert alone["failures"] == beside["failures"]


def without(it: dict[str, object], *names: str) -> dict[str, object]:
    """The event but for these columns."""
    event = it["event"]
    assert isinstance(event, dict)
    return {name: value for name, value in event.items() if name not in names}


@given(requests)
def test_a_json_line_becomes_what_its_tabs_would_become(line: bytes) -> None:
    (tabs,), (json_line,) = told(became([HEADER + b"\n" + line + b"\n"])), told(became([in_json(line)]))
    assert without(tabs, "raw_line", "event_id") == without(json_line, "raw_line", "event_id")
    assert (tabs["status"], tabs["reason"], tabs["failures"]) == (
        json_line["status"],
        json_line["reason"],
        json_line["failures"],
    )


@given(st.lists(texts, max_size=6))
def test_the_log_layer_of_a_query_is_undone_once(logged: list[str]) -> None:
    undone = query(pa.array(logged, pa.string())).to_pylist()
    sent = [it if re.search(FOREIGN, it) else it.partition("%23")[0] for it in logged]
    assert [parse_qsl(unquote(it), keep_blank_values=True) for it in sent] == [
        parse_qsl(it, keep_blank_values=True) for it in undone
    ]


def row_by_row(text: str) -> dict[str, str]:
    """What the columnar reader does, said plainly: the last of each name that has a value."""
    return dict(parse_qsl("&".join(part for part in text.split("&") if "=" in part), keep_blank_values=True))


@given(st.lists(queries, min_size=1, max_size=6), st.sampled_from([0, 200]))
def test_columns_of_a_query_are_those_of_a_plain_reader(sent: list[str], most_names: int) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(import_module("pipeline.protocol.query_columns"), "MOST_NAMES", most_names)
        texts, canonical = query_columns(pa.array(sent, pa.string()), NAMES)
    expected = [row_by_row(it) for it in sent]
    assert [{name: it.get(name) for name in NAMES} for it in expected] == [
        {name: texts[name][row].as_py() if name in texts else None for name in NAMES} for row in range(len(sent))
    ]
    assert [
        "".join(f"{name}\x1f{it[name]}\x1f" for name in sorted(it) if name not in {"eid", "stm"}) for it in expected
    ] == canonical.to_pylist()


MS = timedelta(milliseconds=1)
ARRIVED = datetime(2026, 11, 24, 10, 30)  # noqa: DTZ001 - UTC, as all


def event_of(query: str) -> dict[str, str]:
    """The event that this query, as it stands in the log, becomes."""
    (it,) = told(became([HEADER + f"\n2026-11-24\t10:30:00\t-\tGET\t/i\t{query}\t-\n".encode()]))
    event = it["event"]
    assert isinstance(event, dict)
    return event


moments = st.one_of(st.none(), st.integers(-(10**13), 10**14), st.integers(1_790_000_000_000, 1_800_000_000_000))


@given(moments, moments)
def test_an_event_never_happened_after_it_arrived(created: int | None, sent: int | None) -> None:
    sending = {name: it for name, it in (("dtm", created), ("stm", sent)) if it is not None}
    event = event_of("&".join(["e=pv", *(f"{name}={it}" for name, it in sending.items())]))
    waited = max(0, sent - created) if created is not None and sent is not None else 0
    since_1970 = ARRIVED - datetime(1970, 1, 1)  # noqa: DTZ001 - likewise
    expected = ARRIVED - (timedelta(milliseconds=waited) if waited <= since_1970 // MS else timedelta())
    assert expected == datetime.fromisoformat(event["derived_tstamp"]) <= ARRIVED


hidden = st.builds(IpAddress, st.just("mask"), st.integers(1, 4), st.integers(1, 8))
spellings = st.sampled_from(["compressed", "exploded"])
forms = st.sampled_from(["{}", "[{}]", "[{}]:443", "{}%eth0", "{}/64"])


@given(st.ip_addresses(v=6), hidden, forms, spellings, st.sampled_from([str, str.upper]))
def test_no_whole_ipv6_address_is_left(
    address: IPv6Address, how: IpAddress, form: str, spelling: str, write: Callable[[str], str]
) -> None:
    text = getattr(address, spelling)
    left = masked(form.format(write(text)), how)
    assert "x" == left.rpartition(":")[2]
    assert how.ipv6_segments == left.count("x")


@given(st.ip_addresses(v=4), hidden, st.sampled_from(["{}", "{}:41234", "[{}]", "::ffff:{}", "[::FFFF:{}]:80"]))
def test_no_whole_ipv4_address_is_left(address: IPv4Address, how: IpAddress, form: str) -> None:
    left = masked(form.format(address), how)
    assert str(address) not in left
    assert how.ipv4_octets == left.count("x")


@given(st.ip_addresses(), st.sampled_from(["ip", "c-ip"]), st.sampled_from(["drop", "mask"]))
def test_no_address_leaves_the_enrichment(address: IPv4Address | IPv6Address, place: str, keep: str) -> None:
    logged, sent = (address, "") if place == "c-ip" else ("-", f"&ip={quote(str(address))}")
    line = f"2026-11-24\t10:30:00\t{logged}\tGET\t/i\te=pv{sent}\t-"
    rules = Rules(ip_address=IpAddress("mask" if keep == "mask" else "drop"))
    batches = became([HEADER + f"\n{line}\n".encode()], Given(rules))
    assert str(address) not in json.dumps([it.events.to_pylist() for it in batches], default=str)


@given(texts)
def test_the_page_address_is_kept_as_it_was_sent(url: str) -> None:
    event = event_of("e=pv&url=" + quote(quote(url, safe=""), safe=""))
    expected = re.sub(r"[\x00-\x1f\x7f]", "", url.replace("\t", "    ")).replace(" ", "%20")
    assert (expected or None) == event.get("page_url")


@given(st.text(max_size=30))
def test_the_parts_of_an_address_make_the_address(url: str) -> None:
    found = URL.fullmatch(url)
    assert found
    scheme, authority, path, query_part, fragment = found.groups()
    marks = (("", scheme, ":"), ("//", authority, ""), ("", path, ""), ("?", query_part, ""), ("#", fragment, ""))
    assert url == "".join(before + part + after for before, part, after in marks if part is not None)


def members(data: bytes, ends: list[int]) -> bytes:
    """The bytes as a gzip of several members, which end there."""
    marks = [0, *sorted(at % (len(data) + 1) for at in ends), len(data)]
    return b"".join(gzip.compress(data[start:end]) for start, end in pairwise(marks))


@given(logs, st.lists(st.integers(0, 1000), max_size=3), st.data())
def test_a_cut_gzip_gives_what_came_before_the_cut(whole: bytes, ends: list[int], data: st.DataObject) -> None:
    packed = members(whole, ends)
    cut = packed[: data.draw(st.integers(2, len(packed)))]
    before: list[Batch] = []
    with limits(), equals_once():
        with suppress(log_lines.Unreadable):  # none where it is cut between two members
            before.extend(transform([cut], Given()))
        expected, actual = told(became([whole])), told(before)
    assert len(actual) == sum(batch.lines for batch in before)
    known = len(actual) if cut == packed else max(0, len(actual) - 1)  # the last line may be a part of one
    assert expected[:known] == actual[:known]
    assert known == len(expected) or cut != packed
