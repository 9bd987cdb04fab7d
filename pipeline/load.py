"""Raw objects into the lake: each is read, enriched, and put in the place of what the lake held of it."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial

import pyarrow as pa
import pyarrow.compute as pc
from pyiceberg.expressions import EqualTo

from pipeline.access_log import Unreadable
from pipeline.lake import Lake, scan
from pipeline.lake import replace as replace_rows
from pipeline.legacy import Salts, SiteDay
from pipeline.raw import RawObject
from pipeline.transform import Batch, Given, transform

TOGETHER = 64  # raw objects in one commit, which costs about the same whatever it holds


@dataclass
class Tally:
    """What was read: lines = lines with events + bad rows + ignored."""

    objects: int = 0
    lines: int = 0
    events: int = 0
    bad_rows: int = 0
    ignored: Counter[str] = field(default_factory=Counter)
    unreadable: dict[str, str] = field(default_factory=dict)
    """The objects that could not be read to their end, each with the reason; the lake holds of them what it held."""

    def count(self, batch: Batch) -> None:
        """Add what became of some lines."""
        self.lines += batch.lines
        self.events += len(batch.events)
        self.bad_rows += len(batch.bad_rows)
        self.ignored += batch.ignored_reasons

    def add(self, other: "Tally") -> None:
        """Add what another part of the run has read."""
        self.objects += other.objects
        self.lines += other.lines
        self.events += other.events
        self.bad_rows += other.bad_rows
        self.ignored += other.ignored
        self.unreadable |= other.unreadable


class Broken(Exception):  # noqa: N818 - it says what the objects are
    """Raw objects that cannot be read to their end, met while others are read with them; each with the reason."""

    def __init__(self, reasons: dict[str, str]) -> None:
        super().__init__(reasons)
        self.reasons = reasons


def load(
    objects: Sequence[RawObject], given: Given, lake: Lake, done: Callable[[int], None] = lambda _objects: None
) -> Tally:
    """Put all objects into the lake, some at a time; `done` hears how many more are through."""
    tally = Tally()
    for start in range(0, len(objects), TOGETHER):
        some = objects[start : start + TOGETHER]
        tally.add(loaded(some, given, lake))
        done(len(some))
    return tally


def loaded(objects: Sequence[RawObject], given: Given, lake: Lake) -> Tally:
    """Put these objects into the lake in one commit a table, without those that turn out to be broken."""
    unreadable: dict[str, str] = {}
    while True:
        whole = [it for it in objects if it.name not in unreadable]
        tally = Tally(len(whole), unreadable=unreadable)
        try:
            if whole:
                replace_rows(lake, [it.name for it in whole], batches(whole, given, lake, tally))
        except Broken as broken:
            unreadable |= broken.reasons
        else:
            return tally


def batches(objects: Sequence[RawObject], given: Given, lake: Lake, tally: Tally) -> Iterator[Batch]:
    """What becomes of the objects' lines, each row with its object's name; raises Broken once all have been read."""
    salts, broken = Asked(given.salts), dict[str, str]()
    for it in objects:
        try:
            of_object = partial(finished, it.name, salts, lake, tally)
            yield from map(of_object, transform(it.chunks(), replace(given, salts=salts)))  # holds none of them
        except Unreadable as error:
            broken[it.name] = str(error)
    if broken:
        raise Broken(broken)


def finished(raw_object: str, salts: "Asked", lake: Lake, tally: Tally, batch: Batch) -> Batch:
    """The batch, counted, each row with its object's name, its visitors as far as they are known."""
    tally.count(batch)
    events = with_kept_visitors(batch.events, raw_object, lake) if salts.gone else batch.events
    return batch._replace(events=named(events, raw_object), bad_rows=named(batch.bad_rows, raw_object))


@dataclass
class Asked:
    """The salts, each asked for once a run, and whether any is destroyed."""

    salts: Salts
    known: dict[SiteDay, str | None] = field(default_factory=dict)

    def __call__(self, days: Iterable[SiteDay]) -> Mapping[SiteDay, str | None]:
        """The salts of these days."""
        wanted = {*days}
        if new := wanted - self.known.keys():
            self.known |= self.salts(new)
        return {day: self.known[day] for day in wanted & self.known.keys()}  # of some there may be none

    @property
    def gone(self) -> bool:
        """Whether any that was asked for is destroyed."""
        return None in self.known.values()


def with_kept_visitors(events: pa.Table, raw_object: str, lake: Lake) -> pa.Table:
    """The events; a visitor that can no longer be hashed is the one that the lake has for the same line, or null."""
    kept = scan(lake, "events", ["raw_line", "network_userid"], EqualTo("raw_object", raw_object))  # type: ignore[arg-type,call-arg] # mypy takes pydantic's view of the class
    before = kept["network_userid"].take(pc.index_in(events["raw_line"], kept["raw_line"]))
    at = events.column_names.index("network_userid")
    return events.set_column(at, events.schema.field(at), pc.coalesce(events["network_userid"], before))


def named(rows: pa.Table, raw_object: str) -> pa.Table:
    """The rows, each with the raw object that it was read from."""
    at = rows.schema.names.index("raw_object")
    return rows.set_column(at, rows.schema.field(at), pa.repeat(raw_object, len(rows)))
