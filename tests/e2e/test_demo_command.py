"""`firn demo`: one command from nothing to a sheet, and the same however often, or by how many at once, it is run."""

import csv
import subprocess
from pathlib import Path

import pytest

from pipeline.twin.month import month

Run = subprocess.CompletedProcess[str]
pytestmark = pytest.mark.e2e


def test_a_run_that_is_stopped_says_so_and_the_next_ones_go_on(demo_runs: list[Run]) -> None:
    stopped, *others = demo_runs
    assert stopped.returncode == 130
    assert "the same command goes on from here" in stopped.stderr
    assert "Traceback" not in stopped.stderr
    assert [0, 0, 0] == [it.returncode for it in others], others


def test_runs_that_meet_and_a_later_one_all_answer_the_same(demo_runs: list[Run]) -> None:
    assert len({it.stdout for it in demo_runs[1:]}) == 1
    assert "Nothing was left to read" in demo_runs[-1].stderr


def test_the_rollup_goes_to_standard_output_in_80_columns_and_what_to_try_next_beside_it(demo_runs: list[Run]) -> None:
    lines = demo_runs[-1].stdout.splitlines()
    assert ["site", "visitors_a_day", "visits", "page_views", "bounce_%", "engaged_s", "best_day"] == lines[0].split()
    assert ["blog", "shop", "docs"] == [line.split()[0] for line in lines[2:]]
    assert max(map(len, lines)) <= 80
    assert "Try next:" in demo_runs[-1].stderr


@pytest.mark.usefixtures("demo_runs")
def test_the_raw_log_and_the_sheet_are_there(demo_data: Path) -> None:
    raw = demo_data / "raw"
    assert {it.key for it in month()} == {path.relative_to(raw).as_posix() for path in raw.rglob("*.gz")}
    with (demo_data / "sheet/daily.csv").open(newline="") as file:
        lines = list(csv.DictReader(file))
    assert 3 * 31 == sum(int(line["page_views"] or 0) > 0 for line in lines)
    assert {"*", "blog", "docs", "shop"} == {line["site"] for line in lines}
