"""How fast and how small the enrichment is, beside what it cannot do without.

On one core, in that core's time, all in turn; of several rounds the least counts. From the bytes of one gzipped object
to Parquet in memory, with all that lies between: salts of logs with addresses too. The object is the demo month, some
times over.
"""

import gc
import gzip
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from functools import partial
from itertools import islice
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from benchmarks.figures import Figure
from benchmarks.floor import HEADER_LINES, floor
from benchmarks.given import given
from benchmarks.logs import LAYOUTS, Log, written
from benchmarks.turns import least_seconds
from infra.artefacts import ROOT
from pipeline.lake.parquet import options
from pipeline.load import Asked, load
from pipeline.raw import CHUNK, raw_objects
from pipeline.sqlite_catalog import open_lake
from pipeline.transform import Given, transform
from pipeline.twin.month import month, write_month

NAMES: Mapping[str, str] = {"json": "v2 JSON", "legacy": "legacy W3C, 33 columns"}
MONTHS, ROUNDS = 2, 4
FEW_LINES, FEW_ROUNDS = 100, 30
A_MILLION = 1_000_000
TOGETHER = 64 << 20  # bytes of rows in one file, as in the lake
DISTINCT: Mapping[str, str] = {"page URLs": "page_url", "agents": "useragent", "referrers": "page_referrer"}
GOACCESS = (
    *("goaccess", "-", "--no-global-config", "--no-progress", "--process-and-exit"),
    *("--log-format=CLOUDFRONT", "--date-format=CLOUDFRONT", "--time-format=CLOUDFRONT"),
)


class Made(NamedTuple):
    """What came out: how many events, and how many bytes of Parquet they are."""

    events: int = 0
    size: int = 0


class Traffic(NamedTuple):
    """What was measured on: how many events, and the share of distinct ones by page, agent and referrer (0 to 1)."""

    events: int
    distinct: dict[str, float]


def pieces(packed: bytes) -> Iterator[bytes]:
    """The object's bytes as a file gives them."""
    return (packed[at : at + CHUNK] for at in range(0, len(packed), CHUNK))


def made(packed: bytes, told: Given) -> Made:
    """The object's events as Parquet in memory."""
    sizes = [(len(rows), parquet(rows)) for rows in gathered(packed, told)]
    return Made(sum(count for count, _ in sizes), sum(size for _, size in sizes))


def gathered(packed: bytes, told: Given) -> Iterator[pa.Table]:
    """The object's events, in tables of about TOGETHER bytes."""
    held: list[pa.Table] = []
    size = 0
    for batch in transform(pieces(packed), replace(told, salts=Asked(told.salts))):
        held.append(batch.events)
        size += batch.events.nbytes
        if size >= TOGETHER:
            yield pa.concat_tables(held)
            held, size = [], 0
    if held:
        yield pa.concat_tables(held)


def parquet(rows: pa.Table) -> int:
    """Write the rows to memory as the lake writes a file, and return its bytes."""
    filled = rows.select([it.name for it in rows.schema if rows[it.name].null_count < len(rows)])
    out = pa.BufferOutputStream()
    with pq.ParquetWriter(out, filled.schema, **options(filled.schema)) as writer:
        writer.write_table(filled)
    return int(out.getvalue().size)


def few(log: Log) -> bytes:
    """The object's first lines, as an object of their own."""
    with gzip.open(log.path) as lines:
        return gzip.compress(b"".join(islice(lines, FEW_LINES + HEADER_LINES)))


def traffic(packed: bytes, told: Given) -> Traffic:
    """What the object's events are like."""
    columns = [it.events.select(list(DISTINCT.values())) for it in transform(pieces(packed), told)]
    events = pa.concat_tables(columns)
    distinct = {name: pc.count_distinct(events[column]).as_py() / len(events) for name, column in DISTINCT.items()}
    return Traffic(len(events), distinct)


# The figures, one kind after the other


def speed(logs: Mapping[str, Log], told: Given, rounds: int) -> list[Figure]:
    """Whole objects, and GoAccess beside them where it is installed."""
    packed = {layout: log.path.read_bytes() for layout, log in logs.items()}
    works = in_turn(packed, told)
    if shutil.which(GOACCESS[0]):
        works["goaccess"] = partial(goaccess, logs["legacy"].path)
    seconds = least_seconds(works, rounds)
    figures = [it for layout in LAYOUTS for it in of_layout(layout, seconds, made(packed[layout], told))]
    peer = seconds["goaccess"] * 1e6 / logs["legacy"].lines if "goaccess" in seconds else None
    missing = "not installed (apt-get install goaccess)"
    return [*figures, Figure("GoAccess, the same legacy file", "µs a line", peer, otherwise=missing)]


def in_turn(packed: Mapping[str, bytes], told: Given) -> dict[str, Callable[[], object]]:
    """For each layout the whole way and its floor."""
    whole = {layout: partial(made, it, told) for layout, it in packed.items()}
    return {**whole, **{f"{layout} floor": partial(floor, it, layout) for layout, it in packed.items()}}


def of_layout(layout: str, seconds: Mapping[str, float], out: Made) -> list[Figure]:
    """What one layout's object came to."""
    name, taken = f"{NAMES[layout]} to Parquet", seconds[layout]
    each, least = taken * 1e6 / out.events, seconds[f"{layout} floor"] * 1e6 / out.events
    return [
        Figure(name, "µs an event", each, least, times_floor=2.8),
        Figure(f"{name}, a second", "events", out.events / taken, at_least=40_000),
        Figure(f"{name}, size", "bytes an event", out.size / out.events),
    ]


def small_files(logs: Mapping[str, Log], told: Given) -> list[Figure]:
    """Objects of 100 lines, all but the commit."""
    seconds = least_seconds(in_turn({layout: few(log) for layout, log in logs.items()}, told), FEW_ROUNDS)
    return [
        Figure(
            f"{FEW_LINES} lines of {NAMES[layout]}", "ms", 1000 * seconds[layout], 1000 * seconds[f"{layout} floor"],
            at_most=60,
        )
        for layout in LAYOUTS
    ]  # fmt: skip


def memory(logs: Mapping[str, Log], lake: Path) -> list[Figure]:
    """A million lines in one object, in processes of their own: block by block to events, and into a lake."""
    return [figure for layout in LAYOUTS for figure in memory_of(layout, logs[layout], lake / layout)]


def memory_of(layout: str, log: Log, lake: Path) -> list[Figure]:
    """The same of one layout."""
    lines, transforming = held(log)
    _, committing = held(log, "--lake", str(lake))
    name = f"{lines:,} lines of {NAMES[layout]} in one object, memory"
    return [
        Figure(name, "MB", transforming / 1e6, at_most=512),
        Figure(f"{name}, with one commit of all of it", "MB", committing / 1e6),
    ]


def held(log: Log, *arguments: str) -> tuple[int, int]:
    """How many lines the object has, made as large as a million, and the most bytes that a process held for it."""
    times = -(-A_MILLION // log.lines)
    command = [sys.executable, "-m", "benchmarks.peak", str(log.path), str(times), *arguments]
    said = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stdout  # noqa: S603 - our own
    lines, peak = map(int, said.split())
    return lines, peak


def size(folder: Path, told: Given) -> Figure:
    """The lake's own files after the demo month."""
    lake = open_lake(folder / "lake")
    load(raw_objects(write_month(month(), folder / "raw"), folder / "raw"), told, lake)
    files = lake.table("events").inspect.data_files()
    each = pc.sum(files["file_size_in_bytes"]).as_py() / pc.sum(files["record_count"]).as_py()
    return Figure("the lake's files after the demo month", "bytes an event", each, at_most=90)


def goaccess(path: Path) -> None:
    """Let GoAccess count the lines of the legacy file; it is a C program, and decodes no query."""
    subprocess.run(GOACCESS, input=gzip.decompress(path.read_bytes()), check=True, capture_output=True)  # noqa: S603 - as installed


def measured(rounds: int = ROUNDS) -> tuple[list[Figure], Traffic]:
    """All figures, and what they were measured on."""
    with TemporaryDirectory() as name:
        folder = Path(name)
        logs, told = written(folder, MONTHS), given(folder)
        log = traffic(logs["json"].path.read_bytes(), told)
        gc.freeze()  # what was made for the measure is not the work's to look through
        figures = [
            *speed(logs, told, rounds),
            *small_files(logs, told),
            *memory(logs, folder / "million"),
            size(folder / "month", told),
        ]
    return figures, log
