"""A tab's frame in; cells that a spreadsheet takes for what they are, and for nothing else, out."""

import re
from datetime import date, datetime
from decimal import Decimal

import pandas as pd

Cell = str | int | float | Decimal | None

# What makes a formula of a text, after whatever is not seen in front of it; wide forms count in some spreadsheets. The
# apostrophe is among them so that two texts never become one.
# Source: https://owasp.org/www-community/attacks/CSV_Injection
FORMULA = re.compile("[\\s\x00-\x1f\x7f-\xa0\u200b-\u200f\u2060\ufeff]*[=+\\-@'＝＋－＠\t\r\n]")  # noqa: RUF001


def rows(frame: pd.DataFrame) -> list[dict[str, Cell]]:
    """The frame's rows by column: numbers stay numbers, times and dates become ISO text, a null stays one."""
    names = [str(name) for name in frame.columns]
    return [dict(zip(names, map(_cell, row), strict=True)) for row in frame.itertuples(index=False, name=None)]


def no_formula(text: str) -> str:
    """The text as it is, or behind an apostrophe if a spreadsheet might take it for a formula."""
    return f"'{text}" if FORMULA.match(text) else text


def _cell(value: object) -> Cell:
    if pd.isna(value):  # type: ignore[call-overload] # a cell is no list
        return None
    if isinstance(value, datetime):
        return value.isoformat(sep=" ", timespec="seconds")
    if isinstance(value, date):
        return value.isoformat()
    return value if isinstance(value, int | float | Decimal) else no_formula(str(value))
