"""The planned sessions → the month's raw objects, in the order in which they are delivered, and what is in them.

Besides the events, each once, there is what a log is never without: copies, requests for other things, broken lines,
objects that come late, objects whose lines come again.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial
from itertools import groupby
from typing import NamedTuple

from pipeline.twin.edge import Request, Response
from pipeline.twin.log_writer import HOUR, log_line, object_key, packed, short_hash
from pipeline.twin.month.days import days_in
from pipeline.twin.month.dice import Dice
from pipeline.twin.month.events import SECOND
from pipeline.twin.month.plan import Person, Session, View
from pipeline.twin.month.request import COLLECTOR, event_line, exchange

# What the lines of the month are, as a hash: the test that checks it gives the new one when the month changes. It is
# in every object's name, so that the objects of two releases never pass for one another.
EDITION = "5292de50"
DISTRIBUTION = "EFIRNDEMO"
MOST_LINES = 600
DAY = 24 * HOUR
MONTH = days_in("UTC")

EVENT, COPY = "event", "copy"
BAD_ROWS = frozenset({"not_json", "no_time", "not_a_log_line"})
RETRIED = 0.004
EVERY_SO_MANY_IS_LATE, EVERY_SO_MANY_COMES_AGAIN = 41, 67

SCANNER = Person(
    "2001:db8:bad::1", "Mozilla/5.0 (compatible; scanner)", "NL", "14061", "en", "UTC", (800, 600), (800, 600), 0
)
# Requests that are nobody's event: method, path, query, the edge's answer, why it is ignored, how many in the month.
OTHERS = (
    ("GET", "/favicon.ico", "", 403, "other_path", 190),
    ("GET", "/robots.txt", "", 403, "other_path", 140),
    ("GET", "/wp-login.php", "", 403, "other_path", 120),
    ("GET", "/.env", "", 403, "other_path", 70),
    ("OPTIONS", "/com.snowplowanalytics.snowplow/tp2", "", 204, "other_path", 50),
    ("POST", "/com.snowplowanalytics.snowplow/tp2", "", 403, "other_path", 50),
    ("OPTIONS", "/i", "", 204, "other_method", 40),
    ("HEAD", "/s/e", "e=pv", 200, "other_method", 15),
    ("GET", "/s/e", "", 200, "no_query", 35),
)


def without_time(line: str) -> str:
    """The line with an empty time."""
    head, _, rest = line.partition(",")
    return f'{head.partition(":")[0]}:"-",{rest}'


# Lines that cannot become an event: why, what has happened to them, how many in the month.
BROKEN: tuple[tuple[str, Callable[[str], str], int], ...] = (
    ("not_json", lambda line: line[: len(line) // 2], 14),
    ("no_time", without_time, 6),
    ("not_a_log_line", lambda _: "\x16\x03\x01 \udcc3\udcfe not a line of any log", 9),
)


class Hit(NamedTuple):
    """One line of the log: when its request was answered (epoch ms), what has to become of it, and its text."""

    at: int
    outcome: str
    line: Callable[[], str]


class Delivery(NamedTuple):
    """A raw object: its key, when it is delivered (epoch ms), its lines; `again` if they were delivered before."""

    key: str
    at: int
    hits: Sequence[Hit]
    again: bool = False

    def content(self) -> bytes:
        """The object's bytes."""
        return packed(hit.line() for hit in self.hits)


@dataclass
class Totals:
    """What has to become of the lines; of the events, `copies` are those that another one is the first of."""

    lines: int = 0
    events: int = 0
    copies: int = 0
    bad_rows: int = 0
    ignored: Counter[str] = field(default_factory=Counter)


def totals(deliveries: Iterable[Delivery]) -> Totals:
    """The counts over all objects."""
    told = Totals()
    for outcome, again in ((hit.outcome, it.again) for it in deliveries for hit in it.hits):
        told.lines += 1
        told.events += outcome in {EVENT, COPY}
        told.copies += outcome == COPY or (outcome == EVENT and again)
        told.bad_rows += outcome in BAD_ROWS
        told.ignored.update([outcome] if outcome not in {EVENT, COPY, *BAD_ROWS} else ())
    return told


def deliveries(sessions: Sequence[Session], seed: int) -> list[Delivery]:
    """All raw objects, in the order of their delivery."""
    dice = Dice(seed + 1)
    hits = sorted([*event_hits(sessions, dice), *other_hits(dice), *broken_hits(sessions, dice)], key=lambda it: it.at)
    return sorted(delivered(pieces(hits)), key=lambda it: it.at)


def pieces(hits: Sequence[Hit]) -> Iterator[Sequence[Hit]]:
    """The lines of each day (UTC) in pieces; CloudFront too puts several quiet hours into one object."""
    for _, of_day in groupby(hits, key=lambda it: it.at // DAY):
        whole = tuple(of_day)
        yield from (whole[start : start + MOST_LINES] for start in range(0, len(whole), MOST_LINES))


def delivered(parts: Iterable[Sequence[Hit]]) -> Iterator[Delivery]:
    """The pieces as objects: most within minutes, some a day later, the lines of some once more in another object."""
    for number, hits in enumerate(parts, start=1):
        late = number % EVERY_SO_MANY_IS_LATE == 0
        at = hits[-1].at + (DAY + HOUR if late else 170 * SECOND)
        yield Delivery(key(hits, f"{number}"), at, hits)
        if number % EVERY_SO_MANY_COMES_AGAIN == 0:
            yield Delivery(key(hits, f"{number} again"), at + HOUR, hits, again=True)


def key(hits: Sequence[Hit], number: str) -> str:
    """The object's key, under the hour of its first line."""
    return object_key(hits[0].at, short_hash(f"{EDITION} {number}".encode()), DISTRIBUTION)


def event_hits(sessions: Iterable[Session], dice: Dice) -> Iterator[Hit]:
    """A line for each event, and for some another: a tracker that has heard no answer sends the same again."""
    for session in sessions:
        for view in session.views:
            for event in view.events:
                yield Hit(event.at, EVENT, partial(event_line, session, view, event))
                if dice.happens(RETRIED):
                    later = dice.randrange(2 * SECOND, 40 * SECOND)
                    yield Hit(event.at + later, COPY, partial(event_line, session, view, event, later))


def other_hits(dice: Dice) -> Iterator[Hit]:
    """Requests for what is no event."""
    for method, path, query, status, reason, times in OTHERS:
        request = Request(method, path, query, {"host": COLLECTOR, "user-agent": SCANNER.useragent}, SCANNER.address)
        for number in range(times):
            at = dice.randrange(MONTH.starts[0], MONTH.starts[-1])
            made = exchange(at, f"{method} {path} {number}", request, Response(status, {}, b""), SCANNER)
            yield Hit(at, reason, partial(log_line, made))


def broken_hits(sessions: Sequence[Session], dice: Dice) -> Iterator[Hit]:
    """Lines of some events once more, broken on their way."""
    for reason, damage, times in BROKEN:
        for _ in range(times):
            session = dice.choice(sessions)
            view = session.views[0]
            yield Hit(view.at, reason, partial(broken_line, damage, session, view))


def broken_line(damage: Callable[[str], str], session: Session, view: View) -> str:
    """What is left of the line."""
    return damage(event_line(session, view, view.events[0]))
