"""The way of a page view as it is deployed: from CloudFront's log in the raw bucket to a line in the sheet.

The stack is made by the very program that makes it in an account, on an emulator of AWS that enforces IAM, with a real
Trino in Athena's place and the spreadsheet's web app among fakes of Google's services.
"""

import json
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any, NamedTuple
from uuid import uuid4

import pytest

from pipeline.glue_catalog import glue_lake
from pipeline.lake import scan
from pipeline.mirror.tabs import TABS
from pipeline.places import shipped
from pipeline.query import answer
from pipeline.query.athena import Athena
from pipeline.query.laptop import Laptop, reading_once
from pipeline.settings import load
from pipeline.twin.cloudfront import CloudFront
from pipeline.twin.edge import Edge, Request
from pipeline.twin.log_writer import Exchange, log_line, object_key, packed
from tests.engines.athena import Athena as Double
from tests.engines.trino import Trino
from tests.infra.realise import Stack
from tests.mirror.double import running
from tests.salts.store import Store

pytestmark = pytest.mark.e2e

ROLLUPS = {"daily_overview", *(it.query for it in TABS)}
FUNCTION = "tracker/edge/function.js"
AGENTS = ("Mozilla/5.0 (X11; Linux x86_64; rv:153.0) Gecko/20100101 Firefox/153.0", "Mozilla/5.0 (Windows NT 10.0)")
# As CloudFront names its objects; as nobody keeps others from being named; and both in the prefix that is notified of.
ODD_KEY = "cf/distributionid=E1EXAMPLE/a+b c.gz"
PATIENCE_SECONDS = 60


def now() -> int:
    """Epoch ms."""
    return time.time_ns() // 1_000_000


def seen(edge: CloudFront, agent: str, *pages: str) -> None:
    """Somebody with that browser views these pages of the blog."""
    for page in pages:
        query = f"e=pv&p=web&tv=js-4.10.1&aid=blog&eid={uuid4()}&url=https%3A%2F%2Fblog.example.com{page}"
        request = Request("GET", "/i", query, {"host": "a.example.com", "user-agent": agent}, "203.0.113.7")
        assert 200 == edge.answer(request, now()).status


@pytest.fixture(scope="module")
def viewed(stack: Stack, salts_store: Store) -> list[Exchange]:
    """Two visitors' page views, as the deployed edge function answered and logged them under the deployed salts."""
    (deployed,) = [it.inputs["code"] for it in stack.resources if it.typ == "aws:cloudfront/function:Function"]
    assert shipped(FUNCTION).read_text("utf-8") == deployed
    with Edge() as edge:
        edge.put_salts(salts_store.items)
        cloudfront = CloudFront(edge, {})
        seen(cloudfront, AGENTS[0], "/", "/about")
        seen(cloudfront, AGENTS[1], "/")
        return cloudfront.take_log()


class Cloud(NamedTuple):
    """The stack as a test uses it: objects go in, rows come out."""

    stack: Stack
    trino: Trino

    def put(self, **objects: bytes) -> None:
        """Put each content under its key into the raw bucket."""
        for key, content in objects.items():
            self.stack.emulator.client("s3").put_object(Bucket=self.stack.buckets["raw"], Key=key, Body=content)

    def send(self, body: str) -> None:
        """Send a message to the queue, as whoever it lets in."""
        self.stack.emulator.client("sqs").send_message(QueueUrl=self.stack.outputs["queue"], MessageBody=body)

    def wait_until_read(self) -> None:
        """Return once the queue has no message any more, waiting or being worked at."""
        counts, deadline = ("ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"), time.monotonic()
        ask = partial(self.stack.emulator.client("sqs").get_queue_attributes, QueueUrl=self.stack.outputs["queue"])
        while any(int(it) for it in ask(AttributeNames=counts)["Attributes"].values()):
            assert time.monotonic() < deadline + PATIENCE_SECONDS, "messages stay in the queue"
            time.sleep(0.1)

    def rows(self, like: str, table: str = "events") -> Counter[str]:
        """How many rows there are of each raw object whose key is `like` that."""
        sql = f"SELECT raw_object, count(*) FROM {table} WHERE raw_object LIKE ? GROUP BY 1"  # noqa: S608 (our own names)
        return Counter(dict(self.trino.rows(self.stack.outputs["database"], sql, [like])))

    def dead_letters(self) -> list[str]:
        """What lies there; it is taken out."""
        sqs, queue = self.stack.emulator.client("sqs"), self.stack.outputs["dead_letters"]
        bodies: list[str] = []
        while found := sqs.receive_message(QueueUrl=queue, MaxNumberOfMessages=10).get("Messages"):
            bodies += [it["Body"] for it in found]
            for it in found:
                sqs.delete_message(QueueUrl=queue, ReceiptHandle=it["ReceiptHandle"])
        return bodies

    def logged(self, since: int) -> list[dict[str, Any]]:
        """The JSON lines that enrich has logged since then (epoch ms)."""
        asked = {"logGroupName": f"/aws/lambda/{self.stack.functions['enrich']}", "startTime": since}
        lines = [it["message"] for it in self.stack.emulator.client("logs").filter_log_events(**asked)["events"]]
        return [json.loads(it) for it in lines if it.startswith("{")]

    @contextmanager
    def gathering(self) -> Iterator[None]:
        """What is put meanwhile is read together afterwards: the emulator knows nothing of a batch's window."""
        client, name = self.stack.emulator.client("lambda"), self.stack.functions["enrich"]
        (mapping,) = client.list_event_source_mappings(FunctionName=name)["EventSourceMappings"]
        client.update_event_source_mapping(UUID=mapping["UUID"], Enabled=False)
        try:
            yield
        finally:
            client.update_event_source_mapping(UUID=mapping["UUID"], Enabled=True)

    @contextmanager
    def coming_again_after(self, seconds: int) -> Iterator[None]:
        """A message that failed is not away for long."""
        sqs, queue = self.stack.emulator.client("sqs"), self.stack.outputs["queue"]
        was = sqs.get_queue_attributes(QueueUrl=queue, AttributeNames=["VisibilityTimeout"])["Attributes"]
        sqs.set_queue_attributes(QueueUrl=queue, Attributes={"VisibilityTimeout": str(seconds)})
        try:
            yield
        finally:
            sqs.set_queue_attributes(QueueUrl=queue, Attributes=was)


@pytest.fixture(scope="module")
def cloud(stack: Stack, trino: Trino) -> Iterator[Cloud]:
    cloud = Cloud(stack, trino)
    with stack.emulator.surroundings(), cloud.coming_again_after(10):
        cloud.wait_until_read()  # S3's test of the notification, for one
        yield cloud


def test_a_page_view_is_a_line_of_the_sheet_however_often_it_all_runs(
    cloud: Cloud, athena: Double, viewed: list[Exchange]
) -> None:
    first, rest = viewed[:1], viewed[1:]
    key, begun = object_key(first[0].at, uuid4().hex[:8]), time.monotonic()
    cloud.put(**{key: packed(map(log_line, first)), ODD_KEY: packed([*map(log_line, rest), "no log line"])})
    cloud.wait_until_read()
    print(f"{time.monotonic() - begun:.1f} s from the first raw object to its rows")  # noqa: T201 (with -s)
    assert {key: 1, ODD_KEY: 2} == cloud.rows(key) + cloud.rows(ODD_KEY)
    assert {ODD_KEY: 1} == cloud.rows(ODD_KEY, "bad_rows")
    visitors = "SELECT network_userid, count(*) FROM events_unique WHERE app_id = 'blog' GROUP BY 1 ORDER BY 2"
    assert [(22, 1), (22, 2)] == [
        (len(it), views) for it, views in cloud.trino.rows(cloud.stack.outputs["database"], visitors)
    ]

    told = rollups(cloud.stack, athena)
    with running() as sheet:
        cloud.stack.tell_sheet(sheet.url, sheet.secret)
        ran = [cloud.stack.invoked("mirror", {}), sheet.tab("daily"), cloud.stack.invoked("mirror", {})]
        assert ran[1] == sheet.tab("daily")
        assert ran[0] == ran[2]
        (line,) = [it for it in as_rows(sheet.tab("daily")) if it["site"] == "blog"]
    (expected,) = [it for it in told["daily"] if it["site"] == "blog"]
    shown = {"date": str(expected["date"]), "sessions": "2", "visitors": "2", "page_views": "3", "bounces": "1"}
    assert shown | {"top_page": "/"} == {name: line[name] for name in (*shown, "top_page")}


def rollups(stack: Stack, athena: Double) -> dict[str, list[dict[str, Any]]]:
    """The rows of every rollup, which Athena's engine answers to the mirror's role as the laptop's does."""
    client = stack.emulator.client(
        "athena", stack.emulator.as_role(stack.roles["mirror"]), endpoint_url=athena.endpoint
    )
    there = Athena(stack.outputs["database"], stack.outputs["workgroup"], client, lambda _: time.sleep(0.02))
    lake, sites = glue_lake(stack.outputs["database"]), load(shipped("firn.toml")).rules.sites
    here = Laptop(reading_once(partial(scan, lake)), sites)
    rows = {name: answer(name, {}, there).to_pylist() for name in ROLLUPS}
    assert {name: answer(name, {}, here).to_pylist() for name in ROLLUPS} == rows
    return rows


def as_rows(tab: list[list[str]]) -> list[dict[str, str]]:
    return [dict(zip(tab[0], row, strict=True)) for row in tab[1:]]


class Batch(NamedTuple):
    """What became of a batch: the good object's key, the poisoned one's, all that was logged, the dead letters."""

    good: str
    poisoned: str
    logged: list[dict[str, Any]]
    dead: list[str]


TEST_EVENT = json.dumps({"Service": "Amazon S3", "Event": "s3:TestEvent", "Bucket": "firn-test-raw"})
NO_EVENT = json.dumps({"hello": "firn"})


@pytest.fixture(scope="module")
def mixed(cloud: Cloud, viewed: list[Exchange]) -> Batch:
    """A good object, one that ends too early, S3's test and a message of somebody else's, read together."""
    content = packed(map(log_line, viewed))
    good, poisoned = object_key(viewed[0].at, "good"), object_key(viewed[0].at, "poisoned")
    cloud.send(TEST_EVENT)
    cloud.wait_until_read()  # from here on a run takes less time than a message is away
    begun = now()
    with cloud.coming_again_after(1):
        with cloud.gathering():
            cloud.put(**{good: content, poisoned: content[:-20]})
            cloud.send(TEST_EVENT)
            cloud.send(NO_EVENT)
        cloud.wait_until_read()
    return Batch(good, poisoned, cloud.logged(begun), cloud.dead_letters())


def test_a_poisoned_object_holds_up_no_other(cloud: Cloud, mixed: Batch, viewed: list[Exchange]) -> None:
    assert {mixed.good: len(viewed)} == cloud.rows(mixed.good)
    assert not cloud.rows(mixed.poisoned)


def test_what_cannot_be_used_ends_among_the_dead_letters_with_its_name(mixed: Batch) -> None:
    assert NO_EVENT in mixed.dead
    (letter,) = [json.loads(it) for it in mixed.dead if it != NO_EVENT]
    assert mixed.poisoned.replace("=", "%3D") == letter["Records"][0]["s3"]["object"]["key"]


def test_each_run_says_in_one_line_what_it_did_and_why_a_message_failed(mixed: Batch, viewed: list[Exchange]) -> None:
    runs = [it for it in mixed.logged if it["message"] == "enriched"]
    counts = {"objects": 1, "lines": len(viewed), "events": len(viewed), "bad_rows": 0, "ignored": 0}
    assert counts == {name: runs[0][name] for name in counts}
    assert runs[0]["milliseconds"] > 0
    assert len(runs) == len({it["function_request_id"] for it in mixed.logged})
    failed = Counter(it["message"].partition(" cannot ")[0] for it in mixed.logged if it["level"] == "WARNING")
    assert {mixed.poisoned: 5} == {key: times for key, times in failed.items() if key == mixed.poisoned}
    assert 2 == len(failed)


def test_what_is_told_of_again_is_there_once(cloud: Cloud, viewed: list[Exchange]) -> None:
    key = object_key(viewed[0].at, "again")
    for _ in range(2):
        cloud.put(**{key: packed(map(log_line, viewed))})
        cloud.wait_until_read()
        assert {key: len(viewed)} == cloud.rows(key)


def test_two_runs_at_once_put_each_object_in_once(cloud: Cloud, viewed: list[Exchange]) -> None:
    """Ten messages are the most that the emulator gives to a run, so that twelve make two, and those that collide."""
    keys, begun = [object_key(viewed[0].at, f"once{number}") for number in range(6)], now()
    with cloud.gathering():
        for _ in range(2):
            cloud.put(**{key: packed(map(log_line, viewed)) for key in keys})
    cloud.wait_until_read()
    assert dict.fromkeys(keys, len(viewed)) == cloud.rows(object_key(viewed[0].at, "once_"))
    assert len({it["function_request_id"] for it in cloud.logged(begun)}) >= 2


def test_maintain_changes_nothing_where_all_is_in_order(cloud: Cloud) -> None:
    def state() -> tuple[Any, ...]:
        tables = [cloud.rows("%", it) for it in ("events", "bad_rows")]
        return (
            cloud.stack.invoked("maintain", {}),
            tables,
            glue_lake(cloud.stack.outputs["database"]).table("events").metadata,
        )

    assert state() == state()
