"""The data dictionary, `docs/columns.md`: made from the tables that the product itself uses."""

from pathlib import Path

from enrich import ENRICHMENTS
from pipeline.protocol import FROM_LOG
from pipeline.protocol.parameters import PARAMETERS
from pipeline.schema import ARROW
from pipeline.schema.columns import BAD_ROWS, EVENTS, Column

PAGE = Path(__file__).parents[1] / "docs" / "columns.md"
SNOWPLOWS = 131
TYPES = {
    "text": "text",
    "int": "int",
    "long": "bigint",
    "double": "double",
    "money": "decimal(18,2)",
    "bool": "boolean",
    "time": "timestamp",
    "json": "JSON as text",
}
OF_THE_RUN = {
    "etl_tstamp": "the run",
    "v_etl": "the run",
    "raw_object": "the run",
    "failures": "all that reads and enriches",
    "unknown_schemas": "`co`, `cx`, `ue_pr`, `ue_px` against `[schemas]`",
}
NOTHING = "nothing yet"
HEAD = """\
# The columns

Made from `pipeline/schema/columns.py`, the tracker's parameters and the enrichments; change those, and write this page
anew with `pytest tests/test_columns_page.py --rewrite-golden`.

All times are UTC, to the millisecond, without a zone. A text that is longer than its column's longest, counted in
UTF-16 units as Snowplow counts, is cut, and the cut told in `failures`. In "from", `e` is a parameter of the tracker,
`cs(Referer)` a field of CloudFront's log, *campaign* an enrichment in `enrich/` with the columns that it reads.
"""


def source(column: str) -> str:
    """Where a column's values come from."""
    sent = [f"`{it.name}`" for it in PARAMETERS if column in it.columns]
    made = [f"*{step.name}* of {names(step.reads)}" for step in ENRICHMENTS if column in step.writes]
    logged = [f"`{FROM_LOG[column]}` of the log"] if column in FROM_LOG else []
    told = [OF_THE_RUN[column]] if column in OF_THE_RUN else []
    return "; ".join([", ".join(sent), *made, *logged, *told]).removeprefix("; ") or NOTHING


def names(columns: tuple[str, ...]) -> str:
    """The columns that an enrichment reads, those that stand for a log field or a parameter under its name."""
    return ", ".join(f"`{FROM_LOG.get(it, 'all parameters' if it == 'sent' else it)}`" for it in columns)


def table(columns: tuple[Column, ...], *, sources: bool) -> list[str]:
    """The columns as a table."""
    head = ["column", "type", "longest", *(["from"] if sources else []), "what it means"]
    rows = [
        [f"`{it.name}`", TYPES[it.kind], f"{it.limit or ''}", *([source(it.name)] if sources else []), it.meaning]
        for it in columns
    ]
    return [f"| {' | '.join(cells)} |" for cells in (head, ["---"] * len(head), *rows)]


def page() -> str:
    """The whole page."""
    parts = (
        ("The table `events`: Snowplow's columns", table(EVENTS[:SNOWPLOWS], sources=True)),
        ("The table `events`: Firn's own", table(EVENTS[SNOWPLOWS:], sources=True)),
        ("The table `bad_rows`: lines that could not become an event", table(BAD_ROWS, sources=False)),
    )
    return HEAD + "".join(f"\n## {title}\n\n" + "\n".join(rows) + "\n" for title, rows in parts)


def test_the_page_of_columns_is_up_to_date(rewrite_golden: bool) -> None:  # noqa: FBT001 - a fixture
    if rewrite_golden:
        PAGE.write_text(page(), encoding="utf-8")
    assert page() == PAGE.read_text(encoding="utf-8"), "write it anew with --rewrite-golden, and read the difference"


def test_each_column_has_a_meaning_in_words() -> None:
    assert [] == [it.name for it in (*EVENTS, *BAD_ROWS) if len(it.meaning.split()) < 2 and it.meaning != "Unused"]


def test_each_type_has_a_name() -> None:
    assert set(ARROW) == set(TYPES)


def test_a_column_without_a_source_is_one_that_nothing_fills() -> None:
    unfilled = {it.name for it in EVENTS if source(it.name) == NOTHING}
    assert {"geo_city", "ip_isp", "br_type", "tr_total_base", "etl_tags"} <= unfilled
    assert set() == unfilled & {"page_group", "refr_term", "event_id", "failures", "raw_line"}
