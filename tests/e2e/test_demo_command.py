"""`firn demo`: one command from nothing to a sheet, and the same however often, or by how many at once, it is run."""

import subprocess
import sys
from pathlib import Path

import pyarrow as pa
import pytest

from pipeline.lake import open_lake, scan

FIRN = Path(sys.executable).with_name("firn")
pytestmark = pytest.mark.e2e


def demo(data: Path) -> subprocess.Popen[str]:
    return subprocess.Popen([FIRN, "demo", "--data", data], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)  # noqa: S603, our own


def events(data: Path) -> pa.Table:
    """The lake's events, but for the time at which they were read."""
    rows = scan(open_lake(data / "lake"), "events").drop_columns(["etl_tstamp"])
    return rows.sort_by([("raw_object", "ascending"), ("raw_line", "ascending")])


def test_runs_that_meet_and_a_later_one_all_end_in_the_same_lake_and_sheet(tmp_path: Path) -> None:
    ends = []
    for runs in (2, 1):
        started = [demo(tmp_path) for _ in range(runs)]
        outputs = [run.communicate() for run in started]
        assert [0] * runs == [run.returncode for run in started], outputs
        ends.append((events(tmp_path), (tmp_path / "sheet/daily.csv").read_text(), {it for it, _ in outputs}))
    assert ends[0] == ends[1]


def test_the_rollup_goes_to_standard_output_and_what_to_try_next_beside_it(tmp_path: Path) -> None:
    rollup, rest = demo(tmp_path / "data").communicate()
    assert rollup.splitlines()[0].split() == ["site", "date", "visitors", "visits", "page_views"]
    assert {"demo", "site1"} == {line.split()[0] for line in rollup.splitlines()[2:]}
    assert "Try next:" in rest
