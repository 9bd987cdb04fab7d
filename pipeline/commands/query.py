"""`firn query`: a question by name or as SQL in, its answer in one of four forms out."""

from collections.abc import Iterator
from functools import partial
from pathlib import Path

import click
import pyarrow as pa

from pipeline import terminal
from pipeline.commands.options import settings_and_data
from pipeline.lake import scan
from pipeline.query import Engine, Query, answer, queries, views
from pipeline.query.laptop import Laptop
from pipeline.settings import Settings
from pipeline.sqlite_catalog import open_lake


def _pairs(_context: click.Context, _option: click.Parameter, given: tuple[str, ...]) -> dict[str, str]:
    if bare := [it for it in given if "=" not in it]:
        raise click.BadParameter(f"{bare[0]!r} is not of the form NAME=VALUE.")
    return {name: value for name, _, value in (it.partition("=") for it in given)}


@click.command()
@click.argument("name", required=False)
@click.option("-e", "sql", metavar="SQL", help="Answer this SELECT (in Athena's SQL) instead of a named query.")
@click.option("--list", "listing", is_flag=True, help="List what can be asked, in plain English.")
@click.option(
    "--set", "parameters", multiple=True, metavar="NAME=VALUE", callback=_pairs, help="The value of :NAME in the SQL."
)
@click.option(
    "--format",
    "form",
    type=click.Choice(list(terminal.FORMATS)),
    default="table",
    show_default=True,
    help="json is one array of all rows as objects.",
)
@settings_and_data
def query(  # noqa: PLR0913 (one argument for each option)
    *,
    name: str | None,
    sql: str | None,
    listing: bool,
    parameters: dict[str, str],
    form: str,
    settings: Settings,
    data: Path,
) -> None:
    """Ask the lake a question, by name or in SQL.

    NAME is a query that Firn brings. SQL of your own can ask the tables and views that --list names.

    \b
    Examples:
      firn query --list
      firn query daily_overview
      firn query sources --set first_day=2026-10-01 --set last_day=2026-10-31
      firn query -e "SELECT page_urlpath, count(*) AS views FROM page_views GROUP BY 1 ORDER BY 2 DESC"
      firn query -e "SELECT * FROM events WHERE event_id = :id" --set id=9c65e7f3-8e8e-470d-b243-910b5b300da0
    """  # noqa: D301 (\b is click's mark for lines that stay as they are)
    if (name is not None) + (sql is not None) + listing != 1:
        raise click.UsageError("Give either the NAME of a query, or -e SQL, or --list.")
    if listing:
        terminal.shown(_listed(), form)
        return
    laptop: Engine = Laptop(partial(scan, open_lake(data / "lake")), settings.rules.sites)
    terminal.shown(laptop.answer(sql, parameters) if sql is not None else answer(str(name), parameters, laptop), form)


def _listed() -> pa.Table:
    columns = ("name", "kind", "answers", "parameters")
    return pa.Table.from_pylist([dict(zip(columns, it, strict=True)) for it in _asked()])


def _asked() -> Iterator[tuple[str, str, str, str | None]]:
    for kind, files in (("query", queries()), ("view", views())):
        yield from ((it.name, kind, it.answers, _parameters(it)) for it in files.values())
    yield "sites", "view", "The sites of the settings, each with its time zone.", None
    yield "events", "table", "Every event that was read, copies and those with a filter_reason too.", None
    yield "bad_rows", "table", "Every line that could not become an event, with the reason.", None


def _parameters(asked: Query) -> str | None:
    return ", ".join(it.name for it in asked.parameters) or None
