"""Salts in the KeyValueStore: real signed requests to a double of its API that keeps AWS's rules."""

import json
import logging
from datetime import datetime

import pytest
from botocore.exceptions import ClientError

from enrich.visitor_hash import visitor_hash
from pipeline.salts import key_values, renewed_lists, salt_list
from pipeline.salts.key_value_store import TRIES, Renewal, renew_salts
from pipeline.twin.edge import Edge, Request
from tests.salts.store import ARN, CONFLICT, PRECONDITION, Refusal, Store

BLOG = {"blog": "Europe/Berlin"}
NOON = int(datetime.fromisoformat("2026-11-23 12:00Z").timestamp() * 1000)
DAY = 24 * 60 * 60 * 1000


def test_an_empty_store_gets_each_sites_list_in_one_update(store: Store) -> None:
    assert Renewal(written=2, dropped=0) == renew_salts(ARN, BLOG | {"shop": "UTC"}, NOON)
    assert ["DescribeKeyValueStore", "ListKeys", "UpdateKeys"] == store.calls
    assert [3, 3] == [len(salt_list(store.items[site])) for site in ("blog", "shop")]


def test_a_second_run_on_the_same_day_writes_nothing(store: Store) -> None:
    renew_salts(ARN, BLOG, NOON)
    before = dict(store.items)
    store.calls.clear()
    assert Renewal(0, 0) == renew_salts(ARN, BLOG, NOON + 1)
    assert ["DescribeKeyValueStore", "ListKeys"] == store.calls
    assert before == store.items


def test_no_other_key_is_touched(store: Store) -> None:
    others = {"flag": "on", "redirects": '[[1,"/new"]]'}
    store.put(others | key_values(renewed_lists({}, {"gone": "UTC"}, NOON)))
    assert Renewal(written=1, dropped=1) == renew_salts(ARN, BLOG, NOON)
    assert {"blog", *others} == set(store.items)
    assert others == {key: store.items[key] for key in others}


def test_more_keys_than_a_call_takes_are_read_and_written_in_several(store: Store) -> None:
    sites = {f"site {n:03}": "UTC" for n in range(120)}
    assert Renewal(120, 0) == renew_salts(ARN, sites, NOON)
    assert Renewal(0, 0) == renew_salts(ARN, sites, NOON)
    assert Renewal(0, 120) == renew_salts(ARN, {}, NOON)
    assert ["DescribeKeyValueStore", "ListKeys", *["UpdateKeys"] * 3] == store.calls[:5]
    assert ["DescribeKeyValueStore", *["ListKeys"] * 3] == store.calls[5:9]
    assert {} == store.items


@pytest.mark.parametrize("outdated", [CONFLICT, PRECONDITION], ids=lambda it: it.code)
def test_of_two_runs_at_once_the_second_takes_what_the_first_has_written(store: Store, outdated: Refusal) -> None:
    first = key_values(renewed_lists({}, BLOG, NOON))
    store.outdated = outdated
    store.before_update = lambda: store.put(first)
    assert Renewal(0, 0) == renew_salts(ARN, BLOG, NOON)
    assert first == store.items


def test_a_store_that_changes_all_the_time_is_given_up(store: Store) -> None:
    store.before_update = lambda: store.put({"flag": "on"})
    with pytest.raises(ClientError, match="ConflictException"):
        renew_salts(ARN, BLOG, NOON)
    assert TRIES == store.calls.count("UpdateKeys")
    assert {"flag": "on"} == store.items


def test_an_update_whose_answer_is_lost_is_written_once(store: Store) -> None:
    store.lost_answers = 1
    renew_salts(ARN, BLOG, NOON)
    landed = dict(store.items)
    assert Renewal(0, 0) == renew_salts(ARN, BLOG, NOON)
    assert landed == store.items
    assert "version 2" == store.etag


@pytest.mark.usefixtures("store")
def test_a_refusal_is_told_without_a_salt() -> None:
    with pytest.raises(ClientError) as error:
        renew_salts(ARN, BLOG | {"x" * 513: "UTC"}, NOON)
    assert "An error occurred (ValidationException) when calling the UpdateKeys operation: over a limit" == str(
        error.value
    )


def test_a_request_that_another_key_has_signed_is_refused(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "a stranger's")
    with pytest.raises(ClientError, match="the signature does not match"):
        renew_salts(ARN, BLOG, NOON)
    assert [] == store.calls


def test_no_salt_is_logged_at_the_level_that_lambda_logs(store: Store, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    renew_salts(ARN, BLOG, NOON)
    assert not [salt for _, salt in salt_list(store.items["blog"]) if salt in caplog.text]


@pytest.mark.e2e
def test_the_edge_function_hashes_with_what_is_in_the_store(store: Store) -> None:
    renew_salts(ARN, BLOG, NOON)
    (_, today), (_, tomorrow), _ = json.loads(store.items["blog"])
    request = Request("GET", "/i", "e=pv&p=web&aid=blog", {"user-agent": "agent"}, "203.0.113.7")
    with Edge() as edge:
        edge.put_salts(store.items)
        logged = [edge.answer(request, at).logged for at in (NOON, NOON + DAY)]
    expected = [visitor_hash(salt, "blog", "203.0.113.7", "agent") for salt in (today, tomorrow)]
    assert [f"1.{it}." for it in expected] == logged
