"""The permissions that the salts function needs, judged by the emulator's IAM: these three on one store, and each."""

import json
import time
import uuid
from collections.abc import Mapping

import boto3
import pytest
from botocore.exceptions import ClientError

from pipeline.salts.key_value_store import Renewal, renew_salts
from tests.engines.emulator import Emulator
from tests.salts.store import ARN, Store, may_by_role

pytestmark = pytest.mark.e2e

NEEDED = ("DescribeKeyValueStore", "ListKeys", "UpdateKeys")
NOW = time.time_ns() // 1_000_000


def renewed_as(
    emulator: Emulator, monkeypatch: pytest.MonkeyPatch, actions: tuple[str, ...], resource: str = ARN
) -> Renewal:
    """A run under a role that may do these actions on that store."""
    made = role(emulator, [f"cloudfront-keyvaluestore:{it}" for it in actions], resource)
    credentials = emulator.as_role(made)
    with Store(may=may_by_role(emulator.client("iam"), made, ARN), secret=credentials.secret_key) as store:
        for name, value in (emulator.environment(credentials) | store.place).items():
            monkeypatch.setenv(name, value)
        monkeypatch.setattr(boto3, "DEFAULT_SESSION", None)
        return renew_salts(ARN, {"blog": "Europe/Berlin"}, NOW)


def role(emulator: Emulator, actions: list[str], resource: str) -> str:
    iam, name = emulator.client("iam"), f"firn-{uuid.uuid4().hex[:12]}"
    trusted = {"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}
    made = iam.create_role(RoleName=name, AssumeRolePolicyDocument=document(trusted))["Role"]
    allowed = document({"Effect": "Allow", "Action": actions, "Resource": resource})
    iam.put_role_policy(RoleName=name, PolicyName="salts", PolicyDocument=allowed)
    return str(made["Arn"])


def document(statement: Mapping[str, object]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


def test_three_permissions_on_the_store_are_enough(emulator: Emulator, monkeypatch: pytest.MonkeyPatch) -> None:
    assert Renewal(written=1, dropped=0) == renewed_as(emulator, monkeypatch, NEEDED)


@pytest.mark.parametrize("missing", NEEDED)
def test_none_of_them_can_be_done_without(emulator: Emulator, monkeypatch: pytest.MonkeyPatch, missing: str) -> None:
    with pytest.raises(ClientError, match=rf"AccessDenied.* {missing} operation: no policy allows it"):
        renewed_as(emulator, monkeypatch, tuple(it for it in NEEDED if it != missing))


def test_the_permissions_of_another_store_do_not_help(emulator: Emulator, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(ClientError, match="AccessDenied"):
        renewed_as(emulator, monkeypatch, NEEDED, f"{ARN}-another")
