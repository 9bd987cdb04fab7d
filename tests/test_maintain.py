"""The views: all of them, each after those that it asks, made in a text that Athena takes."""

import sqlglot
from sqlglot import exp

from enrich.rules import Site
from pipeline.maintain import in_order, lay_views
from pipeline.query import views


def laid(**sites: Site) -> dict[str, str]:
    """What is executed, by the view's name."""
    statements: list[str] = []
    names = lay_views(statements.append, sites)
    return dict(zip(names, statements, strict=True))


def test_every_view_is_made_once_with_the_sites() -> None:
    assert {"sites", *views()} == set(laid())


def test_a_view_is_made_after_all_that_it_asks_as_a_real_parser_finds_them() -> None:
    made: list[str] = []
    for name, statement in laid().items():
        asked = {it.name for it in sqlglot.parse_one(statement, read="athena").find_all(exp.Table)}
        assert asked & {"sites", *views()} - {name} <= set(made), name
        made.append(name)


def test_a_statement_is_the_views_own_select_under_its_name() -> None:
    for name, statement in laid().items():
        (created,) = sqlglot.parse(statement, read="athena")
        assert isinstance(created, exp.Create)
        assert ("VIEW", name, True) == (created.kind, created.this.name, created.args["replace"])
        if name in views():
            assert sqlglot.parse_one(views()[name].sql, read="athena") == created.expression


def test_the_owners_sites_stand_in_the_view() -> None:
    assert (
        "(CAST('o''blog' AS varchar), CAST('Europe/Berlin' AS varchar))"
        in laid(**{"o'blog": Site(time_zone="Europe/Berlin")})["sites"]
    )


def test_what_a_comment_names_is_not_asked() -> None:
    assert ["b", "a"] == in_order({"a": "SELECT 1 FROM b", "b": "-- JOIN a\nSELECT 1 FROM events"})
