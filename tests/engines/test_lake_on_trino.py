"""The lake as Athena's engine finds it: types that Athena takes (D5), and each raw object's rows once."""

import json
import re
from datetime import datetime

import pyarrow as pa
import pytest

from pipeline.glue_catalog import glue_lake
from pipeline.lake import TABLES, Lake, prepared, replace
from pipeline.query import views
from pipeline.schema import BAD_ROWS_SCHEMA, EVENTS_SCHEMA
from tests.engines.conftest import Cloud, Rows
from tests.engines.database import created
from tests.engines.emulator import Emulator
from tests.engines.trino import Trino

pytestmark = [pytest.mark.e2e, pytest.mark.usefixtures("in_the_cloud")]

# Trino has more, and Athena refuses it: zones, uuid, time, smallint, fixed. Iceberg's own times have six digits, of
# which Athena reads three.
TAKEN = {"varchar", "integer", "bigint", "double", "decimal(18,2)", "boolean", "timestamp(6)"}
IN_VIEWS = TAKEN | {"date"}
FIXED_TEXT = re.compile(r"varchar\(\d+\)")  # of a literal, in a view
NOON = datetime(2026, 11, 24, 12)  # noqa: DTZ001 - UTC, as in the lake


@pytest.mark.parametrize(
    ("names", "taken"), [(TABLES.keys(), TAKEN), ({"sites", *views()}, IN_VIEWS)], ids=["tables", "views"]
)
def test_athena_takes_the_type_of_every_column(cloud: Cloud, trino: Trino, names: set[str], taken: set[str]) -> None:
    sql = f"SELECT table_name, column_name, data_type FROM information_schema.columns WHERE table_schema = '{cloud.database.name}'"  # noqa: E501, S608
    columns = [it for it in trino.rows(cloud.database.name, sql) if it[0] in names]
    assert set(names) == {table for table, _, _ in columns}
    assert [] == [it for it in columns if FIXED_TEXT.sub("varchar", it[2]) not in taken]


@pytest.mark.parametrize("name", TABLES)
def test_a_table_is_of_the_format_that_athena_reads(emulator: Emulator, cloud: Cloud, name: str) -> None:
    table = emulator.client("glue").get_table(DatabaseName=cloud.database.name, Name=name)["Table"]
    bucket, key = table["Parameters"]["metadata_location"].removeprefix("s3://").split("/", 1)
    assert 2 == json.loads(emulator.client("s3").get_object(Bucket=bucket, Key=key)["Body"].read())["format-version"]


@pytest.mark.parametrize("name", TABLES)
def test_no_time_is_finer_than_athena_reads(cloud: Cloud, trino: Trino, name: str) -> None:
    times = [it.name for it in TABLES[name].columns if pa.types.is_timestamp(it.type)]
    finer = " OR ".join(f"date_trunc('millisecond', {it}) <> {it}" for it in times)
    rows = trino.rows(cloud.database.name, f"SELECT count(*), count_if({finer}) FROM {name}")  # noqa: S608 (our own names)
    ((all_rows, fine),) = rows
    assert all_rows > 0
    assert 0 == fine


@pytest.fixture
def lake(emulator: Emulator) -> Lake:
    """A lake of its own, with its tables, and nothing in them."""
    return prepared(glue_lake(created(emulator).name))


def rows(raw_object: str, page: str, lines: int) -> Rows:
    """That many views of a page, and as many bad rows."""
    view = {"app_id": "blog", "event": "page_view", "collector_tstamp": NOON, "derived_tstamp": NOON}
    events = [view | {"page_urlpath": page, "raw_object": raw_object, "raw_line": line} for line in range(lines)]
    bad_rows = [{"raw_object": raw_object, "raw_line": line, "reason": page, "line": ""} for line in range(lines)]
    return Rows(pa.Table.from_pylist(events, EVENTS_SCHEMA), pa.Table.from_pylist(bad_rows, BAD_ROWS_SCHEMA))


def test_what_is_read_again_stands_in_the_place_of_what_was_there(lake: Lake, trino: Trino) -> None:
    replace(lake, ["1.gz", "2.gz"], [rows("1.gz", "/old", 3), rows("2.gz", "/other", 2)])
    replace(lake, ["1.gz"], [rows("1.gz", "/new", 1)])
    replace(lake, ["1.gz"], [rows("1.gz", "/new", 1)])
    found = trino.rows(lake.database, "SELECT raw_object, page_urlpath, count(*) FROM events GROUP BY 1, 2 ORDER BY 1")
    assert [["1.gz", "/new", 1], ["2.gz", "/other", 2]] == found
    found = trino.rows(lake.database, "SELECT raw_object, reason, count(*) FROM bad_rows GROUP BY 1, 2 ORDER BY 1")
    assert [["1.gz", "/new", 1], ["2.gz", "/other", 2]] == found


def test_what_trino_deletes_is_gone_for_the_next_replace_too(lake: Lake, trino: Trino) -> None:
    """Athena writes deletes beside the files, and pyiceberg must heed them when it rewrites one of these files."""
    replace(lake, ["1.gz", "2.gz"], [rows("1.gz", "/kept", 2), rows("2.gz", "/other", 2)])
    trino.rows(lake.database, "DELETE FROM events WHERE raw_object = '2.gz' AND raw_line = 0")
    replace(lake, ["1.gz"], [rows("1.gz", "/new", 1)])
    found = trino.rows(lake.database, "SELECT raw_object, raw_line FROM events ORDER BY 1, 2")
    assert [["1.gz", 0], ["2.gz", 1]] == found
