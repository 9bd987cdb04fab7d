"""Athena's engine answers what the laptop's does: each query and view, on the rows of all cases and of some demo days.

The rows lie where they do in an account: in Iceberg tables that pyiceberg wrote and Glue names.
"""

import pyarrow as pa
import pytest

from pipeline.query import answer, queries, views
from tests.engines.conftest import Cloud
from tests.query.cases import expected

pytestmark = [pytest.mark.e2e, pytest.mark.usefixtures("in_the_cloud")]


@pytest.mark.parametrize("name", queries())
def test_a_query_answers_the_same_rows_in_the_same_order(cloud: Cloud, name: str) -> None:
    here, there = answer(name, {}, cloud.laptop), answer(name, {}, cloud.athena)
    assert here.num_rows > 0
    assert here.to_pylist() == there.to_pylist()
    assert here.schema.remove_metadata() == there.schema


@pytest.mark.parametrize("name", queries())
def test_a_query_of_some_days_answers_the_same(cloud: Cloud, name: str) -> None:
    days = {"first_day": "2026-07-01", "last_day": "2026-07-02"}
    assert answer(name, days, cloud.laptop).to_pylist() == answer(name, days, cloud.athena).to_pylist()


@pytest.mark.parametrize("name", views())
def test_a_view_holds_the_same_rows(cloud: Cloud, name: str) -> None:
    columns = ", ".join(expected(name)["columns"])
    sql = f"SELECT {columns} FROM {name}"  # noqa: S608 (our own names)
    assert rows_of(cloud.laptop.answer(sql, {})) == rows_of(cloud.athena.answer(sql, {}))


def rows_of(table: pa.Table) -> list[str]:
    return sorted(map(repr, table.to_pylist()))
