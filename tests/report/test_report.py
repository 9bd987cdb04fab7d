"""The page: what is on it, as text and never as HTML, of which days, with which numbers."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from enrich.rules import Site
from pipeline.query import answer, queries
from pipeline.query.laptop import SCHEMAS, Laptop
from pipeline.report import report, write
from pipeline.report.rankings import KINDS

Report = Callable[..., str]
LAST = date(2026, 10, 31)
NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
HOSTILE = "</title><script>alert(1)</script>\"'&"

# The columns of each answer, in order, each with a value that a row has unless another is given.
COLUMNS: Mapping[str, Mapping[str, Any]] = {
    "daily_overview": {
        "site": "blog",
        "date": LAST,
        "visitors": 100,
        "visits": 120,
        "page_views": 200,
        "bounces": 60,
        "engaged_seconds": 9000,
    },
    "pages": {
        "site": "blog",
        "page_urlpath": "/",
        "page_title": "Home",
        "visitors": 100,
        "page_views": 200,
        "entries": 90,
        "engaged_seconds": 9000,
    },
    "sources": {
        "site": "blog",
        "channel": "organic_search",
        "source": "Google",
        "visitors": 60,
        "visits": 70,
        "page_views": 90,
    },
    "campaigns": {
        "site": "blog",
        "mkt_source": "newsletter",
        "mkt_medium": "email",
        "mkt_campaign": "october",
        "visitors": 10,
        "visits": 12,
        "page_views": 20,
    },
    "countries": {"site": "blog", "geo_country": "DE", "visitors": 60, "visits": 70, "page_views": 90},
    "devices": {
        "site": "blog",
        "dvce_type": "Mobile",
        "os_family": "Android",
        "br_family": "Firefox",
        "visitors": 60,
        "visits": 70,
        "page_views": 90,
    },
    "ai": {
        "site": "blog",
        "kind": "assistant",
        "name": "ChatGPT",
        "operator": None,
        "purpose": None,
        "visits": 7,
        "page_views": 9,
    },
    "bots": {
        "site": "blog",
        "bot_name": "Googlebot",
        "bot_operator": "Google",
        "bot_purpose": "search",
        "page_views": 40,
        "last_seen": datetime(2026, 10, 30, 12, tzinfo=UTC).replace(tzinfo=None),
    },
    "bad_rows": {"reason": "not_json", "lines": 3, "example": "{", "last_seen": NOW.replace(tzinfo=None)},
}


@dataclass
class Answered:
    """An engine that knows these rows by question, and of one question other rows by its first day."""

    rows: Mapping[str, list[dict[str, Any]]]
    from_day: Mapping[tuple[str, date], list[dict[str, Any]]] = field(default_factory=dict)

    def answer(self, sql: str, parameters: Mapping[str, object]) -> pa.Table:
        name = next(it.name for it in queries().values() if it.sql == sql)
        first = parameters["first_day"]
        assert isinstance(first, date)
        rows = self.from_day.get((name, first), self.rows.get(name, []))
        return pa.Table.from_pylist([{**COLUMNS[name], **row} for row in rows])


@pytest.fixture(scope="session")
def made() -> Report:
    """The report of hand-made rows by question; `before` has other rows of a question by the first day asked for."""

    def html(
        sites: Mapping[str, Site] | None = None,
        length: int = 28,
        before: Mapping[tuple[str, date], list[dict[str, Any]]] | None = None,
        **rows: list[dict[str, Any]],
    ) -> str:
        return report(Answered(rows, before or {}), {"blog": Site()} if sites is None else sites, NOW, length)

    return html


def days(length: int = 28, last: date = LAST, **columns: str | int | None) -> list[dict[str, Any]]:
    """Rows of `daily_overview` of so many days in a row."""
    return [{"date": last - timedelta(back), **columns} for back in range(length)]


class Read(HTMLParser):
    """A page: its elements by name, and its text."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.texts: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        if self.tags[-1:] and self.tags[-1][0] != "style":
            self.texts.append(data)

    @property
    def text(self) -> str:
        return " ".join(" ".join(self.texts).split())


@pytest.mark.parametrize("question", COLUMNS)
def test_hand_made_answers_have_the_columns_that_the_question_has(question: str) -> None:
    empty = Laptop(lambda name, names: SCHEMAS[name].empty_table().select(list(names)))
    assert list(COLUMNS[question]) == answer(question, {}, empty).column_names


def test_an_empty_lake_gives_a_page_that_says_what_to_do(made: Report) -> None:
    text = Read(made()).text
    assert "Nothing to report yet" in text
    assert "firn demo fills a lake with a month" in text


def test_every_table_of_the_issue_is_there(made: Report) -> None:
    text = Read(made(daily_overview=days())).text
    titles = [kind.title for kinds in KINDS.values() for kind in kinds]
    assert {"Pages", "Sources", "Campaigns", "Countries", "Devices", "AI assistants", "AI crawlers", "Bots"} <= set(
        titles
    )
    assert [] == [title for title in titles if title not in text]
    tiles = ("Visitors a day", "Visits", "Page views", "Bounces", "Time per visit")
    assert [] == [title for title in tiles if title not in text]


QUESTIONS_WITH_TEXT = {
    "pages": ("page_title", "page_urlpath"),
    "sources": ("source", "channel"),
    "campaigns": ("mkt_source", "mkt_medium", "mkt_campaign"),
    "countries": ("geo_country",),
    "devices": ("dvce_type", "os_family", "br_family"),
    "ai": ("name",),
    "bots": ("bot_name", "bot_operator", "bot_purpose"),
}


@pytest.mark.parametrize(("question", "columns"), QUESTIONS_WITH_TEXT.items())
def test_what_strangers_wrote_comes_out_as_text(made: Report, question: str, columns: tuple[str, ...]) -> None:
    page = Read(made(daily_overview=days(), **{question: [dict.fromkeys(columns, HOSTILE)]}))
    assert HOSTILE in page.text
    assert "script" not in {tag for tag, _ in page.tags}


def test_a_sites_name_and_a_gaining_page_come_out_as_text(made: Report) -> None:
    page = Read(
        made(
            sites={},
            daily_overview=days(site=HOSTILE),
            pages=[{"site": HOSTILE, "page_title": HOSTILE, "page_views": 900}],
            before={("pages", LAST - timedelta(13)): [{"site": HOSTILE, "page_views": 100}]},
        )
    )
    assert f"The page that gained most is “{HOSTILE}” (800 more page views)" in page.text
    assert "script" not in {tag for tag, _ in page.tags}


def test_the_page_asks_the_network_for_nothing(made: Report) -> None:
    page = Read(made(daily_overview=days(), pages=[{}], sources=[{"source": "https://example.com/"}]))
    assert "default-src 'none'; style-src 'unsafe-inline'; img-src data:" in [it.get("content") for _, it in page.tags]
    addresses = [value for _, it in page.tags for name, value in it.items() if name in {"href", "src", "action"}]
    assert addresses
    assert [] == [it for it in addresses if it and not it.startswith(("#", "data:,"))]


def test_numbers_are_sums_means_and_shares(made: Report) -> None:
    rows = days(2, visitors=50, visits=60, page_views=100, bounces=20, engaged_seconds=3000)
    text = Read(made(daily_overview=rows)).text
    assert "30 to 31 October 2026" in text
    for told in ("Visitors a day 50", "Visits 120", "Page views 200", "Bounces 33%", "Time per visit 0:50"):
        assert told in text


def test_changes_are_against_as_many_days_before_where_all_of_them_were_counted(made: Report) -> None:
    young = made(daily_overview=days(28, visitors=100))
    old = made(daily_overview=days(28, visitors=100) + days(28, LAST - timedelta(28), visitors=80))
    assert "Week on week" in young
    assert "Changes are against" not in young
    assert "Against the 28 days before" in old
    assert "Changes are against 6 September to 3 October 2026." in old
    assert "Visitors a day 100 +25%" in Read(old).text


def test_where_visitors_are_not_told_apart_page_views_lead(made: Report) -> None:
    rows = days(visitors=0, visits=0, page_views=40, bounces=0)
    page = Read(made(daily_overview=rows, sources=[{"visits": 0, "page_views": 900}]))
    assert "Visitors are not told apart here" in page.text
    assert "Page views, day by day" in page.text
    assert "blog had 280 page views in the week to Saturday 31 October" in page.text
    assert "Google Search 900 100%" in page.text


def test_sites_come_in_the_order_of_the_settings_and_silent_ones_are_named(made: Report) -> None:
    rows = [*days(site="a"), *days(site="b"), *days(1, date(2026, 3, 1), site="old")]
    page = Read(made(sites={name: Site() for name in ("b", "new")}, daily_overview=rows))
    assert ["#site-1", "#site-2"] == [it["href"] for tag, it in page.tags if tag == "a"]
    assert page.text.index("b had about") < page.text.index("a had about")
    assert "The 2 sites together had about 200 visitors a day" in page.text
    assert "No page view in these days: new , old (last on 1 March 2026)." in page.text


def test_an_event_that_names_no_site_is_of_an_unknown_one(made: Report) -> None:
    assert "unknown site had about 100 visitors a day" in Read(made(sites={}, daily_overview=days(site=None))).text


def test_long_tables_are_folded_and_end_at_a_limit(made: Report) -> None:
    rows = [
        {"page_urlpath": f"/{number:03}", "page_title": f"Page {number:03}", "page_views": 900 - number}
        for number in range(250)
    ]
    page = Read(made(daily_overview=days(), pages=rows))
    assert "Page 099" in page.text
    assert "Page 100" not in page.text
    assert "92 more" in page.text
    assert "And 150 more: firn query pages has all." in page.text


def test_each_row_has_as_many_cells_as_there_are_heads(made: Report) -> None:
    html = made(daily_overview=days(), **{question: [{}] for question in QUESTIONS_WITH_TEXT})
    tables = re.findall(r"<table.*?</table>", html, re.DOTALL)
    assert len(tables) > len(QUESTIONS_WITH_TEXT)
    for table in tables:
        cells = {len(re.findall(r"<t[hd][ >]", row)) for row in re.findall(r"<tr>.*?</tr>", table, re.DOTALL)}
        assert 1 == len(cells), table


def test_a_report_is_written_whole_or_not_at_all(tmp_path: Path) -> None:
    path = tmp_path / "new" / "report.html"
    write(path, "first")
    with pytest.raises(UnicodeEncodeError):
        write(path, "no text: \ud800")
    assert "first" == path.read_text()
    assert [path] == list(path.parent.iterdir())
