"""The lake in a Glue database: whatever becomes of Glue's answers, no table breaks and nothing is doubled."""

import datetime as dt
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, NamedTuple

import botocore.session
import pyarrow as pa
import pytest
from botocore.exceptions import ClientError
from pyiceberg.exceptions import NoSuchTableError

from pipeline import lake as lake_module
from pipeline.errors import UserError
from pipeline.glue_catalog import glue_lake
from pipeline.lake import TABLES, Lake, LakeBusy, opened, prepared, replace, scan
from pipeline.schema import BAD_ROWS_SCHEMA, EVENTS_SCHEMA
from tests.glue_double import Fault, Glue, served

pytestmark = pytest.mark.e2e  # each waits, as the real service makes one wait

DATABASE = "firn_test"
NOON = dt.datetime(2026, 11, 23, 12)  # noqa: DTZ001 (the lake's times have no zone)


@pytest.fixture
def glue(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Glue]:
    """Glue at an address of this machine, its tables in a folder."""
    glue = Glue(DATABASE, f"file://{tmp_path}/lake")
    with served(glue) as address:
        monkeypatch.setenv("AWS_ENDPOINT_URL_GLUE", address)
        for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
            monkeypatch.setenv(name, "test")
        monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-west-1")
        monkeypatch.setattr(lake_module, "LONGEST_WAITS_SECONDS", (0, 0, 0, 0, 0))
        yield glue


@pytest.fixture
def lake(glue: Glue) -> Lake:
    """Laid down and already holding an object, so that each replace deletes and appends."""
    lake = prepared(glue_lake(DATABASE))
    put(lake, "old", "a")
    glue.asked.clear()
    return lake


class Rows(NamedTuple):
    events: pa.Table
    bad_rows: pa.Table


def put(lake: Lake, *raw_objects: str) -> None:
    events = [{"raw_object": it, "raw_line": 1, "collector_tstamp": NOON} for it in raw_objects]
    bad_rows = [{"raw_object": it, "raw_line": 2, "reason": "not_a_log_line"} for it in raw_objects]
    rows = Rows(pa.Table.from_pylist(events, EVENTS_SCHEMA), pa.Table.from_pylist(bad_rows, BAD_ROWS_SCHEMA))
    replace(lake, raw_objects, [rows])


def held(lake: Lake) -> list[Counter[str]]:
    """How often each raw object is in each table; all columns are read, so that a file that is gone would be found."""
    return [Counter(scan(lake, name)["raw_object"].to_pylist()) for name in TABLES]


def once(*raw_objects: str) -> list[Counter[str]]:
    return [Counter(raw_objects)] * len(TABLES)


TROUBLES = {
    "the answer is lost": (True, 0, ""),
    "the request is lost": (False, 0, ""),
    "an error after it was done": (True, 500, "InternalServiceException"),
    "an error before it was done": (False, 500, "InternalServiceException"),
    "a gateway that gave up waiting": (True, 504, ""),
    "throttled": (False, 400, "ThrottlingException"),
    "another was faster": (False, 400, "ConcurrentModificationException"),
    "too slow": (True, 400, "OperationTimeoutException"),
}


@pytest.mark.parametrize("trouble", TROUBLES.values(), ids=TROUBLES)
def test_a_replace_ends_the_same_whatever_becomes_of_an_answer(
    glue: Glue, lake: Lake, trouble: tuple[bool, int, str]
) -> None:
    glue.faults = [Fault("UpdateTable", *trouble), Fault("UpdateTable", *trouble), Fault("GetTable", True, 500)]  # noqa: FBT003
    put(lake, "a", "b")
    assert [] == glue.faults
    assert once("old", "a", "b") == held(lake)
    put(lake, "a", "b")
    assert once("old", "a", "b") == held(lake)


def test_no_update_is_sent_twice(glue: Glue, lake: Lake) -> None:
    glue.faults = [Fault("UpdateTable", done=True), Fault("UpdateTable", done=False)]
    put(lake, "a")
    sent = [
        asked["TableInput"]["Parameters"]["metadata_location"] for name, asked in glue.asked if name == "UpdateTable"
    ]
    assert len(sent) == len(set(sent)) > len(TABLES)


def test_a_lake_whose_answers_are_always_lost_is_given_up_and_is_whole(glue: Glue, lake: Lake) -> None:
    glue.faults = [Fault("UpdateTable", done=True)] * 9
    with pytest.raises(LakeBusy, match="run this again"):
        put(lake, "a", "b")
    assert 5 == [name for name, _ in glue.asked].count("UpdateTable")
    glue.faults = []
    put(lake, "a", "b")
    assert once("old", "a", "b") == held(lake)


def test_what_is_forbidden_is_not_asked_again(glue: Glue, lake: Lake) -> None:
    glue.faults = [Fault("UpdateTable", False, 400, "AccessDeniedException")]  # noqa: FBT003
    with pytest.raises(ClientError, match="AccessDenied"):
        put(lake, "a")
    assert 1 == [name for name, _ in glue.asked].count("UpdateTable")
    assert once("old", "a") == held(lake)


@pytest.mark.parametrize("objects", [["a", "a", "a"], ["a", "b", "c"]], ids=["the same object", "others"])
def test_runs_at_once_put_each_object_in_once(glue: Glue, lake: Lake, objects: list[str]) -> None:
    glue.faults = [Fault("UpdateTable", done=True)]
    with ThreadPoolExecutor(3) as threads:
        list(threads.map(put, [glue_lake(DATABASE) for _ in objects], objects))
    assert once("old", *{"a", *objects}) == held(lake)


@pytest.mark.parametrize("trouble", TROUBLES.values(), ids=TROUBLES)
def test_tables_are_made_once_whatever_becomes_of_an_answer(glue: Glue, trouble: tuple[bool, int, str]) -> None:
    glue.faults = [Fault("CreateTable", *trouble)]
    lake = prepared(glue_lake(DATABASE))
    assert ([], once()) == (glue.faults, held(lake))
    assert set(TABLES) == set(glue.tables)


def test_who_only_opens_a_lake_makes_no_table_and_is_told_who_does(glue: Glue) -> None:
    with pytest.raises(UserError, match=r"no table bad_rows in firn_test: invoke the function that maintains it"):
        opened(glue_lake(DATABASE))
    assert {"GetTable"} == {name for name, _ in glue.asked}
    with pytest.raises(NoSuchTableError):
        glue_lake(DATABASE).table("events")


def test_a_table_lies_below_the_databases_folder(glue: Glue, lake: Lake) -> None:
    assert f"{glue.database['LocationUri']}/events" == lake.table("events").location()


@pytest.mark.usefixtures("lake")
def test_what_is_sent_is_within_the_limits_that_glue_has_by_its_model(glue: Glue) -> None:
    model = botocore.session.get_session().get_service_model("glue")
    shape = model.shape_for("TableInput")
    assert [] == [fault for table in glue.tables.values() for fault in faults_by_model(shape, table)]
    assert ["Name: too long"] == list(faults_by_model(shape, {"Name": "x" * 256}))


def faults_by_model(shape: Any, value: Any, place: str = "") -> Iterator[str]:  # noqa: ANN401 (whatever JSON holds)
    """What Glue would refuse: botocore itself checks types and least lengths only."""
    if shape.type_name == "structure":
        for name in value.keys() & shape.members.keys():
            yield from faults_by_model(shape.members[name], value[name], f"{place}.{name}".lstrip("."))
    elif shape.type_name == "list":
        for number, it in enumerate(value):
            yield from faults_by_model(shape.member, it, f"{place}[{number}]")
    elif shape.type_name == "map":
        for key, it in value.items():
            yield from faults_by_model(shape.key, key, f"{place}.{key}")
            yield from faults_by_model(shape.value, it, f"{place}.{key}")
    elif shape.type_name == "string" and len(value) > shape.metadata.get("max", 2**31):
        yield f"{place}: too long"


@pytest.mark.usefixtures("glue")
def test_arrow_is_told_the_region_and_where_boto3_finds_s3(monkeypatch: pytest.MonkeyPatch) -> None:
    told = {"s3.region": "eu-west-1"}
    assert told == glue_lake(DATABASE).catalog.properties
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:1")
    assert told | {"s3.endpoint": "http://127.0.0.1:1"} == glue_lake(DATABASE).catalog.properties
    monkeypatch.setenv("AWS_ENDPOINT_URL_S3", "http://127.0.0.1:2")
    assert told | {"s3.endpoint": "http://127.0.0.1:2"} == glue_lake(DATABASE).catalog.properties
