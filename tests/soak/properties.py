"""Properties of enrichment for long: 10,000 examples of each, or as many as fit into the minutes that are given.

They take turns, some examples a turn, so that all get about as many where time is short. What really ran is told at the
end; a property that fails has no more turns, and the others go on.
"""

import sys
import time
import traceback
from collections import Counter
from collections.abc import Callable
from functools import wraps
from typing import Any

from hypothesis import HealthCheck, is_hypothesis_test, settings

from pipeline.terminal import written
from tests import test_properties
from tests.access_log import test_lines
from tests.enrich import test_without_addresses
from tests.protocol import test_self_describing

EACH = 10_000
TURN = 250
SETTINGS = settings(
    max_examples=TURN,
    deadline=None,
    derandomize=False,
    print_blob=True,
    suppress_health_check=[HealthCheck.too_slow],
)
FILES = (test_properties, test_lines, test_self_describing, test_without_addresses)
PROPERTIES = {name: it for file in FILES for name, it in vars(file).items() if is_hypothesis_test(it)}


def soak(until: float, ran: Counter[str]) -> set[str]:
    """Let the properties take turns until that time (of the monotonic clock); `ran` counts; those that failed."""
    failed: set[str] = set()
    for name, test in PROPERTIES.items():
        SETTINGS(test)
        test.hypothesis.inner_test = counted(test.hypothesis.inner_test, name, ran)
    while left := [it for it in PROPERTIES if it not in failed and ran[it] < EACH]:
        for name in left:
            if time.monotonic() > until:
                return failed
            try:
                PROPERTIES[name]()
            except Exception:  # noqa: BLE001 - whatever it is, it is the property's failure
                traceback.print_exc()
                failed.add(name)
    return failed


def counted(inner: Callable[..., None], name: str, ran: Counter[str]) -> Callable[..., None]:
    """The property's own test, which adds one to `ran` each time."""

    @wraps(inner)
    def test(*values: Any, **named: Any) -> None:  # noqa: ANN401 - whatever its strategies make
        ran[name] += 1
        inner(*values, **named)

    return test


def outcome(name: str, ran: Counter[str], failed: set[str]) -> str:
    """The property's line of the table."""
    end = "FAILED" if name in failed else "" if ran[name] >= EACH else "cut short by SOAK_MINUTES"
    return f"{ran[name]:>7,}  {name.removeprefix('test_').replace('_', ' ')}  {end}".rstrip()


if __name__ == "__main__":
    ran: Counter[str] = Counter()
    failed = soak(time.monotonic() + 60 * float(sys.argv[1]), ran)
    written(["examples  property", *(outcome(name, ran, failed) for name in PROPERTIES)])
    sys.exit(bool(failed))
