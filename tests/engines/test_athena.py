"""The double of Athena holds what Athena holds: its caller's permissions, its rules on parameters, its pages."""

import io
import json
import time
import zipfile
from typing import Any

import pytest
from botocore.exceptions import ClientError

from pipeline.errors import UserError
from pipeline.query.athena import Athena
from tests.engines import athena as doubles
from tests.engines.conftest import Cloud, pause
from tests.engines.emulator import Emulator
from tests.engines.roles import new_name, new_role, policy

pytestmark = pytest.mark.e2e

READS = {
    "athena:StartQueryExecution": "arn:aws:athena:{region}:{account}:workgroup/{workgroup}",
    "athena:GetQueryExecution": "arn:aws:athena:{region}:{account}:workgroup/{workgroup}",
    "athena:GetQueryResults": "arn:aws:athena:{region}:{account}:workgroup/{workgroup}",
    "glue:GetDatabase": "arn:aws:glue:{region}:{account}:*",
    "glue:GetTable": "arn:aws:glue:{region}:{account}:*",
    "s3:GetBucketLocation": "arn:aws:s3:::{bucket}-results",
    "s3:PutObject": "arn:aws:s3:::{bucket}-results/*",
    "s3:GetObject": "arn:aws:s3:::{bucket}*/*",
}
CREATES = READS | {"glue:CreateTable": "arn:aws:glue:{region}:{account}:*"}
QUESTION = "SELECT count(*) AS views FROM page_views"


def rights(emulator: Emulator, cloud: Cloud, actions: dict[str, str], without: str | None = None) -> str:
    """The policy that allows all of these actions but one."""
    words = cloud.database._asdict() | {"region": emulator.region, "account": emulator.account}
    return policy({action: on.format(**words) for action, on in actions.items() if action != without})


def engine(emulator: Emulator, athena: doubles.Athena, cloud: Cloud, rights: str) -> Athena:
    """Athena as it answers somebody who has these rights."""
    credentials = emulator.as_role(new_role(emulator, rights))
    client = emulator.client("athena", credentials, endpoint_url=athena.endpoint)
    return Athena(cloud.database.name, cloud.database.workgroup, client, pause)


def test_who_may_read_is_answered(emulator: Emulator, athena: doubles.Athena, cloud: Cloud) -> None:
    reader = engine(emulator, athena, cloud, rights(emulator, cloud, READS))
    assert reader.answer(QUESTION, {}).to_pylist() == cloud.athena.answer(QUESTION, {}).to_pylist()


@pytest.mark.parametrize("action", READS)
def test_without_any_one_of_the_rights_nothing_is_answered(
    emulator: Emulator, athena: doubles.Athena, cloud: Cloud, action: str
) -> None:
    reader = engine(emulator, athena, cloud, rights(emulator, cloud, READS, without=action))
    with pytest.raises(UserError, match=f"not authorized to perform:? {action}"):
        reader.answer(QUESTION, {})


@pytest.mark.parametrize("bucket", ["{bucket}/other/*", "{bucket}-results/*"])
def test_files_that_the_caller_may_not_read_are_not_read_for_it(
    emulator: Emulator, athena: doubles.Athena, cloud: Cloud, bucket: str
) -> None:
    """Athena is no way around the lake's own permissions."""
    actions = READS | {"s3:GetObject": f"arn:aws:s3:::{bucket}"}
    reader = engine(emulator, athena, cloud, rights(emulator, cloud, actions))
    with pytest.raises(UserError, match="s3:GetObject"):
        reader.answer(QUESTION, {})


def test_a_view_is_made_by_who_may_make_tables(emulator: Emulator, athena: doubles.Athena, cloud: Cloud) -> None:
    view = new_name().replace("-", "_")
    statement = f"CREATE OR REPLACE VIEW {view} AS SELECT count(*) AS events FROM events"  # noqa: S608
    reader = engine(emulator, athena, cloud, rights(emulator, cloud, READS))
    with pytest.raises(UserError, match="glue:CreateTable"):
        reader.execute(statement)
    maker = engine(emulator, athena, cloud, rights(emulator, cloud, CREATES))
    maker.execute(statement)
    assert 1 == reader.answer(f"SELECT * FROM {view}", {}).num_rows  # noqa: S608 (our own name)
    with pytest.raises(UserError, match="glue:UpdateTable"):
        maker.execute(statement)


def test_more_rows_than_a_page_holds_are_all_answered(cloud: Cloud) -> None:
    rows = cloud.athena.answer("SELECT n FROM UNNEST(sequence(1, 2500)) AS t (n) ORDER BY n", {})
    assert list(range(1, 2501)) == rows["n"].to_pylist()


def test_a_parameter_stands_in_a_condition_and_nowhere_else(cloud: Cloud) -> None:
    asked = {"n": 2, "text": "it's"}
    pairs = "(VALUES (1, 'it''s'), (2, 'it''s')) AS pairs (n, text)"
    rows = cloud.athena.answer(f"SELECT 1 AS one FROM {pairs} WHERE n = :n AND text = :text", asked)  # noqa: S608
    assert [{"one": 1}] == rows.to_pylist()
    with pytest.raises(UserError, match="WHERE"):
        cloud.athena.answer("SELECT :n", {"n": 1})


@pytest.mark.parametrize(
    ("sql", "reason"),
    [
        ("SELECT nothing FROM events", "COLUMN_NOT_FOUND: line 1:8: Column 'nothing' cannot be resolved"),
        ("SELECT 1 FROM evnts", "TABLE_NOT_FOUND"),
        ("SELECT 1 / 0", "DIVISION_BY_ZERO"),
        ("SELECT (", "SYNTAX_ERROR|mismatched input"),
    ],
)
def test_what_cannot_be_answered_is_told_with_the_reason(cloud: Cloud, sql: str, reason: str) -> None:
    with pytest.raises(UserError, match=reason):
        cloud.athena.answer(sql, {})


def test_a_workgroup_that_is_not_there_is_told(cloud: Cloud) -> None:
    with pytest.raises(UserError, match="WorkGroup is not found"):
        Athena(cloud.database.name, "missing", cloud.athena.client).answer("SELECT 1", {})


def test_a_question_can_be_stopped(cloud: Cloud) -> None:
    client = cloud.athena.client
    endless = (
        "SELECT sum(x * y % 7) FROM UNNEST(sequence(1, 10000)) AS a (x), UNNEST(sequence(1, 10000)) AS b (y), events"
    )
    asked = {"QueryExecutionContext": {"Database": cloud.database.name}, "WorkGroup": cloud.database.workgroup}
    started = client.start_query_execution(QueryString=endless, **asked)["QueryExecutionId"]
    time.sleep(0.3)
    client.stop_query_execution(QueryExecutionId=started)
    status = client.get_query_execution(QueryExecutionId=started)["QueryExecution"]["Status"]
    assert "CANCELLED" == status["State"]
    with pytest.raises(ClientError, match="CANCELLED"):
        client.get_query_results(QueryExecutionId=started)


FUNCTION = """
import boto3, time
def handler(event, context):
    athena = boto3.client("athena")
    started = athena.start_query_execution(**event)["QueryExecutionId"]
    while True:
        status = athena.get_query_execution(QueryExecutionId=started)["QueryExecution"]["Status"]
        if status["State"] not in ("QUEUED", "RUNNING"):
            return status
        time.sleep(0.05)
"""


@pytest.mark.parametrize(("without", "expected"), [(None, "SUCCEEDED"), ("glue:GetTable", "FAILED")])
def test_a_function_asks_with_its_own_role(
    emulator: Emulator, cloud: Cloud, without: str | None, expected: str
) -> None:
    """It knows no endpoint: the emulator's functions are told where Athena is."""
    role = new_role(emulator, rights(emulator, cloud, READS, without))
    status = invoked(emulator, role, {
        "QueryString": QUESTION,
        "QueryExecutionContext": {"Database": cloud.database.name},
        "WorkGroup": cloud.database.workgroup,
    })  # fmt: skip
    assert expected == status["State"], status


def invoked(emulator: Emulator, role: str, event: dict[str, Any]) -> dict[str, Any]:
    """What the function answers, running under that role."""
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as file:
        file.writestr("asks.py", FUNCTION)
    functions, name = emulator.client("lambda"), new_name()
    functions.create_function(
        FunctionName=name,
        Runtime="python3.13",
        Role=role,
        Handler="asks.handler",
        Code={"ZipFile": archive.getvalue()},
        Timeout=60,
    )
    answer = functions.invoke(FunctionName=name, Payload=json.dumps(event))
    told: dict[str, Any] = json.loads(answer["Payload"].read())
    return told
