"""The data dictionary, `docs/columns.md`: made from the tables that the product itself uses."""

from pathlib import Path

from enrich import ENRICHMENTS
from pipeline.protocol import FROM_LOG
from pipeline.protocol.parameters import PARAMETERS
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
