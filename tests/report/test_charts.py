"""Where lines, columns and labels of a chart are."""

from datetime import date, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.report.charts import HEIGHT, daily_chart, day_labels, sparkline, ticks_to

THURSDAY = date(2026, 10, 1)


def days(length: int) -> list[date]:
    return [THURSDAY + timedelta(number) for number in range(length)]


@pytest.mark.parametrize(
    ("highest", "expected"),
    [
        (0, [0, 1]),
        (1, [0, 1]),
        (3, [0, 1, 2, 3]),
        (7, [0, 2, 4, 6, 8]),
        (100, [0, 50, 100]),
        (1918, [0, 500, 1000, 1500, 2000]),
    ],
)
def test_the_scale_has_few_round_numbers(highest: int, expected: list[int]) -> None:
    assert expected == ticks_to(highest)


@given(st.integers(0, 10**9))
def test_the_scale_reaches_the_highest_value(highest: int) -> None:
    ticks = ticks_to(highest)
    assert ticks[-2] < max(highest, 1) <= ticks[-1]
    assert 2 <= len(ticks) <= 6
    assert 1 == len({after - before for before, after in pairwise(ticks)})


def test_a_column_stands_on_the_ground_and_is_as_high_as_its_value() -> None:
    chart = daily_chart(days(3), [0, 5, 10], [None, None, 5.0])
    assert [0, 50, 100] == [100 * it.height / HEIGHT for it in chart.columns]
    assert [HEIGHT] * 3 == [it.y + it.height for it in chart.columns]
    assert ["Thu 1 Oct: 0", "Fri 2 Oct: 5", "Sat 3 Oct: 10"] == [it.text for it in chart.columns]


def test_weekends_are_shaded_and_the_highest_day_is_named() -> None:
    chart = daily_chart(days(7), [1, 2, 9, 4, 5, 6, 7], [None] * 7)
    assert (20.0, 30.0) == chart.weekends
    assert "Sat 3 Oct: 9" == chart.peak.label.text


def test_the_mean_is_drawn_where_it_is_known() -> None:
    assert "M15,50 25,0" == daily_chart(days(3), [0, 4, 8], [None, 4.0, 8.0]).mean
    assert "" == daily_chart(days(2), [1, 2], [None, None]).mean


def test_a_sparkline_of_nothing_lies_on_the_ground() -> None:
    assert "M5,100 15,100" == sparkline([0, 0])


@given(st.integers(1, 800))
def test_labels_are_few_and_none_leaves_the_drawing(length: int) -> None:
    labels = day_labels(days(length))
    assert len(labels) <= 7
    assert all(it.side != "middle" for it in labels if it.at < 12 or it.at > 88)
