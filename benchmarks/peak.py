"""A gzipped raw object, some times over as one, through the transform or into a lake → its lines, the peak in bytes.

A process of its own, since its memory is what is measured: `python -m benchmarks.peak OBJECT TIMES [--lake FOLDER]`.
"""

import re
import resource
from collections.abc import Iterator
from functools import partial
from itertools import chain, repeat
from pathlib import Path

import click

from benchmarks.given import given
from pipeline.load import load
from pipeline.raw import RawObject, chunks
from pipeline.sqlite_catalog import open_lake
from pipeline.transform import transform

STATUS = Path("/proc/self/status")
KIB = 1024


def over(path: Path, times: int) -> Iterator[bytes]:
    """The object's bytes, some times over: the members of one gzip."""
    return chain.from_iterable(chunks(it) for it in repeat(path, times))


def peak() -> int:
    """The most memory that this process had, in bytes; Linux's own rusage begins with that of the parent."""
    if STATUS.exists():
        return int(re.findall(r"VmHWM:\s+([0-9]+) kB", STATUS.read_text())[0]) * KIB
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss  # macOS counts bytes


def through(path: Path, times: int) -> int:
    """Transform the object, keep nothing of it, and return how many lines it has."""
    return sum(batch.lines for batch in transform(over(path, times), given(path.parent)))


def into(lake: Path, path: Path, times: int) -> int:
    """Put the object into the lake in that folder, commit it, and return how many lines it has."""
    return load([RawObject("large", partial(over, path, times))], given(path.parent), open_lake(lake)).lines


@click.command()
@click.argument("packed", type=click.Path(path_type=Path))
@click.argument("times", type=int)
@click.option("--lake", type=click.Path(path_type=Path), help="Put it into the lake in this folder, too.")
def main(packed: Path, times: int, lake: Path | None) -> None:
    """Say how many lines the object has, and how many bytes of memory it took."""
    lines = into(lake, packed, times) if lake else through(packed, times)
    click.echo(f"{lines} {peak()}")


if __name__ == "__main__":
    main()
