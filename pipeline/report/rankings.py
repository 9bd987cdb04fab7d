"""The answer to a question, of one site → a table with a bar in each row, the longest first.

Where visitors are not told apart there are no visits: then page views take their place.
"""

from collections.abc import Callable, Iterable, Sequence
from typing import Any, NamedTuple
from urllib.parse import unquote

from pipeline.report.counts import Row
from pipeline.report.words import NOTHING, channel, clock, counted, country, day, listed, purpose, share, short

SHOWN, LISTED = 8, 100
SUMMED = ("visits", "page_views", "entries", "engaged_seconds")


class Named(NamedTuple):
    """What a row is called, and what is said of it beside that."""

    name: str
    remark: str = ""


class Column(NamedTuple):
    """A column's head, and its cell of a row, given what all rows have together."""

    head: str
    cell: Callable[[Row, int], str]


class Kind(NamedTuple):
    """Which rows of which question become a table, what they are called and measured by; `note` says what it means."""

    title: str
    question: str
    named: Callable[[Row], Named]
    first_head: str
    nothing: str
    measure: str = "visits"
    more: tuple[Column, ...] = ()
    where: Callable[[Row], bool] = lambda _: True
    note: str = ""


class Line(NamedTuple):
    """A row as it is shown; `length` is its bar's, in percent of the longest."""

    named: Named
    cells: tuple[str, ...]
    length: float


class Ranking(NamedTuple):
    """The table: its first lines, and those that are folded away; `left_out` were too many even for that."""

    kind: Kind
    heads: tuple[str, ...]
    lines: tuple[Line, ...]
    folded: tuple[Line, ...]
    left_out: int


def ranking(kind: Kind, rows: Iterable[Row], *, visits: bool) -> Ranking:
    """The table of these rows; `visits` tells whether the site has any."""
    measure = kind.measure if visits else "page_views"
    merged = merge([row for row in rows if kind.where(row)], kind.named)
    ranked = sorted(merged.items(), key=lambda it: (-it[1][measure], it[0]))
    columns = (Column(HEADS[measure], lambda row, _: counted(row[measure])), *columns_of(kind, measure))
    lines = lines_of(ranked, columns, measure)
    heads = (kind.first_head, *(it.head for it in columns))
    return Ranking(kind, heads, lines[:SHOWN], lines[SHOWN:LISTED], max(0, len(lines) - LISTED))


def columns_of(kind: Kind, measure: str) -> tuple[Column, ...]:
    """The columns after the first, which is the measure's own."""
    return kind.more or (Column("Share", lambda row, whole: share(row[measure], whole)),)


def lines_of(ranked: Sequence[tuple[Named, Row]], columns: tuple[Column, ...], measure: str) -> tuple[Line, ...]:
    """The rows with their cells and bars."""
    whole = sum(row[measure] for _, row in ranked)
    longest = max((row[measure] for _, row in ranked), default=0) or 1
    return tuple(
        Line(named, tuple(it.cell(row, whole) for it in columns), round(100 * row[measure] / longest, 1))
        for named, row in ranked
    )


def merge(rows: Iterable[Row], named: Callable[[Row], Named]) -> dict[Named, Row]:
    """The rows, those of one name together."""
    merged: dict[Named, dict[str, Any]] = {}
    for row in rows:
        into = merged.setdefault(named(row), dict.fromkeys(SUMMED, 0) | {"last_seen": None})
        into |= {column: into[column] + (row.get(column) or 0) for column in SUMMED}
        into["last_seen"] = max(filter(None, (into["last_seen"], row.get("last_seen"))), default=None)
    return merged  # type: ignore[return-value]  # a dict of rows is a dict of mappings, which nobody changes


def source(row: Row) -> Named:
    """The source and its channel; who came directly came from nowhere that is known."""
    name = channel(row["channel"])
    if row["source"] is None:
        return Named(name, "no referrer" if row["channel"] == "direct" else "")
    return Named(short(row["source"]), name)


def page(row: Row) -> Named:
    """The page's title, and its path."""
    path = row["page_urlpath"] and unquote(row["page_urlpath"])
    return Named(short(row["page_title"] or path), short(path))


def campaign(row: Row) -> Named:
    """The campaign's name, its source and medium."""
    return Named(short(row["mkt_campaign"] or "without a name"), listed(row["mkt_source"], row["mkt_medium"]))


def crawler(row: Row) -> Named:
    """An AI crawler, who runs it and what for."""
    return Named(short(row["name"]), listed(row["operator"], purpose(row["purpose"])))


def bot(row: Row) -> Named:
    """The same of any bot."""
    return Named(short(row["bot_name"]), listed(row["bot_operator"], purpose(row["bot_purpose"])))


def engaged_per_view(row: Row) -> str:
    """Minutes and seconds."""
    return clock(row["engaged_seconds"] / row["page_views"]) if row["page_views"] else NOTHING


HEADS = {"visits": "Visits", "page_views": "Page views"}
PAGE_VIEWS = Column("Page views", lambda row, _: counted(row["page_views"]))
BEGAN = Column("Began here", lambda row, _: counted(row["entries"]))
ENGAGED = Column("Time", lambda row, _: engaged_per_view(row))
LAST_SEEN = Column("Last seen", lambda row, _: day(row["last_seen"]) if row["last_seen"] else NOTHING)

NO_VISIT = "No visit came."

# Where a table stands: over the whole width, or in one of two columns, which are about as high as each other.
KINDS = {
    "top": (
        Kind(
            "Pages",
            "pages",
            page,
            "Page",
            "No page was viewed.",
            measure="page_views",
            more=(BEGAN, ENGAGED),
            note="Began here: visits whose first page it was. Time: how long a view of it was looked at.",
        ),
    ),
    "left": (
        Kind("Channels", "sources", lambda row: Named(channel(row["channel"])), "Channel", NO_VISIT),
        Kind("Sources", "sources", source, "Source", NO_VISIT),
        Kind(
            "Campaigns",
            "campaigns",
            campaign,
            "Campaign",
            "No visit came by a link that names a campaign.",
            more=(PAGE_VIEWS,),
        ),
        Kind("Countries", "countries", lambda row: Named(country(row["geo_country"])), "Country", NO_VISIT),
    ),
    "right": (
        Kind("Devices", "devices", lambda row: Named(short(row["dvce_type"])), "Device", NO_VISIT),
        Kind("Browsers", "devices", lambda row: Named(short(row["br_family"])), "Browser", NO_VISIT),
        Kind("Systems", "devices", lambda row: Named(short(row["os_family"])), "System", NO_VISIT),
        Kind(
            "AI assistants",
            "ai",
            lambda row: Named(short(row["name"])),
            "Assistant",
            "No visit came from an AI assistant.",
            more=(PAGE_VIEWS,),
            where=lambda row: row["kind"] == "assistant",
            note="Visits by people to whom an assistant gave a link.",
        ),
        Kind(
            "AI crawlers",
            "ai",
            crawler,
            "Crawler",
            "No AI crawler ran the tracker.",
            measure="page_views",
            where=lambda row: row["kind"] == "crawler",
            note="Programs that read pages for an AI. They count nowhere else.",
        ),
    ),
    "bottom": (
        Kind(
            "Bots",
            "bots",
            bot,
            "Bot",
            "No bot ran the tracker.",
            measure="page_views",
            more=(LAST_SEEN,),
            note="All programs that said what they are, AI crawlers too. They count nowhere else.",
        ),
    ),
}
