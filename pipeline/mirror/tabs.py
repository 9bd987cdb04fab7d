"""The sheet's tabs as values: which query fills each, and by what its rows are known."""

from typing import NamedTuple


class Tab(NamedTuple):
    """A tab `name`: the rows of `query`, of which each is known by the columns `key`, site and date among them."""

    name: str
    query: str
    key: tuple[str, ...]


TABS = (Tab("daily", "daily", ("site", "date")),)
