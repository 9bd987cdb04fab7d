"""Everything that is measured, as one table; exit code 1 where a bar is missed, each told in a line.

It is also written, with the machine that it was measured on, into RESULTS.md, and its rows into the README.
"""

import json
import os
import platform
import re
import sys
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path

import click
import pyarrow as pa

from benchmarks import enrichment, imports
from benchmarks.enrichment import Traffic
from benchmarks.figures import Figure, as_values, missed, row, table
from benchmarks.turns import on_one_core
from infra.artefacts import ROOT

RESULTS = Path(__file__).with_name("RESULTS.md")
README = ROOT / "README.md"
CPUINFO = Path("/proc/cpuinfo")
WORDS = """\
# What was measured

`make bench` writes this page. Times are one core's time, not the clock's. After a first round that only warms up there
are several in which all take turns: of the enrichment's times the least counts, of the functions' start the median.

- The log is the demo month, twice over, as one gzipped object in each layout:
  {log}.
- *To Parquet* is from the gzipped bytes to Parquet in memory with everything in, for logs with addresses the salts and
  the visitors' hashes too. Its floor is Python's gunzip, Arrow's JSON or CSV reader for ten fields, and zstd Parquet of
  these, with nothing decoded. *100 lines* is the same for a small object, in a process that has done it before.
- *Memory* is the most that a process held, Python and Arrow themselves included.
- GoAccess, a C program, reads the same legacy file and decodes no query; gunzip is included.
- *pipeline.…* are imports, in the function's unpacked zip and in the checkout.
"""


def in_words(log: Traffic) -> str:
    """How large the log is, and how much of it is distinct."""
    shares = ", ".join(f"{share:.2%} of the {name}" for name, share in log.distinct.items())
    return f"{log.events:,} events; distinct are {shares}"


def machine() -> dict[str, str]:
    """What it was measured on and when; nothing that tells whose it is."""
    found = re.search(r"model name\s*: (.*)", CPUINFO.read_text()) if CPUINFO.exists() else None
    return {
        "CPU": f"{found[1] if found else platform.machine()}, {os.cpu_count()} cores",
        "system": f"{platform.system()} on {platform.machine()}",
        "Python": platform.python_version(),
        "Arrow": pa.__version__,
        "load": " ".join(f"{it:.1f}" for it in os.getloadavg()),
        "date": f"{datetime.now(UTC):%Y-%m-%d}",
    }


def page(figures: Sequence[Figure], log: Traffic, here: Mapping[str, str]) -> str:
    """RESULTS.md."""
    described = ", ".join(f"{name}: {value}" for name, value in here.items())
    return "\n".join([WORDS.format(log=in_words(log)), *table(figures), "", f"{described}.", ""])


def with_rows(text: str, figures: Sequence[Figure]) -> str:
    """The text, each row of it that tells one of the figures brought up to date."""
    lines = {it.what: f"| {' | '.join(row(it))} |" for it in figures}
    return re.sub(r"^\| (.*?) \|.*$", lambda found: lines.get(found[1], found[0]), text, flags=re.MULTILINE)


@click.command()
@click.option("--json", "as_json", is_flag=True, help="Everything as one JSON object.")
@click.option("--no-write", is_flag=True, help="Leave RESULTS.md and the README as they are.")
def main(*, as_json: bool, no_write: bool) -> None:
    """Measure everything: some five minutes, on one core."""
    here = machine()
    on_one_core()
    enriching, log = enrichment.measured()
    figures = [*enriching, *imports.measured()]
    if not no_write:
        RESULTS.write_text(page(figures, log, here))
        README.write_text(with_rows(README.read_text(), figures))
    if as_json:
        values = {"machine": here, "log": log._asdict(), "figures": list(map(as_values, figures))}
        click.echo(json.dumps(values, ensure_ascii=False))
    else:
        click.echo("\n".join([*table(figures), "", in_words(log)]))
    for line in missed(figures):
        click.echo(line, err=True)
    sys.exit(bool(missed(figures)))


if __name__ == "__main__":
    main()
