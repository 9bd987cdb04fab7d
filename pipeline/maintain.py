"""What keeps the lake in order: the owner's sites in; tables and views that fit this release, out."""

import re
from collections.abc import Callable, Mapping
from graphlib import TopologicalSorter

from enrich.rules import Site
from pipeline.query import views
from pipeline.query.sites import sites_view

COMMENT = re.compile(r"--.*")
RELATION = re.compile(r"\b(?:FROM|JOIN)\s+(\w+)")


def lay_views(execute: Callable[[str], None], sites: Mapping[str, Site]) -> list[str]:
    """Make each view anew with `execute`, which runs one statement of Athena's SQL; their names, in that order.

    Anew each time, since a view that says `SELECT *` keeps the columns that it was made with, and Athena refuses it
    once its table has grown.
    """
    selects = {"sites": sites_view(sites)} | {it.name: it.sql for it in views().values()}
    names = in_order(selects)
    for name in names:
        execute(f"CREATE OR REPLACE VIEW {name} AS\n{selects[name]}")
    return names


def in_order(selects: Mapping[str, str]) -> list[str]:
    """The views' names, each after those that it asks."""
    asked = {name: sorted(selects.keys() & relations(sql)) for name, sql in sorted(selects.items())}
    return list(TopologicalSorter(asked).static_order())


def relations(sql: str) -> set[str]:
    """The tables and views that a SELECT names."""
    return set(RELATION.findall(COMMENT.sub("", sql)))
