"""A site's days and the answers about the last week → the week that the sentence is about."""

from collections import Counter
from collections.abc import Iterable, Mapping

from pipeline.report.answers import Answers
from pipeline.report.counts import Days, Row, comparable, total, within
from pipeline.report.period import WEEK, Period
from pipeline.report.rankings import page
from pipeline.report.sentences import PageGain, Week


def week(name: str, days: Days, period: Period, answers: Answers) -> Week:
    """The last week of a site, whose rows alone the answers hold."""
    last = period.last_week
    before = comparable(days, last.before)
    newest = max((day for day, it in days.items() if it.page_views and day <= period.last), default=None)
    return Week(
        name,
        period.last,
        min(WEEK, Period(min(days), period.last).length),
        within(days, last),
        before,
        newest,
        visits_by_source(answers.of_week["sources"]),
        None if before is None else page_that_gained_most(answers),
    )


def together(weeks: Iterable[Week], name: str) -> Week:
    """The weeks of several sites as one; there is none before it unless each has one."""
    weeks = list(weeks)
    befores = [it.before for it in weeks if it.before is not None]
    return Week(
        name,
        weeks[0].last,
        max(it.days for it in weeks),
        total(it.now for it in weeks),
        total(befores) if len(befores) == len(weeks) else None,
        max((it.newest for it in weeks if it.newest), default=None),
        sum((Counter(it.came) for it in weeks), Counter()),
        max((it.page for it in weeks if it.page), key=lambda it: it.gained, default=None),
    )


def visits_by_source(rows: Iterable[Row]) -> Mapping[str | None, int]:
    """How many visits each source sent, by whatever channel."""
    came: Counter[str | None] = Counter()
    for row in rows:
        came[row["source"]] += row["visits"] or 0
    return came


def page_that_gained_most(answers: Answers) -> PageGain | None:
    """Of the pages of the week the one that gained the most page views over the week before."""
    before = {row["page_urlpath"]: row["page_views"] for row in answers.of_week_before["pages"]}
    gains = [
        PageGain(page(row).name, row["page_views"], before.get(row["page_urlpath"], 0))
        for row in answers.of_week["pages"]
    ]
    return max(gains, key=lambda it: it.gained, default=None)
