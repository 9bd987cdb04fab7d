"""How long the enrich function takes to start, beside what it cannot do without; exit code 1 where a bar is missed.

Measured where it runs, in the unpacked zip with boto3 and nothing else, and in the checkout, where numpy and pandas are
installed and Arrow loads numpy. Every import is a process of its own on one core, and what is told is that core's time;
all take turns, so that what else the machine does falls on all alike.
"""

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import NamedTuple
from zipfile import ZipFile

import click

from infra.artefacts import HERE, ROOT, built, uv

FIRST_FILE = ROOT / "tests" / "golden" / "v2_json" / "raw.log"
STATEMENTS: Mapping[str, str] = {
    "pyarrow": "import pyarrow",
    "pyarrow.compute": "import pyarrow.compute",
    "pipeline.transform": "import pipeline.transform",
    "pyarrow and the Glue catalog": "import pyarrow, pyiceberg.catalog.glue",
    "pipeline.handlers.enrich": "import pipeline.handlers.enrich",
    "handler and a first small file": (
        "import pipeline.handlers.enrich; from pipeline.transform import Given, transform; "
        f"list(transform([open({str(FIRST_FILE)!r}, 'rb').read()], Given()))"
    ),
}
TIMED = "import time; begun = time.process_time(); {}; print(time.process_time() - begun)"


class Place(NamedTuple):
    """Where Python is started: which Python, and the folder that it imports from."""

    python: str
    folder: Path


class Beside(NamedTuple):
    """What is compared with what, and how many times as long it may take, if that is bounded."""

    what: str
    floor: str
    place: str
    at_most: float | None = None


# Arrow's kernels, without which there is no transform, alone take as long again as Arrow itself where there is no
# numpy: there the bar stands on them.
COMPARISONS = (
    Beside("pipeline.transform", "pyarrow", "checkout", 2.0),
    Beside("pipeline.transform", "pyarrow.compute", "zip", 2.0),
    Beside("pipeline.transform", "pyarrow", "zip"),
    Beside("pipeline.handlers.enrich", "pyarrow and the Glue catalog", "zip", 1.4),
)
Seconds = dict[tuple[str, str], float]


def runtime(folder: Path, zipped: Path) -> Place:
    """A Python with boto3 alone, as Lambda's runtime is, and a zip for this machine, unpacked for it."""
    python, task = folder / "runtime" / "bin" / "python", folder / "task"
    lock = str(ROOT / "requirements.lock")
    subprocess.run([uv(), "venv", "--quiet", "--python", sys.executable, python.parents[1]], check=True)  # noqa: S603 - our own command
    subprocess.run([uv(), "pip", "install", "--quiet", "--python", python, "-c", lock, "boto3"], check=True)  # noqa: S603 - our own command
    with ZipFile(zipped) as content:
        content.extractall(task)
    return Place(str(python), task)


def seconds(place: Place, statement: str) -> float:
    """How much of the core's time the statement takes in a Python that has just started."""
    clean = {"PATH": os.environ["PATH"], "HOME": os.environ["HOME"]}
    command = [place.python, "-c", TIMED.format(statement)]
    done = subprocess.run(command, cwd=place.folder, env=clean, check=True, capture_output=True, text=True)  # noqa: S603 - our own command
    return float(done.stdout.splitlines()[-1])


def medians(places: Mapping[str, Place], rounds: int) -> Seconds:
    """The median of each statement in each place, all taking turns; a first round only warms the disk's cache."""
    taken: dict[tuple[str, str], list[float]] = {(where, what): [] for where in places for what in STATEMENTS}
    for _ in range(rounds + 1):
        for (where, what), times in taken.items():
            times.append(seconds(places[where], STATEMENTS[what]))
    return {key: median(times[1:]) for key, times in taken.items()}


def compared(found: Seconds) -> list[dict[str, object]]:
    """Each comparison, with its ratio and whether it holds."""
    ratios = {it: found[it.place, it.what] / found[it.place, it.floor] for it in COMPARISONS}
    return [
        {**it._asdict(), "ratio": round(ratio, 2), "holds": it.at_most is None or ratio <= it.at_most}
        for it, ratio in ratios.items()
    ]


def table(found: Seconds) -> str:
    """The milliseconds in each place, then the comparisons, for a person."""
    times = [f"{where:10}{what:34}{1000 * taken:8.0f} ms" for (where, what), taken in found.items()]
    ratios = [f"{it['place']:10}{it['what']} / {it['floor']}: {it['ratio']}, {words(it)}" for it in compared(found)]
    return "\n".join([*times, "", *ratios])


def words(comparison: Mapping[str, object]) -> str:
    """What a comparison comes to."""
    if comparison["at_most"] is None:
        return "told only"
    return f"at most {comparison['at_most']}: {'holds' if comparison['holds'] else 'MISSED'}"


@click.command()
@click.option("--rounds", default=9, show_default=True, help="How often each is measured.")
@click.option("--json", "as_json", is_flag=True, help="Everything as one JSON object.")
def main(rounds: int, as_json: bool) -> None:  # noqa: FBT001 - click's way
    """Measure how long the enrich function takes to start."""
    if hasattr(os, "sched_setaffinity"):  # macOS has no such thing
        os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})
    with TemporaryDirectory() as folder:
        zipped = built("enrich", HERE._replace(folder=Path(folder)))
        places = {"zip": runtime(Path(folder), zipped), "checkout": Place(sys.executable, ROOT)}
        found = medians(places, rounds)
    if as_json:
        milliseconds = [{"place": where, "what": what, "ms": 1000 * it} for (where, what), it in found.items()]
        click.echo(json.dumps({"times": milliseconds, "comparisons": compared(found)}))
    else:
        click.echo(table(found))
    sys.exit(not all(it["holds"] for it in compared(found)))


if __name__ == "__main__":
    main()
