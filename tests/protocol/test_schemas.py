"""The owner's own schemas: what does not fit is told and kept, what is unknown passes and is counted."""

import base64
import json
from pathlib import Path
from typing import Any
from urllib.parse import quote, unquote

import pytest

from enrich.rules import Rules
from pipeline.json_schema import misfit
from pipeline.schemas_folder import schemas_in
from pipeline.transform import Given, transform

HEADER = "#Fields: date time cs-method cs-uri-stem cs-uri-query"
SIGNUP = "iglu:org.example/signup/jsonschema/1-0-0"
SCHEMAS = {
    SIGNUP: json.dumps(
        {
            "$schema": "http://iglucentral.com/schemas/com.snowplowanalytics.self-desc/schema/jsonschema/1-0-0#",
            "self": {"vendor": "org.example", "name": "signup", "format": "jsonschema", "version": "1-0-0"},
            "type": "object",
            "properties": {
                "id": {"type": "string", "format": "uuid"},
                "plan": {"type": "string", "pattern": "^([a-z]+)+$"},
                "seats": {"type": "integer", "minimum": 0, "exclusiveMinimum": True},
                "colour": {"type": "string", "default": "red"},
            },
            "required": ["plan"],
            "additionalProperties": False,
        }
    )
}


def described(*data: Any, schema: str = SIGNUP) -> list[dict[str, Any]]:  # noqa: ANN401 - any JSON value
    return [{"schema": schema, "data": it} for it in data]


def envelope(name: str, data: object) -> str:
    schema = f"iglu:com.snowplowanalytics.snowplow/{name}/jsonschema/1-0-0"
    return quote(quote(json.dumps({"schema": schema, "data": data}), safe=""), safe="")


def became(*queries: str, schemas: dict[str, str] = SCHEMAS) -> list[dict[str, Any]]:
    log = "\n".join([HEADER, *(f"2026-11-24\t10:30:00\tGET\t/i\t{it}" for it in queries), ""])
    (batch,) = transform([log.encode()], Given(Rules(schemas=schemas)))
    rows = batch.events.to_pylist()
    return [row | {"failures": json.loads(row["failures"] or "[]")} for row in rows]


def test_what_does_not_fit_is_told_under_its_parameter_and_kept() -> None:
    event, context = envelope("unstruct_event", *described({"plan": 1})), envelope("contexts", described({}))
    (row,) = became(f"e=ue&ue_pr={event}&co={context}")
    assert ("signup", {"plan": 1}) == (row["event_name"], json.loads(row["unstruct_event"])["data"]["data"])
    assert row["contexts"] is not None
    assert [
        ("contexts", "co", {"schema": SIGNUP, "data": {}}, f"{SIGNUP}: data must contain ['plan'] properties"),
        ("unstruct_event", "ue_pr", {"schema": SIGNUP, "data": {"plan": 1}}, f"{SIGNUP}: data.plan must be string"),
    ] == [(it["column"], it["parameter"], json.loads(it["value"]), it["error"]) for it in row["failures"]]


def test_each_entity_has_a_failure_of_its_own() -> None:
    fits, wrong = {"plan": "free"}, {"plan": "free", "seats": 0}
    (row,) = became("e=pv&co=" + envelope("contexts", described(wrong, fits, wrong)))
    assert [f"{SIGNUP}: data.seats must be bigger than 0"] * 2 == [it["error"] for it in row["failures"]]


def test_what_fits_is_left_as_it_was_sent() -> None:
    sent = described({"plan": "free", "seats": 1, "id": "c0ffee00-0000-4000-8000-000000000000"})
    (row,) = became("e=pv&co=" + envelope("contexts", sent))
    assert ([], None) == (row["failures"], row["unknown_schemas"])
    assert sent == json.loads(row["contexts"])["data"]


def test_an_unknown_schema_passes_and_is_counted() -> None:
    other = described(1, 2, schema="iglu:org.example/other/jsonschema/1-0-0")
    older = described({}, schema=SIGNUP.replace("1-0-0", "1-0-1"))
    rows = became("e=pv&co=" + envelope("contexts", other + older), "e=pv")
    assert [([], 3), ([], None)] == [(row["failures"], row["unknown_schemas"]) for row in rows]


def test_without_a_folder_nothing_is_checked_or_counted() -> None:
    (row,) = became("e=pv&co=" + envelope("contexts", described(1)), schemas={})
    assert ([], None) == (row["failures"], row["unknown_schemas"])


def test_of_two_spellings_the_one_that_counts_is_checked() -> None:
    right, wrong = (envelope("contexts", described(it)) for it in ({"plan": "free"}, {}))
    plain = base64.urlsafe_b64encode(unquote(unquote(wrong)).encode()).decode().rstrip("=")
    assert [0, 1] == [len(row["failures"]) for row in became(f"e=pv&co={right}&cx={plain}", f"e=pv&cx={plain}")]


def test_each_distinct_schema_is_compiled_once() -> None:
    schemas = {SIGNUP: SCHEMAS[SIGNUP] + " ", SIGNUP + "1": SCHEMAS[SIGNUP] + " "}
    before = misfit.cache_info().misses
    became(*["e=pv&co=" + envelope("contexts", described({}, {}))] * 20, schemas=schemas)
    assert 1 == misfit.cache_info().misses - before


# fmt: off
VALUES: list[tuple[Any, Any, str | None]] = [
    ({"type": "string"}, "a", None),
    ({"type": "string"}, 1, "data must be string"),
    ({"type": ["string", "null"]}, None, None),
    ({"type": "integer"}, True, "data must be integer"),
    ({"type": "integer"}, 10**400, None),
    ({"pattern": "^(a+)+$"}, "a" * 5000, None),
    ({"pattern": "^(a+)+$"}, "a" * 5000 + "!", "data must be like ^(a+)+$"),
    ({"pattern": "^(a|a)*$"}, "a" * 5000 + "!", "data must be like ^(a|a)*$"),
    ({"pattern": "b"}, "abc", None),
    ({"pattern": "b"}, 1, None),
    ({"anyOf": [{"pattern": "a"}, {"pattern": "b"}]}, "b", None),
    ({"allOf": [{"minLength": 2}], "pattern": "a"}, "a", "data must be longer than or equal to 2 characters"),
    ({"properties": {"pattern": {"type": "integer"}}}, {"pattern": 1}, None),
    ({"properties": {"id": {"pattern": "^x"}}}, {"id": "y"}, "data.id must be like ^x"),
    ({"patternProperties": {"^a[0-9]+": {"type": "null"}}}, {"a1": 1}, "data.a1 must be null"),
    ({"format": "uuid"}, "c0ffee", "data must be uuid"),
    ({"format": "date"}, "2026-13-01", "data must be date"),
    ({"format": "date-time"}, "yesterday", "data must be date-time"),
    ({"format": 'nobody"knows'}, "a", None),
    ({"multipleOf": 0}, 4, "cannot be held against its schema: integer modulo by zero"),
    ({"$ref": "#"}, 1, "the schema refers to itself without end"),
    ({"$ref": "#/definitions/a", "definitions": {"a": {"pattern": "^x"}}}, "y", "data must be like ^x"),
    ({"properties": {"a": {"$ref": "#"}}, "maxProperties": 1}, {"a": {"a": {}}}, None),
    ({"required": ['a"]+exit()+["']}, {'a"]+exit()+["': 1}, None),
]
# fmt: on


@pytest.mark.parametrize(("schema", "value", "error"), VALUES, ids=[f"{it[0]} {it[1]!r:.40}" for it in VALUES])
def test_a_schema_says_what_is_wrong_with_a_value(schema: object, value: object, error: str | None) -> None:
    assert error == misfit(json.dumps(schema))(value)


UNUSABLE = [
    ("", "Expecting value: line 1 column 1 (char 0)"),
    ("[]", "no JSON object"),
    ('{"type": "nonsense"}', "no JSON Schema: Unknown type"),
    ('{"type": {}}', "no JSON Schema: unhashable type: 'dict'"),
    ('{"minimum": 1e400}', "1e400 is no number of a schema"),
    ('{"minimum": NaN}', "NaN is no number of a schema"),
    ('{"properties": 5}', "no JSON Schema: 'int' object has no attribute 'items'"),
    ('{"$ref": "http://127.0.0.1/x"}', "it refers to another schema, and none is ever fetched: http://127.0.0.1/x"),
    ('{"not": {"$ref": "file:///x"}}', "it refers to another schema, and none is ever fetched: file:///x"),
    ('{"pattern": "(?=a)b"}', "Invalid regular expression: invalid perl operator: (?="),
    ('{"patternProperties": {"^(a+)+$": {}}}', "a pattern of patternProperties repeats more than once: ^(a+)+$"),
    ('{"not":' * 200 + "{}" + "}" * 200, "too large or too deep a schema"),
    ('{"not":' * 100_000 + "{}" + "}" * 100_000, "too large or too deep a schema"),
]


@pytest.mark.parametrize(("schema", "error"), UNUSABLE, ids=[f"{it[0]:.40}" for it in UNUSABLE])
def test_a_schema_that_could_harm_or_is_none_is_refused(schema: str, error: str) -> None:
    with pytest.raises(ValueError) as told:  # noqa: PT011 - its text is compared below
        misfit(schema)
    assert error == str(told.value)


def test_the_trackers_own_schemas_are_found_in_their_folder() -> None:
    found = schemas_in(Path(__file__).parents[2] / "tracker" / "schemas")
    assert "iglu:com.firn-analytics/page_leave/jsonschema/1-0-0" in found
    assert all(json.loads(text)["self"]["name"] == address.split("/")[1] for address, text in found.items())
