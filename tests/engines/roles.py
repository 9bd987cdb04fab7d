"""Roles on the emulator, for tests of what somebody may do."""

import json
import uuid
from collections.abc import Mapping

from tests.engines.emulator import Emulator

TRUSTED = {"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}


def new_name() -> str:
    """A name that nothing on the emulator has."""
    return f"firn-{uuid.uuid4().hex[:12]}"


def policy(allowed: Mapping[str, str]) -> str:
    """The policy that allows each of these actions on its resource."""
    return document(*({"Effect": "Allow", "Action": action, "Resource": on} for action, on in allowed.items()))


def new_role(emulator: Emulator, policy: str) -> str:
    """The ARN of a function's role that may do what the policy says."""
    iam = emulator.client("iam")
    role = iam.create_role(RoleName=new_name(), AssumeRolePolicyDocument=document(TRUSTED))["Role"]
    iam.put_role_policy(RoleName=role["RoleName"], PolicyName="may", PolicyDocument=policy)
    return str(role["Arn"])


def document(*statements: Mapping[str, object]) -> str:
    """The statements as IAM takes them."""
    return json.dumps({"Version": "2012-10-17", "Statement": statements})
