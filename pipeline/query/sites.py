"""The owner's sites as a relation: settings in, the SELECT of the view `sites` (site, time_zone) out."""

from collections.abc import Mapping

from enrich.rules import Site


def sites_view(sites: Mapping[str, Site]) -> str:
    """The view's SELECT in Athena's SQL; a name is a literal in it, whatever it holds.

    A lone row of nulls that nothing matches stands for no sites at all, since VALUES must have a row.
    """
    rows: list[tuple[str | None, str | None]] = [(name, site.time_zone) for name, site in sites.items()]
    values = ", ".join(f"({literal(name)}, {literal(time_zone)})" for name, time_zone in rows or [(None, None)])
    return f"SELECT site, time_zone FROM (VALUES {values}) AS known (site, time_zone) WHERE site IS NOT NULL"  # noqa: S608 (literals)


def literal(text: str | None) -> str:
    """The text as SQL has it, where only the quote itself has to be told from the literal's end."""
    quoted = "NULL" if text is None else "'" + text.replace("'", "''") + "'"
    return f"CAST({quoted} AS varchar)"
