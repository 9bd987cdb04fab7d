"""The functions' code on AWS's own interfaces: S3's real notifications in, an Iceberg table of Glue out."""

import json
import os
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from types import SimpleNamespace
from typing import Any

import pytest

from pipeline.glue_catalog import glue_lake
from pipeline.handlers import enrich
from pipeline.lake import Lake, prepared, scan
from pipeline.raw import s3
from tests.engines.emulator import Emulator
from tests.engines.roles import document, new_name

pytestmark = pytest.mark.e2e
LINE = '{"timestamp(ms)":"1795446131301","cs-method":"GET","cs-uri-stem":"/i","cs-uri-query":"e=pv"}\n'
FOLDER = "cf/distributionid=E1EXAMPLE/year=2026/month=11/day=23/hour=14/"
CONTEXT: Any = SimpleNamespace(function_name="f", memory_limit_in_mb=1, invoked_function_arn="arn", aws_request_id="id")


@pytest.fixture
def lake(emulator: Emulator, monkeypatch: pytest.MonkeyPatch) -> Iterator[Lake]:
    """A Glue database with its tables; the handler's own way leads there, and to a new raw bucket."""
    raw, files, database = new_name(), new_name(), new_name().replace("-", "_")
    for bucket in (raw, files):
        place = {"LocationConstraint": emulator.region}
        emulator.client("s3").create_bucket(Bucket=bucket, CreateBucketConfiguration=place)
    emulator.client("glue").create_database(DatabaseInput={"Name": database, "LocationUri": f"s3://{files}/"})
    monkeypatch.setenv("FIRN_RAW_BUCKET", raw)
    monkeypatch.setenv("FIRN_DATABASE", database)
    with emulator.surroundings():
        for held in (s3.client, enrich.lake):
            held.cache_clear()
        yield prepared(glue_lake(database))
    for held in (s3.client, enrich.lake):
        held.cache_clear()


@pytest.fixture
def put(emulator: Emulator, lake: Lake) -> Callable[..., list[dict[str, Any]]]:  # noqa: ARG001 (it makes the bucket)
    """Puts objects into the raw bucket; the messages by which S3 told of them, as Lambda hands them on."""
    bucket = os.environ["FIRN_RAW_BUCKET"]
    queues, client = emulator.client("sqs"), emulator.client("s3")
    queue = queues.create_queue(QueueName=bucket)["QueueUrl"]
    arn = queues.get_queue_attributes(QueueUrl=queue, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    send = {
        "Effect": "Allow",
        "Principal": {"Service": "s3.amazonaws.com"},
        "Action": "sqs:SendMessage",
        "Resource": arn,
    }
    queues.set_queue_attributes(QueueUrl=queue, Attributes={"Policy": document(send)})
    told = {"QueueConfigurations": [{"QueueArn": arn, "Events": ["s3:ObjectCreated:*"]}]}
    client.put_bucket_notification_configuration(Bucket=bucket, NotificationConfiguration=told)

    def put_all(**objects: str) -> list[dict[str, Any]]:
        for key, content in objects.items():
            client.put_object(Bucket=bucket, Key=FOLDER + key, Body=content.encode())
        messages: list[dict[str, Any]] = []
        while found := queues.receive_message(QueueUrl=queue, MaxNumberOfMessages=10).get("Messages"):
            messages += [{"messageId": it["MessageId"], "body": it["Body"]} for it in found]
        return messages

    return put_all


def rows(lake: Lake, table: str = "events") -> Counter[str]:
    return Counter(scan(lake, table)["raw_object"].to_pylist())


def run(messages: list[dict[str, Any]]) -> list[Any]:
    return list(enrich.handler({"Records": messages}, CONTEXT)["batchItemFailures"])


def test_what_s3_tells_of_is_in_the_table_once_however_often_it_is_told(
    lake: Lake, put: Callable[..., list[dict[str, Any]]]
) -> None:
    objects = {"a+b c.gz": LINE + "no log line\n", "ü.gz": LINE * 2}
    messages = put(**objects)
    assert "s3:TestEvent" in {json.loads(it["body"]).get("Event") for it in messages}
    assert [] == run(messages)
    assert [] == run(messages[::-1])
    assert {FOLDER + "a+b c.gz": 1, FOLDER + "ü.gz": 2} == rows(lake)
    assert {FOLDER + "a+b c.gz": 1} == rows(lake, "bad_rows")


def test_batches_at_once_put_each_object_in_once(lake: Lake, put: Callable[..., list[dict[str, Any]]]) -> None:
    messages = put(**{f"{name}.gz": LINE for name in "abc"})
    with ThreadPoolExecutor(3) as threads:
        failed = list(threads.map(run, [messages, messages[::-1], messages[:2]]))
    while any(failed):
        failed = [
            run([it for it in messages if {"itemIdentifier": it["messageId"]} in some]) for some in failed if some
        ]
    assert {FOLDER + f"{name}.gz": 1 for name in "abc"} == rows(lake)
