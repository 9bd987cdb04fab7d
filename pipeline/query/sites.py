"""The owner's sites as a relation: settings in, the SELECT of the view `sites` (site, time_zone) out."""

from collections.abc import Mapping

from sqlglot import exp

from enrich.rules import Site


def sites_view(sites: Mapping[str, Site]) -> exp.Select:
    """The view's SELECT, for any dialect; a name is a literal in it, whatever it holds.

    A lone row of nulls that nothing matches stands for no sites at all, since VALUES must have a row.
    """
    rows: list[tuple[str | None, str | None]] = [(name, site.time_zone) for name, site in sites.items()]
    cells = [
        exp.Tuple(expressions=[exp.cast(exp.convert(cell), "varchar") for cell in row])
        for row in rows or [(None, None)]
    ]
    columns = [exp.to_identifier(name) for name in ("site", "time_zone")]
    table = exp.Values(expressions=cells, alias=exp.TableAlias(this=exp.to_identifier("known"), columns=columns))
    return exp.select("site", "time_zone").from_(table).where("site IS NOT NULL")
