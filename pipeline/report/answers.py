"""An engine that answers the questions of `queries/` in; all that a report of some days is made from out."""

from collections.abc import Mapping
from typing import NamedTuple

from pipeline.query import Engine, answer
from pipeline.report.counts import Row
from pipeline.report.period import Period

OF_THE_PERIOD = ("pages", "sources", "campaigns", "countries", "devices", "ai", "bots")
OF_THE_WEEK = ("pages", "sources")
OF_THE_WEEK_BEFORE = ("pages",)
RowsByQuestion = Mapping[str, list[Row]]


class Answers(NamedTuple):
    """The rows that answer each question: of the whole period, of its last week, and of the week before that.

    Bad rows are of no site and no day: they are all that there are.
    """

    of_period: RowsByQuestion
    of_week: RowsByQuestion
    of_week_before: RowsByQuestion
    bad_rows: list[Row]


def daily(engine: Engine) -> list[Row]:
    """The rows of `daily_overview`, of all days that there are."""
    rows: list[Row] = answer("daily_overview", {}, engine).to_pylist()
    return rows


def answers(engine: Engine, period: Period) -> Answers:
    """The rows of all other questions."""
    week = period.last_week
    return Answers(
        asked(engine, OF_THE_PERIOD, period),
        asked(engine, OF_THE_WEEK, week),
        asked(engine, OF_THE_WEEK_BEFORE, week.before),
        answer("bad_rows", {}, engine).to_pylist(),
    )


def asked(engine: Engine, questions: tuple[str, ...], period: Period) -> RowsByQuestion:
    """The rows that answer these questions of these days."""
    days = {"first_day": period.first.isoformat(), "last_day": period.last.isoformat()}
    return {name: answer(name, days, engine).to_pylist() for name in questions}


def of_site(found: Answers, site: str | None) -> Answers:
    """The same with the rows of one site alone."""
    return Answers(
        rows_of(found.of_period, site),
        rows_of(found.of_week, site),
        rows_of(found.of_week_before, site),
        found.bad_rows,
    )


def rows_of(found: RowsByQuestion, site: str | None) -> RowsByQuestion:
    """The same with the rows of that site alone."""
    return {name: [row for row in rows if row["site"] == site] for name, rows in found.items()}
