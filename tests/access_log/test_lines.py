"""Bytes → numbered lines: over-long ones, odd bytes, damaged gzip, and the seams between blocks."""

import gzip
import json
import zlib

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.access_log import json_lines, lines, requests

LONGEST, KEPT = 20, 8


def read(*chunks: bytes) -> list[tuple[int, str, int, str | None]]:
    """The data lines of these chunks: number, text, length, fault."""
    tables = [lines.data_lines(block) for block in lines.blocks(chunks)]
    return [tuple(row.values()) for table in tables for row in table.to_pylist()]


@pytest.fixture
def short(monkeypatch: pytest.MonkeyPatch) -> None:
    """Lines are over-long sooner."""
    monkeypatch.setattr(lines, "LONGEST", LONGEST)
    monkeypatch.setattr(lines, "KEPT", KEPT)


def test_a_line_ends_at_a_newline_only() -> None:
    text = "a\rb\x0bc\x0cd\x1ce\x85f\u2028g"
    assert [(1, text, len(text.encode()), None), (2, "h", 1, None)] == read(f"{text}\nh".encode())


def test_one_carriage_return_at_the_end_is_dropped_and_counted() -> None:
    assert [(1, "a", 2, None), (2, "b\r", 3, None)] == read(b"a\r\nb\r\r\n")


def test_blank_lines_are_counted_and_not_given() -> None:
    assert [(3, "a", 1, None), (6, "b", 1, None)] == read(b"\n \t\r\na\n\x0b\x0c\n\nb\n\n")


def test_the_length_is_that_of_the_bytes_and_not_of_what_could_be_read() -> None:
    assert [(1, "\ufffd\ufffd", 2, None), (2, "ü", 2, None)] == read(b"\xff\xfe\n\xc3\xbc\n")


@pytest.mark.usefixtures("short")
@pytest.mark.parametrize("size", [1, 2, 7, 21, 1000])
@pytest.mark.parametrize("end", [b"", b"\n", b"\r\n", b"\nlast"])
@pytest.mark.parametrize("length", [LONGEST - 1, LONGEST, LONGEST + 1, 10 * LONGEST])
def test_of_an_over_long_line_the_start_and_the_length_are_kept(length: int, end: bytes, size: int) -> None:
    data = b"first\n" + b"x" * length + end
    whole = length + end.startswith(b"\r")
    fault = "line_too_long" if whole > LONGEST else None
    expected = [(1, "first", 5, None), (2, "x" * (KEPT if fault else length), whole, fault)]
    expected += [(3, "last", 4, None)] if end == b"\nlast" else []
    assert expected == read(*(data[at : at + size] for at in range(0, len(data), size)))


@pytest.mark.usefixtures("short")
def test_no_letter_is_parted_where_an_over_long_line_is_cut() -> None:
    assert [(1, "xüüü", 41, "line_too_long")] == read(b"x" + "ü".encode() * 20)


@pytest.mark.usefixtures("short")
def test_an_over_long_line_that_begins_blank_is_not_taken_for_blank() -> None:
    assert [(1, " " * KEPT, 31, "line_too_long")] == read(b" " * 30 + b"x")
    assert [(1, " " * KEPT, 31, "line_too_long")] == read(b" " * 15, b" " * 15 + b"x")
    assert [(1, " " * KEPT, 31, "line_too_long")] == read(b" " * 31)  # nor is one looked through that is


def test_the_parts_of_a_gzip_are_one_log() -> None:
    packed = gzip.compress(b"a\nb") + gzip.compress(b"c\n")
    assert [(1, "a", 1, None), (2, "bc", 2, None)] == read(packed)


@pytest.mark.parametrize(
    ("data", "text"), [(b"\x1f", "\x1f"), (b"\x1f\x8c", "\x1f\ufffd"), (b"\x8b\x1f", "\ufffd\x1f")]
)
def test_what_does_not_begin_as_gzip_is_read_as_it_is(data: bytes, text: str) -> None:
    assert [(1, text, len(data), None)] == read(data)


def with_wrong(packed: bytes, at: int) -> bytes:
    return packed[:at] + bytes([packed[at] ^ 0xFF]) + packed[at:][1:]


PACKED = gzip.compress(b"a\nb\n", mtime=0)


@pytest.mark.parametrize(
    "packed",
    [
        PACKED[:2],
        PACKED[:-1],
        PACKED[:-8],
        with_wrong(PACKED, len(PACKED) - 8),
        with_wrong(PACKED, len(PACKED) - 1),
        PACKED + b"more",
        b"\x1f\x8b\x08\x00no gzip at all",
    ],
    ids=["two bytes", "length cut", "trailer cut", "wrong checksum", "wrong length", "something after it", "no gzip"],
)
def test_a_gzip_that_is_cut_or_damaged_is_unreadable(packed: bytes) -> None:
    with pytest.raises(lines.Unreadable):
        read(packed)


@pytest.mark.parametrize("packed", [PACKED[:-1], PACKED[:-8], with_wrong(PACKED, len(PACKED) - 1)])
def test_what_came_before_the_damage_is_given_first(packed: bytes) -> None:
    given_first: list[str] = []
    with pytest.raises(lines.Unreadable):
        given_first.extend(it for table in requests([packed]) for it in table["text"].to_pylist())
    assert ["a", "b"] == given_first


def test_zeros_after_a_gzip_are_padding() -> None:
    assert [(1, "a", 1, None), (2, "b", 1, None)] == read(PACKED + b"\0" * 512)


def test_a_small_gzip_of_one_endless_line_takes_little_memory() -> None:
    packer = zlib.compressobj(9, zlib.DEFLATED, 31)
    packed = b"".join([*(packer.compress(b"x" * (1 << 20)) for _ in range(64)), packer.flush()])
    before = pa.total_allocated_bytes()
    ((_, text, length, fault),) = read(packed)
    assert (lines.KEPT, 64 << 20, "line_too_long") == (len(text), length, fault)
    assert pa.total_allocated_bytes() - before < 8 << 20


def test_many_tiny_lines_come_in_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lines, "MOST", 100)
    monkeypatch.setattr(lines, "PIECE", 64)
    assert [100] * 12 + [80] == [it.lines for it in lines.blocks([b"\n" * 64] * 20)]


# JSON lines: Arrow's reader takes all at once, Python's the few that it stumbles over. They must agree.

fields = st.sampled_from(["date", "cs-method", "x", ""])
numbers = st.sampled_from(["0", "-1", "1.50", "1e400", "9" * 5000, "NaN", "01"])
scalars = st.one_of(numbers, st.sampled_from(["null", "true"]), st.text(max_size=5).map(json.dumps))
values = st.one_of(
    scalars, scalars.map("[{}]".format), scalars.map('{{"date": {}}}'.format), st.just("[" * 3000 + "]" * 3000)
)
objects = st.lists(st.tuples(fields, values), max_size=4).map(
    lambda members: "{" + ", ".join(f'"{name}": {value}' for name, value in members) + "}"
)
broken = st.sampled_from(
    [
        "{",
        '{"date": "a"}\x0b',
        '{"date":',
        '{"x":{}',
        "{}{}",
        '{"date": "a"}}',
        '{"date": "a\\ud800"}',
        "{'date': 1}",
        '{"date": "\x01"}',
    ]
)


def fields_of(texts: list[str]) -> list[dict[str, object]]:
    """What each line gives, in order."""
    numbered = {"line": list(range(len(texts))), "text": texts, "length": [0] * len(texts)}
    table = pa.table(numbered).append_column("fault", pa.nulls(len(texts), pa.string()))
    parts = [row for part in json_lines.fields(table) for row in part.to_pylist()]
    return sorted(parts, key=lambda row: row["line"])


@given(st.lists(st.one_of(objects, broken), min_size=1, max_size=5))
def test_a_json_line_is_read_alike_alone_and_among_others(texts: list[str]) -> None:
    alone = [fields_of([text])[0] | {"line": at} for at, text in enumerate(texts)]
    assert alone == fields_of(texts)


@pytest.mark.parametrize("count", [1, 63, 64, 65, 500])
def test_one_broken_line_harms_no_other(count: int) -> None:
    texts = [f'{{"date": "{at}"}}' for at in range(count)]
    texts[count // 2] = '{"date": '
    expected = [(None, "not_json") if at == count // 2 else (str(at), None) for at in range(count)]
    assert expected == [(it["date"], it["fault"]) for it in fields_of(texts)]


def test_lines_that_were_cut_are_not_looked_at_one_by_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(json_lines, "one_by_one")
    texts = ["{", '{"date": "a"} \t\r', '{"date": "b', "{}\x0b"] * 50
    assert [(None, "not_json"), ("a", None), *[(None, "not_json")] * 2] * 50 == [
        (it["date"], it["fault"]) for it in fields_of(texts)
    ]


def test_an_object_over_two_lines_is_none_even_beside_a_line_of_two() -> None:
    assert ["not_json"] * 3 == [it["fault"] for it in fields_of(['{"x":', '{"y": 1}}', "{}{}"])]


@pytest.mark.parametrize("value", ["9" * 5000, "[" * 3000 + "]" * 3000])
def test_what_python_alone_would_refuse_is_passed_over_beside_a_broken_line_too(value: str) -> None:
    line = f'{{"x": {value}, "date": "a"}}'
    assert [("a", None), (None, "not_json")] == [(it["date"], it["fault"]) for it in fields_of([line, "{"])]


@pytest.mark.parametrize("character", ["\t", "\0", "\x1f", "\r"])
def test_a_control_character_may_stand_in_a_text_as_it_is(character: str) -> None:
    line = f'{{"date": "a{character}b"}}'
    assert [(f"a{character}b", None), ("c", None)] == [
        (it["date"], it["fault"]) for it in fields_of([line, '{"date": "c"}'])
    ]


def test_a_field_that_is_no_text_is_taken_for_its_text() -> None:
    line = '{"timestamp(ms)": 1795516200123, "date": 1.50, "cs-method": true, "c-ip": null, "time": ["a"]}'
    (row,) = fields_of([line])
    names = ("timestamp(ms)", "date", "cs-method", "c-ip", "time")
    assert ["1795516200123", "1.50", "true", None, '["a"]'] == [row[it] for it in names]
