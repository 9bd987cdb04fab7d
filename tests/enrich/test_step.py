"""What a step remembers from block to block, and what it does not."""

from typing import NamedTuple

import pyarrow as pa
import pytest

from enrich.rules import Campaigns, Rules
from enrich.step import LONGEST_REMEMBERED, Fault, per_distinct


class Seen(NamedTuple):
    length: int | Fault | None


def block(*texts: str | None) -> pa.Table:
    return pa.table({"text": pa.array(texts, pa.string())})


@pytest.mark.parametrize(
    ("again", "calls"),
    [("a", 1), ("b", 2), ("a" * LONGEST_REMEMBERED, 1), ("a" * (LONGEST_REMEMBERED + 1), 2)],
)
def test_a_short_text_is_looked_at_once(again: str, calls: int) -> None:
    met: list[str | None] = []

    def seen(text: str | None) -> Seen:
        met.append(text)
        return Seen(Fault("t", text, "odd") if text == "b" else len(text or ""))

    step = per_distinct(seen)
    first = again if again != "b" else "a"
    step.columns(block(first, first), Rules())
    columns, faults = step.columns(block(None, again, again), Rules())
    assert calls == len([it for it in met if it])
    assert [0, *[None if again == "b" else len(again)] * 2] == columns["length"].to_pylist()
    assert ([1, 2] if again == "b" else []) == [it.row for it in faults]


def test_no_address_is_remembered() -> None:
    met: list[str] = []

    def seen(c_ip: str) -> Seen:
        met.append(c_ip)
        return Seen(len(c_ip))

    step, address = per_distinct(seen), pa.table({"c_ip": ["192.0.2.7"]})
    for _ in range(2):
        assert [9] == step.columns(address, Rules())[0]["length"].to_pylist()
    assert ["192.0.2.7"] * 2 == met


def test_what_is_remembered_holds_under_the_same_rules_alone() -> None:
    def seen(text: str | None, *, rules: Rules) -> Seen:
        return Seen(len(rules.campaigns.click_ids) if text else None)

    step = per_distinct(seen)
    for many in (1, 2, 1):
        rules = Rules(campaigns=Campaigns(click_ids={str(it): "x" for it in range(many)}))
        assert [many] == step.columns(block("a"), rules)[0]["length"].to_pylist()


def test_rules_are_equal_where_every_decision_is() -> None:
    one, other = {"a": "x", "b": "y"}, {"b": "y", "a": "x"}  # the order counts: the first click id wins
    assert Rules() == Rules()
    assert Rules(campaigns=Campaigns(click_ids=one)) != Rules(campaigns=Campaigns(click_ids=other))
    assert Rules() != "rules"
