"""What `pulumi up` leaves: the real functions, run once under their own roles."""

import json

import pytest

from infra.config import ROOT
from pipeline.query import views
from pipeline.settings import load
from tests.infra.realise import Stack
from tests.salts.store import Store

pytestmark = pytest.mark.e2e


def test_the_tables_and_views_are_there(stack: Stack) -> None:
    glue = stack.emulator.client("glue")
    there = {it["Name"] for it in glue.get_tables(DatabaseName=stack.outputs["database"])["TableList"]}
    assert {"events", "bad_rows", "sites", *views()} == there


def test_each_site_has_salts_and_the_state_has_none(stack: Stack, salts_store: Store) -> None:
    assert set(load(ROOT / "firn.toml").rules.sites) == set(salts_store.items)
    salts = [salt for starts in salts_store.items.values() for _, salt in json.loads(starts)]
    assert 3 * len(salts_store.items) == len(salts)
    told = repr([it.inputs for it in stack.resources]) + repr(stack.outputs) + repr(stack.answers)
    assert not [salt for salt in salts if salt in told]
