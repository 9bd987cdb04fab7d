"""The enrich function: messages of S3 in, rows of the lake and the messages that failed out."""

import gzip
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from urllib.parse import quote

import boto3
import pytest
from moto import mock_aws

from pipeline.errors import UserError
from pipeline.handlers import enrich
from pipeline.lake import Lake, LakeBusy, prepared, scan
from pipeline.load import Tally, loaded
from pipeline.raw import RawObject, s3
from pipeline.raw.s3 import Unreached
from pipeline.sqlite_catalog import open_lake, sqlite_catalog

Logged = Callable[[], list[dict[str, Any]]]
BUCKET = "firn-test-raw"
LINE = json.dumps({"timestamp(ms)": "1795446131301", "cs-method": "GET", "cs-uri-stem": "/i", "cs-uri-query": "e=pv"})
GOOD = gzip.compress((LINE + "\n").encode())
CONTEXT: Any = SimpleNamespace(
    function_name="firn-test-enrich",
    memory_limit_in_mb=1769,
    invoked_function_arn="arn:aws:lambda:eu-west-1:123456789012:function:firn-test-enrich",
    aws_request_id="f7ab1f4e-0000-4000-8000-000000000000",
)


def recorded(name: str) -> dict[str, Any]:
    event: dict[str, Any] = json.loads((Path(__file__).parent / "events" / f"{name}.json").read_text("utf-8"))
    return event


def created(*keys: str, bucket: str = BUCKET) -> str:
    """The body of a message in which S3 tells of these objects."""
    event = recorded("object_created")
    [record] = event["Records"]
    records = []
    for key in keys:
        its_object = record["s3"]["object"] | {"key": quote(key, safe="/").replace("%20", "+")}
        its_bucket = record["s3"]["bucket"] | {"name": bucket}
        records.append(record | {"s3": record["s3"] | {"object": its_object, "bucket": its_bucket}})
    return json.dumps({"Records": records})


def run(*bodies: str) -> set[str]:
    """Which messages of the batch come again, by their number."""
    message = recorded("message")
    records = [message | {"messageId": str(number), "body": body} for number, body in enumerate(bodies)]
    failed = enrich.handler({"Records": records}, CONTEXT)["batchItemFailures"]
    return {str(it["itemIdentifier"]) for it in failed}


def rows(lake: Lake) -> list[str]:
    return sorted(scan(lake, "events", ["raw_object"])["raw_object"].to_pylist())


@pytest.fixture
def put(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., None]]:
    """Puts objects into the raw bucket, which is another's S3."""
    for name in ("AWS_ENDPOINT_URL", "AWS_ENDPOINT_URL_S3", "AWS_PROFILE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-west-1")
    monkeypatch.setenv("FIRN_RAW_BUCKET", BUCKET)
    with mock_aws():
        s3.client.cache_clear()
        client = boto3.client("s3")
        client.create_bucket(Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})

        def put_one(key: str, content: bytes = GOOD) -> None:
            client.put_object(Bucket=BUCKET, Key=key, Body=content)

        yield put_one
    s3.client.cache_clear()


@pytest.fixture
def lake(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Lake:
    lake = open_lake(tmp_path / "lake")
    monkeypatch.setattr(enrich, "lake", lambda: lake)
    return lake


def test_what_s3_tells_of_is_put_into_the_lake_and_told_in_one_line(
    put: Callable[..., None], lake: Lake, logged: Logged
) -> None:
    key = "cf/distributionid=E1EXAMPLE/year=2026/month=11/day=23/hour=14/E1EXAMPLE.2026-11-23-14.abcdef01.gz"
    put(key, gzip.compress(f"{LINE}\n{LINE}\nno log line\n{LINE.replace('/i', '/x')}\n".encode()))
    assert set() == run(json.dumps(recorded("object_created")))
    assert [key, key] == rows(lake)
    [line] = logged()
    expected = {"message": "enriched", "objects": 1, "lines": 4, "events": 2, "bad_rows": 1, "ignored": 1}
    assert expected == {name: line[name] for name in expected}
    assert line["milliseconds"] > 0
    assert CONTEXT.aws_request_id == line["function_request_id"]


@pytest.mark.parametrize("key", ["cf/a=b/c+d.gz", "cf/a b.gz", "cf/100%.gz", "cf/ü%20&?.gz"])
def test_a_key_is_read_as_s3_writes_it(put: Callable[..., None], lake: Lake, key: str) -> None:
    put(key)
    assert set() == run(created(key))
    assert [key] == rows(lake)


def test_a_batch_is_one_commit_a_table(put: Callable[..., None], lake: Lake) -> None:
    for key in ("a", "b", "c"):
        put(key, GOOD + gzip.compress(b"no log line\n"))
    assert set() == run(created("a"), created("b", "c"))
    assert [1, 1] == [len(lake.table(name).metadata.snapshots) for name in ("events", "bad_rows")]


def test_an_object_told_of_twice_is_there_once(put: Callable[..., None], lake: Lake) -> None:
    put("a")
    assert set() == run(created("a"), created("a", "a"))
    assert set() == run(created("a"))
    assert ["a"] == rows(lake)


def test_s3s_test_is_accepted_and_dropped(put: Callable[..., None], lake: Lake) -> None:
    put("a")
    assert set() == run(json.dumps(recorded("test_event")), created("a"))
    assert ["a"] == rows(lake)


ALIEN = {
    "no JSON": "hello",
    "nothing": "",
    "another's JSON": '{"detail-type": "Object Created"}',
    "no object at all": '{"Records": []}',
    "records that are none": '{"Records": "abc"}',
    "another version": json.dumps(recorded("object_created")).replace('"2.6"', '"3.0"'),
    "a deletion": json.dumps(recorded("object_created")).replace("ObjectCreated:Put", "ObjectRemoved:Delete"),
    "a key that is none": created("x").replace('"x"', '""'),
    "a key that is a number": created("x").replace('"x"', "7"),
    "half a character": created("x").replace('"x"', r'"\ud800"'),
    "endless brackets": "[" * 100_000,
}


@pytest.mark.parametrize("body", ALIEN.values(), ids=ALIEN)
def test_a_message_that_is_no_event_of_s3_fails_alone_with_a_sentence(
    put: Callable[..., None], lake: Lake, logged: Logged, body: str
) -> None:
    put("a")
    assert {"0"} == run(body, created("a"))
    assert ["a"] == rows(lake)
    line, why = sorted(logged(), key=lambda it: str(it["level"]))
    assert ("WARNING", "0") == (why["level"], why["message_id"])
    assert why["message"].startswith("The message is no event of S3 that Firn knows")
    assert 1 == line["objects"]


def test_an_object_of_another_bucket_is_not_read(put: Callable[..., None], lake: Lake, logged: Logged) -> None:
    put("a")
    assert {"1"} == run(created("a"), created("a", bucket="elsewhere"))
    assert ["a"] == rows(lake)
    assert any("bucket 'elsewhere'" in it["message"] for it in logged())


def test_an_object_that_cannot_be_read_fails_its_own_messages_only(
    put: Callable[..., None], lake: Lake, logged: Logged
) -> None:
    put("good")
    put("cut", GOOD[:-3])
    assert {"0", "2", "3"} == run(created("cut"), created("good"), created("missing"), created("good", "cut"))
    assert ["good"] == rows(lake)
    why = {it["message_id"]: it["message"] for it in logged() if it["level"] == "WARNING"}
    assert why["0"].startswith("cut cannot be read to its end (")
    assert why["2"].startswith("missing cannot be read to its end (")
    assert "NoSuchKey" in why["2"]


def fail(monkeypatch: pytest.MonkeyPatch, error: Exception) -> None:
    def failing(*_: object) -> None:
        raise error

    monkeypatch.setattr(enrich, "loaded", failing)


@pytest.mark.usefixtures("put", "lake")
@pytest.mark.parametrize("error", [LakeBusy("Wait."), Unreached("Wait.")])
def test_what_passes_sends_the_whole_batch_back_and_is_no_error(
    monkeypatch: pytest.MonkeyPatch, logged: Logged, error: Exception
) -> None:
    fail(monkeypatch, error)
    assert {"0", "1", "2"} == run(created("a"), created("a"), "nonsense")
    assert ["Wait.", "Wait."] == [it["message"] for it in logged() if it["message_id"] != "2"]


@pytest.mark.usefixtures("put", "lake")
def test_a_mistake_is_an_error_of_the_function(monkeypatch: pytest.MonkeyPatch) -> None:
    fail(monkeypatch, PermissionError("glue:UpdateTable"))
    with pytest.raises(PermissionError):
        run(created("a"))


@pytest.mark.usefixtures("lake")
def test_what_nobody_foresaw_fails_the_message_that_brings_it_about_alone(
    monkeypatch: pytest.MonkeyPatch, logged: Logged, put: Callable[..., None]
) -> None:
    put("cf/a.gz")
    put("cf/b.gz")

    def failing(objects: list[RawObject], *rest: Any) -> Tally:  # noqa: ANN401 (what it is given)
        if any(it.name == "cf/bad.gz" for it in objects):
            raise RuntimeError("a bug")
        return loaded(objects, *rest)

    monkeypatch.setattr(enrich, "loaded", failing)
    assert {"1"} == run(created("cf/a.gz"), created("cf/bad.gz"), created("cf/b.gz"))
    assert ["RuntimeError: a bug"] == [it["message"] for it in logged() if it.get("message_id") == "1"]


@pytest.mark.usefixtures("put", "lake")
def test_what_fails_every_message_is_an_error_of_the_function(monkeypatch: pytest.MonkeyPatch) -> None:
    fail(monkeypatch, PermissionError("glue:UpdateTable"))
    with pytest.raises(PermissionError):
        run(created("a"), created("b"))


@pytest.mark.usefixtures("put")
def test_before_maintain_has_run_the_messages_stay_in_the_queue(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    bare = Lake(sqlite_catalog(tmp_path, "firn"), "firn")
    monkeypatch.setattr(enrich, "glue_lake", {"firn_test": bare}.get)
    monkeypatch.setenv("FIRN_DATABASE", "firn_test")
    with pytest.raises(UserError, match=r"no table bad_rows in firn: invoke the function that maintains it"):
        run(created("a"))
    enrich.lake.cache_clear()
    prepared(bare)
    assert {"0"} == run(created("missing"))
    enrich.lake.cache_clear()
