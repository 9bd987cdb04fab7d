"""What large objects need: minutes of work, so not among the other tests; `make soak` runs them."""

import json
import os
import resource
import subprocess
import sys
import time
from pathlib import Path

import pytest

MANY_LINES = Path(__file__).with_name("many_lines.py")
FIRN = Path(sys.executable).with_name("firn")
HEADER = b"#Fields: date time cs-method cs-uri-stem cs-uri-query\n"
REQUEST = b"2026-11-24\t10:30:00\tGET\t/i\te=pv&page="


large = pytest.mark.skipif("SOAK_LARGE" not in os.environ, reason="takes three minutes; SOAK_LARGE=1 asks for it")


@pytest.mark.parametrize(
    ("lines", "least"),
    [
        pytest.param(1_000_000, 800_000_000, id="a million lines"),
        pytest.param(6_600_000, 5 << 30, id="5 GB", marks=large),
    ],
)
def test_a_large_object_is_read_whole_in_less_than_512_mb(lines: int, least: int) -> None:
    ran = subprocess.run([sys.executable, MANY_LINES, str(lines)], check=True, capture_output=True, text=True)  # noqa: S603 - our own
    told = json.loads(ran.stdout)
    junk = lines // 1000
    requests = lines - junk
    no_event = 2 * (lines // 10)  # of ten requests one is a preflight, one has no query
    expected = {"events": requests - no_event, "bad_rows": junk, "ignored": no_event}
    assert expected == {name: told[name] for name in expected}
    assert told["bytes"] > least
    assert told["mebibytes"] < 512


def test_one_line_of_100_mb_is_told_within_a_minute_and_1_5_gb(tmp_path: Path) -> None:
    log, start = tmp_path / "raw.log", time.monotonic()
    log.write_bytes(HEADER + REQUEST + b"x" * (100 << 20) + b"\n" + REQUEST + b"y\n")
    ran = subprocess.run([FIRN, "inspect", log], check=True, capture_output=True, text=True)  # noqa: S603 - likewise
    assert [True, True] == ["line_too_long" in ran.stdout.split("\n")[0], '"page_title": "y"' in ran.stdout]
    assert time.monotonic() - start < 60
    assert resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss < 1_500_000  # kB, of the largest child
