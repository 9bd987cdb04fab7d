"""No role reaches what is not its own: of this stack, or of another whose name begins like it."""

import re
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any, NamedTuple

import pytest
from botocore.exceptions import ClientError

from tests.engines.emulator import Emulator
from tests.engines.permissions import Needed, refused
from tests.infra.realise import Stack

pytestmark = pytest.mark.e2e

NEIGHBOUR = "test-2"
BUCKETS = ("script", "raw", "lake", "results", "code")
FUNCTIONS = ("enrich", "maintain", "mirror", "salts")
DENIED = re.compile(r"AccessDenied|not authorized")
Client = Callable[[str], Any]


class Attempt(NamedTuple):
    """An action on something: what IAM is asked, and the call itself where the emulator names the thing as AWS does."""

    action: str
    on: str
    resources: tuple[str, ...]
    call: Callable[[Client], object] | None = None

    @property
    def name(self) -> str:
        return f"{self.action} {self.on}"


def attempts(emulator: Emulator, name: str) -> Iterator[Attempt]:
    """What a role might try on the stack of that name."""
    yield from on_buckets(emulator, name)
    yield from on_glue(emulator, name)
    yield from on_the_rest(emulator, name)


def on_buckets(emulator: Emulator, name: str) -> Iterator[Attempt]:
    for short in BUCKETS:
        bucket = f"firn-{name}-{short}-{emulator.account}"
        yield Attempt(
            "s3:ListBucket", short, (f"arn:aws:s3:::{bucket}",), called("s3", "list_objects_v2", Bucket=bucket)
        )
        for key in ("cf/a", "a"):
            place = {"Bucket": bucket, "Key": key}
            for action, method in (("GetObject", "get"), ("PutObject", "put"), ("DeleteObject", "delete")):
                yield Attempt(
                    f"s3:{action}",
                    f"{short}/{key}",
                    (f"arn:aws:s3:::{bucket}/{key}",),
                    called("s3", f"{method}_object", **place),
                )


def on_glue(emulator: Emulator, name: str) -> Iterator[Attempt]:
    """The emulator tells databases apart, not their tables: of the other stack's the call itself is tried too."""
    database, place = f"firn_{name}".replace("-", "_"), f"arn:aws:glue:{emulator.region}:{emulator.account}"
    within = (f"{place}:catalog", f"{place}:database/{database}")
    there = name == NEIGHBOUR
    yield Attempt("glue:GetDatabase", "", within, called("glue", "get_database", Name=database) if there else None)
    for table in ("events", "bad_rows", "sites", "somebody_elses"):
        arns = (*within, f"{place}:table/{database}/{table}")
        calls = {
            "GetTable": called("glue", "get_table", DatabaseName=database, Name=table),
            "DeleteTable": called("glue", "delete_table", DatabaseName=database, Name=table),
            "UpdateTable": called("glue", "update_table", DatabaseName=database, TableInput={"Name": table}),
            "CreateTable": called("glue", "create_table", DatabaseName=database, TableInput={"Name": table}),
        }
        yield from (Attempt(f"glue:{it}", table, arns, call if there else None) for it, call in calls.items())


def on_the_rest(emulator: Emulator, name: str) -> Iterator[Attempt]:
    prefix, where = f"firn-{name}", f"{emulator.region}:{emulator.account}"
    for parameter in (f"firn/{name}/sheet", f"firn/{name}/another"):
        arn = f"arn:aws:ssm:{where}:parameter/{parameter}"
        on = parameter.rpartition("/")[2]
        yield Attempt("ssm:GetParameter", on, (arn,), called("ssm", "get_parameter", Name=f"/{parameter}"))
    for queue in ("objects", "dead-letters"):
        url, arn = f"{emulator.endpoint}/{emulator.account}/{prefix}-{queue}", f"arn:aws:sqs:{where}:{prefix}-{queue}"
        yield Attempt("sqs:ReceiveMessage", queue, (arn,), called("sqs", "receive_message", QueueUrl=url))
        yield Attempt(
            "sqs:DeleteMessage", queue, (arn,), called("sqs", "delete_message", QueueUrl=url, ReceiptHandle="a")
        )
        yield Attempt("sqs:SendMessage", queue, (arn,), called("sqs", "send_message", QueueUrl=url, MessageBody="a"))
    for function in FUNCTIONS:
        arn = f"arn:aws:lambda:{where}:function:{prefix}-{function}"
        yield Attempt("lambda:InvokeFunction", function, (arn,), called("lambda", "invoke", FunctionName=arn))
        streams = f"arn:aws:logs:{where}:log-group:/aws/lambda/{prefix}-{function}:log-stream:a"
        yield Attempt("logs:PutLogEvents", function, (streams,))
    group = f"arn:aws:athena:{where}:workgroup/{prefix}"
    asked = {"QueryString": "SELECT 1", "WorkGroup": prefix}
    yield Attempt("athena:StartQueryExecution", "", (group,), called("athena", "start_query_execution", **asked))
    store = f"arn:aws:cloudfront::{emulator.account}:key-value-store/{prefix}-salts"
    yield from (Attempt(f"cloudfront-keyvaluestore:{it}", "", (store,)) for it in ("ListKeys", "UpdateKeys"))


def called(service: str, method: str, **asked: object) -> Callable[[Client], object]:
    """The call, by whoever's client."""
    return lambda client: getattr(client(service), method)(**asked)


WRITES_FILES = {
    "s3:ListBucket lake",
    *(f"s3:{it} lake/{key}" for it in ("GetObject", "PutObject", "DeleteObject") for key in ("cf/a", "a")),
}
ASKS = {
    "athena:StartQueryExecution ",
    *(f"s3:PutObject results/{key}" for key in ("cf/a", "a")),
    "s3:ListBucket results",
}
KNOWS_TABLES = {"glue:GetDatabase ", *(f"glue:GetTable {it}" for it in ("events", "bad_rows", "sites"))}
OWN = {
    "enrich": WRITES_FILES
    | {"s3:GetObject raw/cf/a", "sqs:ReceiveMessage objects", "sqs:DeleteMessage objects", "glue:GetDatabase "}
    | {f"glue:{it} {table}" for it in ("GetTable", "UpdateTable") for table in ("events", "bad_rows")},
    "maintain": WRITES_FILES
    | ASKS
    | KNOWS_TABLES
    | {f"glue:{it} {table}" for it in ("CreateTable", "UpdateTable") for table in ("events", "bad_rows", "sites")},
    "mirror": ASKS
    | KNOWS_TABLES
    | {"ssm:GetParameter sheet", "s3:ListBucket lake"}
    | {f"s3:GetObject {bucket}/{key}" for bucket in ("lake", "results") for key in ("cf/a", "a")},
    "salts": {"cloudfront-keyvaluestore:ListKeys ", "cloudfront-keyvaluestore:UpdateKeys "},
}
OWN = {name: {*own, f"logs:PutLogEvents {name}"} for name, own in OWN.items()}
OWN |= {f"{name}-schedule": {f"lambda:InvokeFunction {name}"} for name in ("maintain", "mirror", "salts")}


@pytest.mark.parametrize("role", OWN)
def test_a_role_may_do_on_its_own_stack_what_stands_here_and_nothing_on_another(stack: Stack, role: str) -> None:
    emulator, arn = stack.emulator, f"arn:aws:iam::{stack.emulator.account}:role/firn-test-{role}"

    def allowed(it: Attempt) -> bool:
        return not refused(emulator, arn, {Needed(it.action, resource) for resource in it.resources})

    assert OWN[role] == {it.name for it in attempts(emulator, stack.name) if allowed(it)}
    assert [] == [it.name for it in attempts(emulator, NEIGHBOUR) if allowed(it)]


@pytest.fixture(scope="module")
def neighbour(emulator: Emulator) -> str:
    """The other stack's name; its buckets are there, since S3 says of one that is not that it is not."""
    for short in BUCKETS:
        place = {"LocationConstraint": emulator.region}
        name = f"firn-{NEIGHBOUR}-{short}-{emulator.account}"
        emulator.client("s3").create_bucket(Bucket=name, CreateBucketConfiguration=place)
    return NEIGHBOUR


@pytest.mark.parametrize("role", FUNCTIONS)
def test_whoever_tries_is_refused(stack: Stack, neighbour: str, role: str) -> None:
    credentials = stack.emulator.as_role(f"arn:aws:iam::{stack.emulator.account}:role/firn-test-{role}")
    client = partial(stack.emulator.client, credentials=credentials)
    ours = [it for it in attempts(stack.emulator, stack.name) if it.name not in OWN[role]]
    tried = [it for it in (*ours, *attempts(stack.emulator, neighbour)) if it.call]
    assert len(tried) > 60
    assert [] == [(it.name, it.resources) for it in tried if not is_denied(it, client)]


def is_denied(it: Attempt, client: Client) -> bool:
    assert it.call
    try:
        it.call(client)
    except ClientError as error:
        return bool(DENIED.search(str(error)))
    return False


def test_every_role_of_the_stack_stands_here(stack: Stack) -> None:
    roles = {it.inputs["name"] for it in stack.resources if it.typ == "aws:iam/role:Role"}
    assert roles == {f"firn-test-{name}" for name in OWN}
