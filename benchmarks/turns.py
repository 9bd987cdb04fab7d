"""Pieces of work → the least time of one core that each takes, all measured in turn."""

import os
import resource
from collections.abc import Callable, Mapping

import pyarrow as pa


def on_one_core() -> None:
    """Keep this process, its children and Arrow's threads to one core."""
    if hasattr(os, "sched_setaffinity"):  # macOS has no such thing
        os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})
    pa.set_cpu_count(1)
    pa.set_io_thread_count(1)


def core_seconds() -> float:
    """The core's time that this process, its threads and its children that have ended took so far, in seconds."""
    used = map(resource.getrusage, (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return sum(it.ru_utime + it.ru_stime for it in used)


def least_seconds(
    works: Mapping[str, Callable[[], object]], rounds: int, clock: Callable[[], float] = core_seconds
) -> dict[str, float]:
    """The least seconds of each work in some rounds, in which all take turns; a first round only warms up.

    What else the machine does can only add to a time: the least one is nearest to what the work itself takes.
    """
    taken: dict[str, list[float]] = {name: [] for name in works}
    for _ in range(rounds + 1):
        for name, work in works.items():
            begun = clock()
            work()
            taken[name].append(clock() - begun)
    return {name: min(times[1:]) for name, times in taken.items()}
