"""The objects of `firn inspect`: one line of JSON each, in order, in the contract's form."""

import json
from urllib.parse import quote

from pipeline.inspection import lines_of
from pipeline.transform import Given, transform

HEADER = "#Fields: date time cs-method cs-uri-stem cs-uri-query cs(User-Agent)\n"
ENVELOPE = '{"schema":%s"iglu:com.snowplowanalytics.snowplow/contexts/jsonschema/1-0-0","data":[%s]}'
ENTITY = '{"schema":"iglu:org.example/a/jsonschema/1-0-0","data":%s}'


def told(*lines: str, file: str | None = None) -> list[str]:
    log = HEADER + "\n".join(lines) + "\n"
    return [text for batch in transform([log.encode()], Given()) for text in lines_of(batch, file)]


def request(query: str, path: str = "/i", agent: str = "-") -> str:
    return f"2026-11-24\t10:30:00\tGET\t{path}\t{query}\t{agent}"


def sent(text: str) -> str:
    """A value as the log has it."""
    return quote(quote(text, safe=""), safe="")


def test_an_object_has_the_contracts_members_in_its_order() -> None:
    event, ignored, bad = (json.loads(it) for it in told(request("e=pv"), request("e=pv", "/x"), "junk"))
    assert [["line", "status", "reason", "event", "failures"]] * 3 == [list(it) for it in (event, ignored, bad)]
    assert ("event", None, "page_view", []) == (
        event["status"],
        event["reason"],
        event["event"]["event"],
        event["failures"],
    )
    assert {"line": 3, "status": "ignored", "reason": "other_path", "event": {}, "failures": []} == ignored
    assert {"line": 4, "status": "bad_row", "reason": "not_a_log_line", "event": {}, "failures": []} == bad


def test_a_file_that_is_named_comes_first() -> None:
    assert ["file", 'a "b" \u2028.gz'] == next(
        [name, value] for name, value in json.loads(told("junk", file='a "b" \u2028.gz')[0]).items()
    )


def test_the_objects_come_in_the_order_of_the_lines() -> None:
    lines = [request("e=pv"), "junk", request("e=pv", "/x")] * 20
    assert list(range(2, 62)) == [json.loads(it)["line"] for it in told(*lines)]


def test_each_object_is_one_line_of_ascii_whatever_the_tracker_sent() -> None:
    text = ENVELOPE % (" \r\n\t", ENTITY % '"\u2028\u0085 ü \U0001f600 \\ud83d"')
    (line,) = told(request(f"e=pv&co={sent(text)}&page={sent(chr(0x2028))}&vid={sent(chr(0x85))}"))
    assert line.isascii()
    assert [line] == line.splitlines()
    assert json.loads(text) == json.loads(line)["event"]["contexts"]


def test_no_control_character_reaches_a_terminal() -> None:
    control = "".join(map(chr, (*range(32), *range(127, 160), 0x202E, 0x2066, 0xFEFF)))
    text = ENVELOPE % ("", ENTITY % json.dumps(control, ensure_ascii=False))
    lines = told(
        *(request(f"e=pv&{name}={sent(it)}") for name, it in (("page", control), ("vid", control), ("co", text)))
    )
    assert [] == [it for line in lines for it in line if not " " <= it <= "~"]
    assert control[32:] in json.loads(lines[2])["event"]["contexts"]["data"][0]["data"]


def test_json_is_told_as_it_was_sent() -> None:
    data = '{"b":1.10,"a":12345678901234567890123456789012345678901234567890,"a":1E400}'
    (line,) = told(request("e=pv&co=" + sent(ENVELOPE % ("", ENTITY % data))))
    assert f'"contexts": {ENVELOPE % ("", ENTITY % data)}' in line


def test_values_are_told_in_json_kinds_of_their_own() -> None:
    (line,) = told(request("e=se&vid=3&se_va=1.5&tr_tt=9.5&cookie=1&dtm=1&aid=7"))
    for member in (
        '"domain_sessionidx": 3',
        '"se_value": 1.5',
        '"tr_total": 9.50',
        '"br_cookies": true',
        '"dvce_created_tstamp": "1970-01-01 00:00:00.001"',
        '"app_id": "7"',
    ):
        assert member in line


def test_neither_the_runs_time_nor_nulls_are_told() -> None:
    (line,) = told(request("e=pv"))
    event = json.loads(line)["event"]
    assert ("etl_tstamp" in event, "failures" in event, None in event.values()) == (False, False, False)


def test_the_user_agents_parts_are_all_twelve() -> None:
    (line,) = told(request("e=pv", agent="Firn"))
    (context,) = json.loads(line)["event"]["derived_contexts"]["data"]
    assert "iglu:com.snowplowanalytics.snowplow/ua_parser_context/jsonschema/1-0-0" == context["schema"]
    assert 12 == len(context["data"])
