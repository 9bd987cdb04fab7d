"""Self-describing JSON: what is read once for many texts is what each of them says by itself."""

import base64
from collections.abc import Callable
from typing import Any, NamedTuple

import pyarrow as pa
from hypothesis import given
from hypothesis import strategies as st

from pipeline.protocol import of_words, read
from pipeline.protocol.kinds import Described
from pipeline.protocol.parameters import PARAMETERS, Parameter
from pipeline.protocol.self_describing import alike, base64_json, base64_texts, contexts, parsed, unstruct_event
from tests.tabled import table

SNOWPLOW = "iglu:com.snowplowanalytics.snowplow"
EXAMPLE = '"iglu:org.example/signup/jsonschema/1-0-0"'
DESCRIBED = [it for it in PARAMETERS if isinstance(it.kind, Described)]

# What may stand where a value ought to, sound or not.
STRINGS = (
    *('""', '"a"', '"a b"', '"x:"', '":"', '"::"', '":5"', '"a:1.5"', '"10:30:00"', '"2026-11-24T10:30:00+01:00"'),
    *('"https://example.com:8080/a?b=c:d"', '"example.com:8080"', r'"a\"b"', r'"\":\""', r'"\\"', r'"a:\\"', r'"a:\"'),
    *(r'"\u003a"', r'"\ud800"', r'"\:"', r'"\a"', r'":\a"', '"a\tb"', '"ü:1"', '"[{"', '"}]"', '"a" "b"', '"a""b"'),
    *('"a":"b"', '"x:" "y"', '"x:""y"', '"x:"1', '"x:5"6', '"', r"\"", "'a'", r'",\":\""'),
)
NUMBERS = (
    *("0", "-0", "01", "00", "7", "-7", "+7", "1.5", "1.", ".5", "1.5.5", "0.1", "1e5", "1E+5", "1e", "1.5e400"),
    *("0x7", "1_000", "2026-11-24", "10:30", "12345678901234567890", "0.1234567891234", "1 2", "5a", '5"a"', '5""'),
    *("1" * 16, "1" * 400, "NaN", "Infinity", "-", "true", "null", "nul", "\u0667", ""),
)
ENVELOPES = [f'"{SNOWPLOW}/{name}/jsonschema/1-0-0"' for name in ("contexts", "unstruct_event")]
SCHEMAS = (
    *(EXAMPLE, EXAMPLE.replace("/", r"\/"), *ENVELOPES),
    *('"iglu:org.example"', '"iglu:org.example:a"', '""', "5", "{}", '"iglu:org.example/a/jsonschema/1-0"'),
)
FRAMES = (
    "{}",
    "[{}]",
    '{{"a":{}}}',
    '{{"a":{},"b":{}}}',
    '{{"a":1,{}:2}}',
    '{{"schema":ENVELOPE,"data":[{{"schema":EXAMPLE,"data":{{"a":{},"b":2}}}}]}}',
    '{{"schema":ENVELOPE,"data":{{"schema":EXAMPLE,"data":{}}}}}',
    '{{"schema":ENVELOPE,"data":[{{"schema":{},"data":{{}}}}]}}',
    '{{"schema":ENVELOPE,"data":{{"schema":{},"data":{{}}}}}}',
    '{{"schema":ENVELOPE,"data":{{"schema":EXAMPLE,"schema":{},"data":5}}}}',
    '{{"schema":{},"schema":ENVELOPE,"data":{{"data":5,"schema":EXAMPLE}}}}',
    r'{{"sch\u0065ma":ENVELOPE,"data":{{"d\u0061ta":{},"schema":EXAMPLE}}}}',
)
ODD = [
    frame.replace("EXAMPLE", EXAMPLE).replace("ENVELOPE", envelope).format(value, value)
    for frame in FRAMES
    for envelope in ENVELOPES
    for value in (*STRINGS, *NUMBERS, *SCHEMAS)
]

strings, numbers, schemas = (st.sampled_from(it) for it in (STRINGS, NUMBERS, SCHEMAS))
keys = st.sampled_from(
    ['"a"', '"a:"', '":"', '"a:5"', '"schema"', '"data"', r'"sch\u0065ma"', r'"d\u0061ta"', '"a":"b"', "a", '""', "5"]
)
colons = st.sampled_from([":"] * 6 + [": ", " :", "\n:\t", "::", ""])
commas = st.sampled_from([","] * 6 + [", ", ",,", "", " "])


def members(names: st.SearchStrategy[str], values: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    return st.tuples(names, colons, values).map("".join)


def listed(some: st.SearchStrategy[str], start: str, end: str) -> st.SearchStrategy[str]:
    return st.builds(lambda them, comma: start + comma.join(them) + end, st.lists(some, max_size=4), commas)


leaves = st.one_of(strings, numbers, schemas)
anything = st.recursive(
    leaves, lambda it: st.one_of(listed(it, "[", "]"), listed(members(keys, it), "{", "}")), max_leaves=6
)
described = st.builds(
    "".join,
    st.tuples(
        st.just("{"),
        listed(members(keys, anything), "", ","),
        st.just('"schema":'),
        schemas,
        st.sampled_from([",", ', "data":1,', ',"schema":5,', ',"schema":"a",']),
        st.sampled_from(['"data":', r'"d\u0061ta":', '"data": ']),
        anything,
        listed(members(keys, anything), ",", "}"),
    ),
).map(lambda it: it.replace("{,", "{").replace(",}", "}"))
whole = st.builds('{{"schema":{},"data":{}}}'.format, st.just(EXAMPLE), anything)
entities = st.one_of(anything, described, whole)
envelopes = st.one_of(
    st.builds(
        f'{{{{"schema":"{SNOWPLOW}/contexts/jsonschema/1-0-0","data":{{}}}}}}'.format, listed(entities, "[", "]")
    ),
    st.builds(f'{{{{"schema":"{SNOWPLOW}/unstruct_event/jsonschema/1-0-0","data":{{}}}}}}'.format, entities),
)
soup = st.lists(st.one_of(leaves, keys, st.sampled_from(list('{}[],:" \\'))), max_size=8).map("".join)
texts = st.one_of(envelopes, described, anything, soup)


def sound(text: str) -> bool:
    """Whether it is JSON, which `parsed` raises ValueError for where it is not."""
    parsed(text)
    return True


def said(reader: Callable[[str], Any], text: str) -> object:
    """What the reader returns, or None where it refuses the text."""
    try:
        return reader(text)
    except ValueError:
        return None


def fits(text: str, shape: str) -> bool:
    """Whether nothing is said of the shape, sound and a schema named, that would not be said of the text."""
    return all(said(it, shape) in {None, said(it, text)} for it in (contexts, unstruct_event)) and (
        said(sound, shape) in {None, said(sound, text)}
    )


def test_an_odd_text_is_no_sounder_for_what_stands_for_it() -> None:
    shapes = alike(pa.array(ODD)).to_pylist()
    assert [] == [(text, shape) for text, shape in zip(ODD, shapes, strict=True) if not fits(text, shape)]


@given(texts)
def test_no_text_is_sounder_for_what_stands_for_it(text: str) -> None:
    (shape,) = alike(pa.array([text])).to_pylist()
    assert fits(text, shape)


@given(st.sampled_from(DESCRIBED), st.lists(texts, min_size=1, max_size=6))
def test_texts_are_read_together_as_each_by_itself(parameter: Parameter, some: list[str]) -> None:
    kind, names = parameter.kind, parameter.columns
    assert isinstance(kind, Described)
    words = [base64.urlsafe_b64encode(it.encode()).decode() if kind.unpacked else it for it in some]
    values, errors = read(kind, some)
    expected = [
        (text, *value) if value is not None else (None,) * len(names) for text, value in zip(some, values, strict=True)
    ]
    columns, told = of_words(parameter, pa.array(words, pa.string()))
    assert expected == list(zip(*(columns[it].to_pylist() for it in names), strict=True))
    assert errors == told


def test_texts_that_differ_in_simple_values_alone_are_alike() -> None:
    frame = FRAMES[5].replace("EXAMPLE", EXAMPLE).replace("ENVELOPE", ENVELOPES[0])
    some = [frame.format(it, it) for it in ('"b"', "1.5", "20", '"x:y"', '""', '"2026-11-24T10:30:00+01:00"')]
    (shape,) = set(alike(pa.array(some)).to_pylist())
    assert () == contexts(shape)


class Base64(NamedTuple):
    why: str
    base64: str
    text: str


@table("base64", Base64)
def test_base64_stands_for_a_text(case: Base64) -> None:
    assert case.text == base64_json(case.base64)


encoded = st.builds(
    lambda raw, encoder, ending: encoder(raw).decode().rstrip("=") + ending,
    st.one_of(st.binary(max_size=9), st.sampled_from([b"\0", b"{}\0\0", '{"ü":1}'.encode(), b"\xfb\xff\xbf"])),
    st.sampled_from([base64.b64encode, base64.urlsafe_b64encode]),
    st.sampled_from(["", "", "=", "==", "A", "=A==", " ", "\n", "%", "é"]),
)


@given(st.lists(encoded, max_size=4))
def test_words_are_decoded_together_as_each_by_itself(words: list[str]) -> None:
    assert list(map(base64_json, words)) == base64_texts(pa.array(words, pa.string())).to_pylist()
