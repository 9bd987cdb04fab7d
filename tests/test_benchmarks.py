"""What the benchmarks make of what they measure; how long anything takes is no test's business."""

import json
from functools import partial
from pathlib import Path

import pytest

from benchmarks import logs
from benchmarks.__main__ import RESULTS, with_rows
from benchmarks.enrichment import made
from benchmarks.figures import Figure, as_values, missed, row, table
from benchmarks.floor import floor
from benchmarks.given import given
from benchmarks.turns import least_seconds

ROOT = Path(__file__).parent.parent
FAST = Figure("fast", "µs", 20.0, 8.0, times_floor=2.8)
SLOW = Figure("slow", "µs", 24.0, 8.0, at_most=30, times_floor=2.8)
ABSENT = Figure("absent", "µs", None, at_most=1, otherwise="not installed")


@pytest.mark.parametrize(
    ("figure", "ratio"), [(FAST, 2.5), (SLOW, 3.0), (ABSENT, None), (Figure("a", "ms", 1.0), None)]
)
def test_a_ratio_is_what_was_measured_over_its_floor(figure: Figure, ratio: float | None) -> None:
    assert (ratio, ratio) == (figure.ratio, as_values(figure)["ratio"])


@pytest.mark.parametrize(
    ("figure", "holds"),
    [
        (Figure("a", "events", 40_000.0, at_least=40_000), True),
        (Figure("a", "events", 39_999.0, at_least=40_000), False),
        (Figure("a", "MB", 512.0, at_most=512), True),
        (Figure("a", "MB", 512.1, at_most=512), False),
        (Figure("a", "µs", 28.0, 10.0, times_floor=2.8), True),
        (Figure("a", "µs", 28.1, 10.0, times_floor=2.8), False),
        (Figure("a", "µs", 28.1, 10.0), True),
        (ABSENT, True),
    ],
)
def test_a_bar_holds_up_to_its_limit(*, figure: Figure, holds: bool) -> None:
    assert (holds, holds) == (not missed([figure]), as_values(figure)["holds"])


def test_each_missed_bar_is_told_in_a_line() -> None:
    assert ["MISSED: slow: 24 µs, 8, 3.00; wanted: at most 2.8 times the floor"] == missed([FAST, SLOW, ABSENT])


def test_the_table_has_a_row_for_each_figure() -> None:
    assert [
        "| what   | measured      | floor | ratio | bar                                        |               |",
        "|--------|---------------|-------|-------|--------------------------------------------|---------------|",
        "| fast   | 20 µs         | 8     | 2.50  | at most 2.8 times the floor                | holds         |",
        "| slow   | 24 µs         | 8     | 3.00  | at most 30 µs, at most 2.8 times the floor | holds, MISSED |",
        "| absent | not installed |       |       |                                            |               |",
    ] == table([FAST, SLOW, ABSENT])


def test_the_least_of_the_rounds_counts_but_for_the_first_and_all_take_turns() -> None:
    order: list[str] = []
    times = iter([0, 1, 1, 2, 10, 17, 20, 26, 30, 35, 40, 48])
    least = least_seconds({it: partial(order.append, it) for it in "ab"}, 2, lambda: next(times))
    assert ({"a": 5, "b": 6}, list("ababab")) == (least, order)


def test_floor_and_enrichment_are_of_the_same_lines(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    line = json.loads((ROOT / "tests" / "golden" / "v2_json" / "raw.log").read_text().splitlines()[0])
    monkeypatch.setattr(logs, "month_lines", lambda: [line] * 3)
    for layout, log in logs.written(tmp_path, 2).items():
        packed = log.path.read_bytes()
        assert [6, 6, 6] == [log.lines, floor(packed, layout), made(packed, given(tmp_path)).events]


def test_rows_of_a_text_that_tell_a_figure_are_brought_up_to_date() -> None:
    text = "| what | then |\n|---|---|\n| fast | 9 µs |\n| another | 1 |\n"
    assert text.replace("| fast | 9 µs |", f"| {' | '.join(row(FAST))} |") == with_rows(text, [FAST, SLOW])


def test_what_the_readme_tells_is_what_was_measured() -> None:
    section = (ROOT / "README.md").read_text().partition("\n## How fast\n")[2].partition("\n## ")[0]
    told, measured = (
        {tuple(map(str.strip, line.split("|"))) for line in text.splitlines() if line.startswith("| ")}
        for text in (section, RESULTS.read_text())
    )
    assert 5 < len(told)
    assert set() == told - measured
