"""Numbers by day → the lines and columns of a chart, as an SVG draws them without knowing how wide it will be.

A day is `STEP` wide and the drawing `HEIGHT` high; the page stretches it to the room there is. Text is no part of it,
since it would be stretched too: labels have their place in percent.
"""

import math
from collections.abc import Sequence
from datetime import date
from typing import NamedTuple

from pipeline.report.period import WEEK, is_weekend
from pipeline.report.words import counted, day

STEP, HEIGHT = 10, 100
GAP = 1.5
FEWEST_LABELS = 5
EDGE = 12  # percent: a label nearer than this to a side is aligned with it


class Label(NamedTuple):
    """A text and where it stands, in percent of width or height; `side` is what it is aligned with."""

    at: float
    text: str
    side: str = "middle"


class Column(NamedTuple):
    """One day: where its column stands, and what is said when somebody points at it."""

    x: float
    width: float
    y: float
    height: float
    text: str


class Peak(NamedTuple):
    """The highest day: its label, and the height at which it stands, in percent from below."""

    label: Label
    height: float


class DailyChart(NamedTuple):
    """A column for each day, the mean of seven days as a line, and weekends behind them."""

    width: int
    columns: tuple[Column, ...]
    mean: str
    weekends: tuple[float, ...]
    across: tuple[Label, ...]
    up: tuple[Label, ...]
    peak: Peak


def daily_chart(days: Sequence[date], values: Sequence[int], means: Sequence[float | None]) -> DailyChart:
    """The chart of one value for each day; a mean that is None is not drawn."""
    ticks = ticks_to(max(values))
    top = ticks[-1]
    points = [(STEP * (number + 0.5), y_of(mean, top)) for number, mean in enumerate(means) if mean is not None]
    return DailyChart(
        width=STEP * len(days),
        columns=tuple(
            Column(STEP * number + GAP, STEP - 2 * GAP, y_of(value, top), HEIGHT - y_of(value, top), text)
            for number, (value, text) in enumerate(zip(values, map(day_and_value, days, values), strict=True))
        ),
        mean=path(points),
        weekends=tuple(float(STEP * number) for number, it in enumerate(days) if is_weekend(it)),
        across=day_labels(days),
        up=tuple(Label(100 * tick / top, counted(tick)) for tick in ticks),
        peak=peak(days, values, top),
    )


def sparkline(values: Sequence[float]) -> str:
    """The path of the values, from 0 up to the highest."""
    top = max(values) or 1
    return path([(STEP * (number + 0.5), y_of(value, top)) for number, value in enumerate(values)])


def y_of(value: float, top: float) -> float:
    """How far below the drawing's upper edge a value ends."""
    return round(HEIGHT - HEIGHT * value / top, 2)


def path(points: Sequence[tuple[float, float]]) -> str:
    """The line through the points; nothing for none."""
    return "M" + " ".join(f"{x:g},{y:g}" for x, y in points) if points else ""


def ticks_to(highest: int) -> list[int]:
    """Round numbers from 0 to the first that is not below the highest, three to six of them."""
    rough = max(highest, 3) / 4
    magnitude = 10 ** math.floor(math.log10(rough))
    step = max(1, next(round(it * magnitude) for it in (1, 2, 5, 10) if it * magnitude >= rough))
    return list(range(0, step * math.ceil(max(highest, 1) / step) + 1, step))


def day_labels(days: Sequence[date]) -> tuple[Label, ...]:
    """A label for each day, or where they are many for each Monday, or for each other Monday and so on."""
    if len(days) <= WEEK:
        return tuple(day_label(number, it, len(days)) for number, it in enumerate(days))
    mondays = [(number, it) for number, it in enumerate(days) if it.weekday() == 0]
    every = max(1, math.ceil(len(mondays) / FEWEST_LABELS))
    return tuple(day_label(number, it, len(days)) for number, it in mondays[::every])


def day_label(number: int, it: date, of: int) -> Label:
    """The label below the day of that number."""
    at = 100 * (number + 0.5) / of
    return Label(at, f"{it.day} {it:%b}", side_of(at))


def peak(days: Sequence[date], values: Sequence[int], top: int) -> Peak:
    """The label of the highest day, or the first of several."""
    number = max(range(len(values)), key=values.__getitem__)
    at = 100 * (number + 0.5) / len(days)
    return Peak(Label(at, day_and_value(days[number], values[number]), side_of(at)), 100 * values[number] / top)


def side_of(at: float) -> str:
    """What a label there is aligned with, so that none leaves the drawing."""
    return "start" if at < EDGE else "end" if at > 100 - EDGE else "middle"


def day_and_value(it: date, value: int) -> str:
    """Sat 31 Oct: 1,204."""
    return f"{day(it)}: {counted(value)}"
