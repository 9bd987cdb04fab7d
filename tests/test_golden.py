"""Each folder of `golden/` is a raw log and the objects that `firn inspect` gives of it."""

import json
from pathlib import Path
from typing import Any

import pytest

from pipeline import VERSION
from pipeline.inspection import lines_of
from pipeline.raw import chunks
from pipeline.settings import load
from pipeline.transform import Given, transform

GOLDEN = Path(__file__).parent / "golden"
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


def test_each_event_tells_the_release_and_the_rules_that_made_it() -> None:
    case = GOLDEN / "own_visit"
    expected = {f"firn-{VERSION}-{load(case / 'firn.toml').rules.digest}"}
    assert expected == {it["event"]["v_etl"] for it in inspected(case) if it["status"] == "event"}


def test_no_golden_case_is_made_from_nothing() -> None:
    assert [] == [case for case in CASES if not (GOLDEN / case / "inspect.jsonl").read_text(encoding="utf-8")]
