"""What each function is deployed for, done once under its own role: returns when done, fails with why not.

Lambda itself takes messages and writes logs with the function's role. The emulator asks no role for either, so they are
asked for here.
"""

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, NamedTuple
from uuid import uuid4

from botocore.exceptions import ClientError

from pipeline.glue_catalog import glue_lake
from pipeline.lake import Lake
from pipeline.twin.log_writer import object_key, packed
from tests.engines.emulator import Credentials
from tests.engines.permissions import Needed, refused
from tests.infra.realise import Stack
from tests.mirror.double import Double
from tests.salts.store import Store

MESSAGE = json.loads((Path(__file__).parents[1] / "handlers/events/message.json").read_text("utf-8"))
NOON = 1_795_608_000_000
LINES = ['{"timestamp(ms)":"1795608000000","cs-method":"GET","cs-uri-stem":"/i","cs-uri-query":"e=pv"}', "no log line"]
A_VIEW = "visitors_daily"  # which no other view asks, nor the mirror
LAST_COLUMN = "v_etl"
VERSIONS_KEPT = "write.metadata.previous-versions-max"


class Site(NamedTuple):
    """Where the ways are gone: the stack, and the doubles of what is not Amazon's or the emulator has not."""

    stack: Stack
    store: Store
    sheet: Double

    @property
    def lake(self) -> Lake:
        """The stack's tables, as root."""
        return glue_lake(self.stack.outputs["database"])


def enrich(site: Site, caller: Credentials) -> None:
    """A raw object's rows go in, its message is dropped, and so is the table's oldest metadata."""
    stack, queue = site.stack, site.stack.outputs["queue"]
    stack.emulator.client("sqs").purge_queue(QueueUrl=queue)
    stack.emulator.client("s3").put_object(
        Bucket=stack.buckets["raw"], Key=object_key(NOON, "least"), Body=packed(LINES)
    )
    oldest = oldest_metadata(site, "events")
    sqs = stack.emulator.client("sqs", caller)
    sqs.get_queue_attributes(QueueUrl=queue, AttributeNames=["VisibilityTimeout"])
    (message,) = sqs.receive_message(QueueUrl=queue)["Messages"]
    record = MESSAGE | {"messageId": message["MessageId"], "body": message["Body"]}
    answer = stack.invoked("enrich", {"Records": [record]})
    assert [] == answer["batchItemFailures"], "not done"
    sqs.delete_message(QueueUrl=queue, ReceiptHandle=message["ReceiptHandle"])
    assert not is_there(site, oldest), "not deleted"
    log(site, "enrich")


def maintain(site: Site, _caller: Credentials) -> None:
    """A view that is missing is made, one that is there made anew, and a table gets the column that it lacks."""
    glue, database = site.stack.emulator.client("glue"), site.stack.outputs["database"]
    forget_view(site)
    table = site.lake.table("bad_rows")
    if LAST_COLUMN in table.schema().column_names:
        with table.update_schema(allow_incompatible_changes=True) as change:
            change.delete_column(LAST_COLUMN)
    oldest = oldest_metadata(site, "bad_rows")
    site.stack.invoked("maintain", {})
    assert LAST_COLUMN in site.lake.table("bad_rows").schema().column_names, "not done"
    assert glue.get_table(DatabaseName=database, Name=A_VIEW)
    assert not is_there(site, oldest), "not deleted"
    log(site, "maintain")


def mirror(site: Site, _caller: Credentials) -> None:
    """The days are asked for and told to the sheet."""
    assert site.stack.invoked("mirror", {}).keys() == {"daily"}
    log(site, "mirror")


def salts(site: Site, _caller: Credentials) -> None:
    """The sites' salts are put into the store, which has none."""
    site.store.put(dict.fromkeys(site.store.items))
    site.stack.invoked("salts", {})
    assert site.store.items, "not done"
    log(site, "salts")


WAYS: Mapping[str, Callable[[Site, Credentials], None]] = {
    "enrich": enrich,
    "maintain": maintain,
    "mirror": mirror,
    "salts": salts,
}


def log(site: Site, function: str) -> None:
    """A line into the function's log; IAM alone is asked, since the emulator takes a group's streams for the group."""
    stack = site.stack
    place = f"arn:aws:logs:{stack.emulator.region}:{stack.emulator.account}:log-group"
    stream = f"{place}:/aws/lambda/{stack.functions[function]}:log-stream:{uuid4().hex}"
    needed = {Needed(f"logs:{action}", stream) for action in ("CreateLogStream", "PutLogEvents")}
    denied = refused(stack.emulator, stack.roles[function], needed)
    assert not denied, f"not authorized: {denied}"


def forget_view(site: Site) -> None:
    """Take the view out of the catalog, if it is there."""
    glue: Any = site.stack.emulator.client("glue")
    try:
        glue.delete_table(DatabaseName=site.stack.outputs["database"], Name=A_VIEW)
    except ClientError as error:
        assert "EntityNotFoundException" == error.response["Error"]["Code"]  # noqa: PT017 (any other is a failure)


def keep_versions(site: Site, number: int) -> None:
    """How many versions of their metadata the tables keep: with few of them each commit has one to delete."""
    for name in ("events", "bad_rows"):
        with site.lake.table(name).transaction() as change:
            change.set_properties({VERSIONS_KEPT: str(number)})


def oldest_metadata(site: Site, table: str) -> str:
    """The metadata file that the next commit has to delete."""
    return str(site.lake.table(table).metadata.metadata_log[0].metadata_file)


def is_there(site: Site, url: str) -> bool:
    bucket, key = url.removeprefix("s3://").split("/", 1)
    return "Contents" in site.stack.emulator.client("s3").list_objects_v2(Bucket=bucket, Prefix=key)
