"""What was measured, each quantity beside its floor and the bar that it is held to; out comes one table."""

from collections.abc import Sequence
from typing import NamedTuple

HEAD = ("what", "measured", "floor", "ratio", "bar", "")
A_THOUSAND, A_HUNDRED = 1000, 100


class Bar(NamedTuple):
    """What a figure is held to, in words, and whether it holds."""

    words: str
    holds: bool


class Figure(NamedTuple):
    """One quantity, what such work cannot do without, and what it may come to; all in `unit`, `times_floor` alone."""

    what: str
    unit: str
    value: float | None
    """None where this machine lacks what is measured"""
    floor: float | None = None
    at_least: float | None = None
    at_most: float | None = None
    times_floor: float | None = None
    otherwise: str = "not measured"
    """What to say where there is no value"""

    @property
    def ratio(self) -> float | None:
        """How many times its floor it is, or None without one."""
        return self.value / self.floor if self.value is not None and self.floor else None

    @property
    def bars(self) -> list[Bar]:
        """Each bar that it is held to; none where it was not measured."""
        if self.value is None:
            return []
        ratio = self.ratio or 0.0
        bars = [
            self.at_least and Bar(f"at least {told(self.at_least)} {self.unit}", self.value >= self.at_least),
            self.at_most and Bar(f"at most {told(self.at_most)} {self.unit}", self.value <= self.at_most),
            self.times_floor and Bar(f"at most {self.times_floor} times the floor", ratio <= self.times_floor),
        ]
        return [bar for bar in bars if isinstance(bar, Bar)]


def told(value: float) -> str:
    """The number, as exact as a reader needs it."""
    if value >= A_THOUSAND or value == int(value):
        return f"{value:,.0f}"
    return f"{value:.0f}" if value >= A_HUNDRED else f"{value:.1f}"


def row(it: Figure) -> tuple[str, ...]:
    """The figure under HEAD."""
    measured = it.otherwise if it.value is None else f"{told(it.value)} {it.unit}"
    floor = "" if it.floor is None else told(it.floor)
    ratio = "" if it.ratio is None else f"{it.ratio:.2f}"
    verdict = ", ".join("holds" if bar.holds else "MISSED" for bar in it.bars)
    return it.what, measured, floor, ratio, ", ".join(bar.words for bar in it.bars), verdict


def table(figures: Sequence[Figure]) -> list[str]:
    """The figures as lines of a Markdown table, which reads as well in a terminal."""
    rows = [HEAD, *map(row, figures)]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    head, *lines = [f"| {' | '.join(map(str.ljust, it, widths))} |" for it in rows]
    return [head, f"|{'|'.join('-' * (width + 2) for width in widths)}|", *lines]


def missed(figures: Sequence[Figure]) -> list[str]:
    """Each bar that is missed, in a line."""
    return [
        f"MISSED: {it.what}: {', '.join(filter(None, row(it)[1:4]))}; wanted: {bar.words}"
        for it in figures
        for bar in it.bars
        if not bar.holds
    ]


def as_values(it: Figure) -> dict[str, object]:
    """The figure for a machine, exact."""
    return {**it._asdict(), "ratio": it.ratio, "holds": all(bar.holds for bar in it.bars)}
