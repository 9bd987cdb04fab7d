"""Each folder of `golden/` is a raw log and the objects that `firn inspect` gives of it."""

import json
import re
from pathlib import Path
from typing import Any

import pytest

from pipeline import VERSION
from pipeline.inspection import lines_of
from pipeline.protocol.parameters import PARAMETERS
from pipeline.raw import chunks
from pipeline.schema.columns import EVENTS
from pipeline.settings import load
from pipeline.transform import Given, transform
from tests.columns_page import NOTHING, source

GOLDEN = Path(__file__).parent / "golden"
BEYOND_INSPECT = {"etl_tstamp", "failures", "raw_object", "v_etl"}  # of which it says nothing, or the tests nothing
CASES = sorted(it.name for it in GOLDEN.iterdir())


def inspected(case: Path) -> list[dict[str, Any]]:
    """What becomes of each line of the case's log, under its settings if it has some."""
    settings = case / "firn.toml"
    given = Given(load(settings if settings.exists() else None).rules)
    (log,) = case.glob("raw.log*")
    return [json.loads(text) for batch in transform(chunks(log), given) for text in lines_of(batch, None)]


def without_release(told: dict[str, Any]) -> dict[str, Any]:
    """The object without `v_etl`, which changes with each release."""
    return told | {"event": {name: value for name, value in told["event"].items() if name != "v_etl"}}


@pytest.mark.parametrize("case", CASES)
def test_a_log_gives_the_objects_that_were_read_and_kept(case: str, rewrite_golden: bool) -> None:  # noqa: FBT001 - a fixture
    expected, actual = GOLDEN / case / "inspect.jsonl", [without_release(it) for it in inspected(GOLDEN / case)]
    if rewrite_golden:
        expected.write_text("".join(f"{json.dumps(it)}\n" for it in actual), encoding="utf-8")
    assert [json.loads(text) for text in expected.read_text(encoding="utf-8").split("\n") if text] == actual


def test_an_odd_line_of_json_becomes_alone_what_it_becomes_among_others() -> None:
    case = GOLDEN / "v2_json_odd_values"
    texts = (case / "raw.log").read_bytes().splitlines()
    alone = [json.loads(it) for text in texts for batch in transform([text], Given()) for it in lines_of(batch, None)]
    for it, line in zip(alone, range(1, len(texts) + 1), strict=True):
        it["line"] = line
        it["event"] |= {"raw_line": line} if it["event"] else {}
    assert inspected(case) == alone


def test_each_event_tells_the_release_and_the_rules_that_made_it() -> None:
    case = GOLDEN / "own_visit"
    expected = {f"firn-{VERSION}-{load(case / 'firn.toml').rules.digest}"}
    assert expected == {it["event"]["v_etl"] for it in inspected(case) if it["status"] == "event"}


def test_no_golden_case_is_made_from_nothing() -> None:
    assert [] == [case for case in CASES if not (GOLDEN / case / "inspect.jsonl").read_text(encoding="utf-8")]


def test_each_parameter_has_a_golden_case() -> None:
    logs = "".join(it.read_text(encoding="utf-8", errors="replace") for it in GOLDEN.glob("*/raw.log"))
    assert [] == [it.name for it in PARAMETERS if not re.search(rf"[\t&\"]{it.name}=", logs)]


def test_each_column_that_anything_fills_has_a_golden_case() -> None:
    told = [json.loads(line) for it in GOLDEN.glob("*/inspect.jsonl") for line in it.read_text("utf-8").splitlines()]
    filled = {name for it in told for name in it["event"]}
    assert BEYOND_INSPECT == {it.name for it in EVENTS if source(it.name) != NOTHING} - filled
