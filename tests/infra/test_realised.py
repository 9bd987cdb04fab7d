"""The very program that is deployed, brought to life on the emulator, where IAM is enforced."""

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import pytest
from botocore.exceptions import ClientError
from pulumi.runtime.mocks import MockResourceArgs

from infra.config import ARTEFACTS, ROOT, SHIPPED
from pipeline.schema.log_fields import DELIVERED
from tests.engines.emulator import Emulator
from tests.infra.created import CREATORS
from tests.infra.realise import Realised, Stack, deployed
from tests.infra.wanted import Aws, Made

pytestmark = pytest.mark.e2e

HANDLER = """
import os

def handler(event, context):
    return {"given": event, "told": {name: os.environ[name] for name in os.environ if name.startswith("FIRN_")}}
"""


@pytest.fixture(scope="module")
def zips(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Functions that answer what they are given and told, in the place of the real ones."""
    folder = tmp_path_factory.mktemp("artefacts")
    for name in ARTEFACTS:
        with ZipFile(folder / f"{name}.zip", "w") as archive:
            archive.write(ROOT / "firn.toml", f"{SHIPPED}firn.toml")
            for function in ("enrich", "maintain", "mirror", "salts"):
                archive.writestr(f"pipeline/handlers/{function}.py", HANDLER)
    return folder


@pytest.fixture(scope="module")
def wiring(emulator: Emulator, zips: Path) -> Stack:
    """A stack with all that an owner may ask for."""
    zone = emulator.client("route53").create_hosted_zone(Name="example.com", CallerReference="wiring")
    values = {
        "domain": "analytics.example.com",
        "zone": zone["HostedZone"]["Id"].removeprefix("/hostedzone/"),
        "sheetUrl": "https://script.google.com/macros/s/a/exec",
        "sheetSecret": "0123456789abcdef",
    }
    return deployed(emulator, zips, "wiring", values)


def test_each_function_runs_and_is_told_where_its_work_is(wiring: Stack) -> None:
    buckets, store = wiring.buckets, wiring.outputs["key_value_store"]
    asks = {"FIRN_DATABASE": "firn_wiring", "FIRN_WORKGROUP": "firn-wiring"}
    assert {
        "enrich": {"FIRN_DATABASE": "firn_wiring", "FIRN_RAW_BUCKET": buckets["raw"]},
        "maintain": asks,
        "mirror": {**asks, "FIRN_SHEET_PARAMETER": "/firn/wiring/sheet"},
        "salts": {"FIRN_KEY_VALUE_STORE": store},
    } == {name: wiring.invoked(name, {})["told"] for name in wiring.functions}


def test_two_stacks_fit_in_one_account(wiring: Stack, zips: Path) -> None:
    other = deployed(wiring.emulator, zips, "other")
    assert not set(wiring.buckets.values()) & set(other.buckets.values())
    assert "firn_other" == other.invoked("maintain", {})["told"]["FIRN_DATABASE"]


def test_the_raw_bucket_tells_the_queue_which_tells_enrich(wiring: Stack) -> None:
    client = wiring.emulator.client
    told = client("s3").get_bucket_notification_configuration(Bucket=wiring.buckets["raw"])["QueueConfigurations"]
    (mapping,) = client("lambda").list_event_source_mappings(FunctionName=wiring.functions["enrich"])[
        "EventSourceMappings"
    ]
    assert [mapping["EventSourceArn"]] == [it["QueueArn"] for it in told]
    assert (300, 100) == (mapping["MaximumBatchingWindowInSeconds"], mapping["BatchSize"])


def test_the_log_is_delivered_where_the_notification_looks(wiring: Stack) -> None:
    logs = wiring.emulator.client("logs", region_name="us-east-1")
    (delivery,) = [it for it in logs.describe_deliveries()["deliveries"] if it["deliverySourceName"] == "firn-wiring"]
    place = logs.get_delivery_destination(name="firn-wiring")["deliveryDestination"]
    assert list(DELIVERED) == delivery["recordFields"]
    assert (
        f"arn:aws:s3:::{wiring.buckets['raw']}/cf"
        == (place["deliveryDestinationConfiguration"]["destinationResourceArn"])
    )


def test_the_page_finds_the_script_and_a_pixel(wiring: Stack) -> None:
    s3, bucket = wiring.emulator.client("s3"), wiring.buckets["script"]
    kinds = {it: s3.head_object(Bucket=bucket, Key=it)["ContentType"] for it in ("s/main.js", "i", "ice.png", "s/e")}
    assert {"s/main.js": "text/javascript; charset=utf-8"} | dict.fromkeys(
        ("i", "ice.png", "s/e"), "image/gif"
    ) == kinds
    assert s3.get_object(Bucket=bucket, Key="i")["Body"].read().startswith(b"GIF89a")


# No role reaches what is not its own


def s3(action: str, bucket: str, key: str) -> Callable[[Stack, Callable[[str], Any]], object]:
    """A call of S3 on a bucket of the stack."""
    body = {"Body": b""} if action == "put_object" else {}
    return lambda stack, client: getattr(client("s3"), action)(Bucket=stack.buckets[bucket], Key=key, **body)


def glue(database: str, action: str = "get_table") -> Callable[[Stack, Callable[[str], Any]], object]:
    """A call of Glue on `events`; the emulator tells databases apart, not their tables: test_rules.py holds those."""
    asked = {"TableInput": {"Name": "events"}} if action == "update_table" else {"Name": "events"}
    return lambda _, client: getattr(client("glue"), action)(DatabaseName=database, **asked)


def sheet(_: Stack, client: Callable[[str], Any]) -> object:
    return client("ssm").get_parameter(Name="/firn/wiring/sheet", WithDecryption=True)


def another_parameter(_: Stack, client: Callable[[str], Any]) -> object:
    return client("ssm").get_parameter(Name="/firn/other/sheet")


def query(stack: Stack, client: Callable[[str], Any]) -> object:
    return client("athena").start_query_execution(QueryString="SELECT 1", WorkGroup=stack.outputs["workgroup"])


def in_another_workgroup(_: Stack, client: Callable[[str], Any]) -> object:
    return client("athena").start_query_execution(QueryString="SELECT 1", WorkGroup="primary")


REFUSED = {
    "enrich": [
        s3("get_object", "raw", "other/a"),
        s3("put_object", "raw", "cf/a"),
        s3("delete_object", "raw", "cf/a"),
        s3("get_object", "script", "i"),
        s3("get_object", "code", "a"),
        s3("get_object", "results", "a"),
        glue("firn_other"),
        glue("firn_wiring", "delete_table"),
        sheet,
        query,
    ],
    "maintain": [
        s3("get_object", "raw", "cf/a"),
        s3("put_object", "script", "i"),
        sheet,
        in_another_workgroup,
        glue("firn_other"),
    ],
    "mirror": [
        s3("get_object", "raw", "cf/a"),
        s3("put_object", "lake", "a"),
        s3("delete_object", "lake", "a"),
        glue("firn_wiring", "update_table"),
        another_parameter,
        in_another_workgroup,
    ],
    "salts": [s3("get_object", "raw", "cf/a"), s3("get_object", "lake", "a"), glue("firn_wiring"), sheet, query],
}
CASES = [(role, number) for role, calls in REFUSED.items() for number in range(len(calls))]


@pytest.mark.parametrize(("role", "number"), CASES)
def test_no_role_reaches_what_is_not_its_own(wiring: Stack, role: str, number: int) -> None:
    credentials = wiring.emulator.as_role(wiring.roles[role])
    with pytest.raises(ClientError, match=r"AccessDenied|not authorized"):
        REFUSED[role][number](wiring, partial(wiring.emulator.client, credentials=credentials))


ALLOWED = [
    ("enrich", s3("get_object", "raw", "cf/a")),
    ("enrich", s3("put_object", "lake", "a")),
    ("maintain", s3("put_object", "lake", "b")),
    ("mirror", s3("get_object", "lake", "a")),
    ("mirror", sheet),
    ("mirror", query),
]


def test_each_role_reaches_what_is_its_own(wiring: Stack) -> None:
    """Else the refusals above would prove nothing."""
    for key, bucket in (("cf/a", "raw"), ("a", "lake")):
        wiring.emulator.client("s3").put_object(Bucket=wiring.buckets[bucket], Key=key, Body=b"")
    for role, call in ALLOWED:
        credentials = wiring.emulator.as_role(wiring.roles[role])
        assert call(wiring, partial(wiring.emulator.client, credentials=credentials))


# Nothing is silently skipped


def test_a_type_that_nobody_creates_fails(emulator: Emulator) -> None:
    args = MockResourceArgs("aws:sns/topic:Topic", "a", {"name": "firn-a"})
    with pytest.raises(AssertionError, match="neither created nor checked"):
        Realised(Aws(emulator), {}).new_resource(args)


def test_an_input_that_nobody_uses_fails(emulator: Emulator) -> None:
    args = MockResourceArgs("aws:sns/topic:Topic", "a", {"name": "firn-a", "displayName": "Firn"})
    with pytest.raises(AssertionError, match="made nothing of displayName"):
        Realised(Aws(emulator), CREATORS).new_resource(args)


@pytest.mark.parametrize(
    ("inputs", "wrong"),
    [
        ({"nmae": "a"}, "nmae: there is no such input"),
        ({"name": 1}, "name: 1 is no str"),
        ({"rule": {"objectOwnership": "a", "more": 1}}, "rule.more: there is no such input"),
        ({"rule": {}}, "rule.objectOwnership: is missing"),
        ({"rule": []}, "rule: is no table"),
    ],
)
def test_what_does_not_fit_the_providers_schema_fails(
    emulator: Emulator, inputs: dict[str, object], wrong: str
) -> None:
    typ = "aws:s3/bucketOwnershipControls:BucketOwnershipControls" if "rule" in inputs else "aws:sns/topic:Topic"
    given = inputs | ({"bucket": "a"} if "rule" in inputs else {})
    with pytest.raises(AssertionError, match=wrong):
        Realised(Aws(emulator), {typ: lambda *_: Made("a")}).new_resource(MockResourceArgs(typ, "a", given))
