"""Who may do what: statements of IAM policies, and the roles that hold them.

A statement with a `*` gives its reason, which is deployed with it as the statement's Sid.
"""

from collections.abc import Iterable, Sequence

import pulumi
import pulumi_aws as aws

from infra.config import Config

Statement = dict[str, object]
Resources = Sequence[pulumi.Input[str]]


def allow(actions: Sequence[str], resources: Resources, because: str = "") -> Statement:
    """A statement that allows these actions on these resources."""
    reason = {"Sid": sid(because)} if because else {}
    return {**reason, "Effect": "Allow", "Action": list(actions), "Resource": list(resources)}


def sid(because: str) -> str:
    """The reason in the letters that IAM takes for a statement's name: "names differ" is BecauseNamesDiffer."""
    return "Because" + "".join(word.capitalize() for word in because.split())


def document(statements: Iterable[object]) -> pulumi.Output[str]:
    """The policy that these statements make."""
    return pulumi.Output.json_dumps({"Version": "2012-10-17", "Statement": list(statements)})


def role(
    config: Config, name: str, service: str, statements: Iterable[Statement]
) -> tuple[aws.iam.Role, pulumi.Resource]:
    """The role `name`, which that service of this account takes on, and the policy of all it may do."""
    # Scheduler acts for any account that names the role; Lambda wants iam:PassRole, which only this account can give.
    ours = {"Condition": {"StringEquals": {"aws:SourceAccount": config.account}}} if service == "scheduler" else {}
    trust = {
        "Effect": "Allow",
        "Principal": {"Service": f"{service}.amazonaws.com"},
        "Action": "sts:AssumeRole",
        **ours,
    }
    made = aws.iam.Role(name, aws.iam.RoleArgs(name=f"{config.prefix}-{name}", assume_role_policy=document([trust])))
    policy = aws.iam.RolePolicy(
        name, aws.iam.RolePolicyArgs(name=f"{config.prefix}-{name}", role=made.name, policy=document(statements))
    )
    return made, policy
