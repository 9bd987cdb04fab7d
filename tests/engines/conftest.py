"""A lake in Glue that holds a bit of everything, with both engines on it."""

import time
from collections.abc import Iterator
from datetime import datetime
from functools import partial
from typing import Any, NamedTuple

import pyarrow as pa
import pytest

from enrich.rules import Site
from pipeline.glue_catalog import glue_lake
from pipeline.lake import Lake, prepared, replace, scan
from pipeline.load import load
from pipeline.maintain import lay_views
from pipeline.places import shipped
from pipeline.query import queries, views
from pipeline.query.athena import Athena
from pipeline.query.laptop import Laptop, reading_once
from pipeline.raw import RawObject
from pipeline.schema import BAD_ROWS_SCHEMA, EVENTS_SCHEMA
from pipeline.settings import load as settings
from pipeline.transform import Given
from pipeline.twin.month import month
from pipeline.twin.month.log import Delivery
from tests.engines import athena as doubles
from tests.engines.database import Database, created
from tests.engines.emulator import Emulator
from tests.query.cases import event, expected

SOME_DELIVERIES = slice(60, 70)
NOW = datetime(2026, 11, 1)  # noqa: DTZ001 - UTC, as in the lake


class Rows(NamedTuple):
    """What `replace` takes."""

    events: pa.Table
    bad_rows: pa.Table


class Cloud(NamedTuple):
    """A lake in Glue, with the same sites on both engines."""

    database: Database
    lake: Lake
    laptop: Laptop
    athena: Athena


@pytest.fixture(scope="module")
def in_the_cloud(emulator: Emulator) -> Iterator[None]:
    """This process's own environment points at the emulator, as root."""
    with emulator.surroundings():
        yield


@pytest.fixture(scope="session")
def cloud(emulator: Emulator, athena: doubles.Athena) -> Cloud:
    """The rows of all cases and of some of the demo's objects; for tests that change none of them."""
    with emulator.surroundings():
        database = created(emulator)
        client = emulator.client("athena", endpoint_url=athena.endpoint)
        engine = Athena(database.name, database.workgroup, client, pause)
        lake, sites = filled(prepared(glue_lake(database.name)))
        lay_views(engine.execute, sites)
        return Cloud(database, lake, Laptop(reading_once(partial(scan, lake)), sites), engine)


def pause(_seconds: float) -> None:
    """The real Athena is not asked so often."""
    time.sleep(0.02)


def filled(lake: Lake) -> tuple[Lake, dict[str, Site]]:
    """The lake with its rows, and the sites that they are of."""
    cases = {name: expected(name) for name in (*queries(), *views())}
    replace(lake, ["raw/1.gz"], [all_rows(cases)])
    rules = settings(shipped("firn.toml")).rules
    load([RawObject(it.key, partial(content, it)) for it in month()[SOME_DELIVERIES]], Given(rules, NOW), lake)
    zones = {of(name, site): zone for name, case in cases.items() for site, zone in case["sites"].items()}
    return lake, {**rules.sites, **{site: Site(time_zone=zone) for site, zone in zones.items()}}


def content(delivery: Delivery) -> Iterator[bytes]:
    """The bytes of one of the demo's raw objects."""
    yield delivery.content()


def all_rows(cases: dict[str, dict[str, Any]]) -> Rows:
    """The rows of all cases, the sites and the events of each under names of its own."""
    events = [own(name, event(*it)) for name, case in cases.items() for it in enumerate(case.get("events", ()))]
    bad_rows = [row | {"raw_object": "raw/1.gz"} for case in cases.values() for row in case.get("bad_rows", ())]
    return Rows(pa.Table.from_pylist(events, EVENTS_SCHEMA), pa.Table.from_pylist(bad_rows, BAD_ROWS_SCHEMA))


def own(case: str, row: dict[str, Any]) -> dict[str, Any]:
    """The row under names that no other case's rows have."""
    names = {key: of(case, row[key]) for key in ("app_id", "event_id") if row.get(key) is not None}
    return row | names | {"raw_object": "raw/1.gz"}


def of(case: str, name: str) -> str:
    """The case's own name for what it calls `name`."""
    return f"{case}/{name}"
