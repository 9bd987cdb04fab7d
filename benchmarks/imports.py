"""How long the enrich function takes to start, beside what it cannot do without; exit code 1 where a bar is missed.

Measured where it runs, in the unpacked zip with boto3 and nothing else, and in the checkout, where numpy and pandas are
installed and Arrow loads numpy. Every import is a process of its own on one core, and what is told is that core's time;
all take turns, so that what else the machine does falls on all alike.
"""

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

from benchmarks.figures import Figure, missed, table
from benchmarks.turns import on_one_core
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
    Beside("handler and a first small file", "pyarrow and the Glue catalog", "zip"),
)
KEYS = {(it.place, what): None for it in COMPARISONS for what in (it.what, it.floor)}
ROUNDS = 9
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
    taken: dict[tuple[str, str], list[float]] = {key: [] for key in KEYS}
    for _ in range(rounds + 1):
        for (where, what), times in taken.items():
            times.append(seconds(places[where], STATEMENTS[what]))
    return {key: median(times[1:]) for key, times in taken.items()}


def figures(found: Seconds) -> list[Figure]:
    """Each comparison, in milliseconds."""
    return [
        Figure(
            f"{it.what} beside {it.floor}, {it.place}",
            "ms",
            1000 * found[it.place, it.what],
            1000 * found[it.place, it.floor],
            times_floor=it.at_most,
        )
        for it in COMPARISONS
    ]


def measured(rounds: int = ROUNDS) -> list[Figure]:
    """All figures."""
    with TemporaryDirectory() as folder:
        zipped = built("enrich", HERE._replace(folder=Path(folder)))
        places = {"zip": runtime(Path(folder), zipped), "checkout": Place(sys.executable, ROOT)}
        return figures(medians(places, rounds))


@click.command()
@click.option("--rounds", default=ROUNDS, show_default=True, help="How often each is measured.")
def main(rounds: int) -> None:
    """Measure how long the enrich function takes to start."""
    on_one_core()
    found = measured(rounds)
    click.echo("\n".join([*table(found), *missed(found)]))
    sys.exit(bool(missed(found)))


if __name__ == "__main__":
    main()
