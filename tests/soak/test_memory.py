"""What large objects need: minutes of work, so not among the other tests; `make soak` runs them."""

import resource
import subprocess
import sys
import time
from pathlib import Path

MILLION_LINES = Path(__file__).with_name("million_lines.py")
FIRN = Path(sys.executable).with_name("firn")
HEADER = b"#Fields: date time cs-method cs-uri-stem cs-uri-query\n"
REQUEST = b"2026-11-24\t10:30:00\tGET\t/i\te=pv&page="


def test_a_million_lines_take_less_than_512_mb() -> None:
    ran = subprocess.run([sys.executable, MILLION_LINES], check=True, capture_output=True, text=True)  # noqa: S603 - our own
    lines, mebibytes = map(int, ran.stdout.split())
    assert 1_000_000 == lines
    assert mebibytes < 512


def test_one_line_of_100_mb_is_told_within_a_minute_and_1_5_gb(tmp_path: Path) -> None:
    log, start = tmp_path / "raw.log", time.monotonic()
    log.write_bytes(HEADER + REQUEST + b"x" * (100 << 20) + b"\n" + REQUEST + b"y\n")
    ran = subprocess.run([FIRN, "inspect", log], check=True, capture_output=True, text=True)  # noqa: S603 - likewise
    assert [True, True] == ["line_too_long" in ran.stdout.split("\n")[0], '"page_title": "y"' in ran.stdout]
    assert time.monotonic() - start < 60
    assert resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss < 1_500_000  # kB, of the largest child
