"""Functions, their roles, logs and schedules."""

import json

from tests.infra.created.storage import capitals
from tests.infra.wanted import Aws, Creator, Inputs, Made, invoked


def role(aws: Aws, wanted: Inputs) -> Made:
    name = wanted.take("name")
    made = aws.client("iam").create_role(RoleName=name, AssumeRolePolicyDocument=wanted.take("assumeRolePolicy"))
    return Made(name, {"arn": made["Role"]["Arn"]})


def role_policy(aws: Aws, wanted: Inputs) -> Made:
    name, holder, policy = wanted.take("name"), wanted.take("role"), json.loads(wanted.take("policy"))
    for statement in policy["Statement"]:
        if "glue:GetDatabase" in statement["Action"]:
            statement["Resource"] += misread(statement["Resource"])
    aws.client("iam").put_role_policy(RoleName=holder, PolicyName=name, PolicyDocument=json.dumps(policy))
    return Made(f"{holder}:{name}")


def misread(resources: list[str]) -> list[str]:
    """What the emulator takes the databases for when it is asked for one: the Name it is given is a table's to it."""
    return [it.replace(":database/", ":table/") for it in resources if ":database/" in it]


def function(aws: Aws, wanted: Inputs) -> Made:
    name, code = wanted.take("name"), {"S3Bucket": wanted.take("s3Bucket"), "S3Key": wanted.take("s3Key")}
    own = wanted.take("environment")["variables"]
    asked = capitals({key: wanted.take(key) for key in ASKED_OF_A_FUNCTION})
    variables = {"Variables": {**aws.environment, **own}}
    made = aws.client("lambda").create_function(FunctionName=name, Code=code, Environment=variables, **asked)
    return Made(name, {"arn": made["FunctionArn"]})


ASKED_OF_A_FUNCTION = ("role", "runtime", "architectures", "handler", "memorySize", "timeout", "loggingConfig")


def event_source_mapping(aws: Aws, wanted: Inputs) -> Made:
    keys = ("eventSourceArn", "functionName", "batchSize", "maximumBatchingWindowInSeconds", "functionResponseTypes")
    asked = capitals({key: wanted.take(key) for key in (*keys, "scalingConfig")})
    return Made(aws.client("lambda").create_event_source_mapping(**asked)["UUID"])


def invocation(aws: Aws, wanted: Inputs) -> Made:
    name, event = wanted.take("functionName"), json.loads(wanted.take("input"))
    return Made(name, {"result": json.dumps(invoked(aws.client("lambda"), name, event))})


def log_group(aws: Aws, wanted: Inputs) -> Made:
    logs, name = aws.client("logs"), wanted.take("name")
    logs.create_log_group(logGroupName=name)
    logs.put_retention_policy(logGroupName=name, retentionInDays=wanted.take("retentionInDays"))
    arn = f"arn:aws:logs:{aws.emulator.region}:{aws.emulator.account}:log-group:{name}"
    return Made(name, {"arn": arn})


def schedule(aws: Aws, wanted: Inputs) -> Made:
    keys = ("name", "scheduleExpression", "scheduleExpressionTimezone", "state", "flexibleTimeWindow", "target")
    asked = capitals({key: wanted.take(key) for key in keys})
    aws.client("scheduler").create_schedule(**asked)
    return Made(asked["Name"])


CREATORS: dict[str, Creator] = {
    "aws:iam/role:Role": role,
    "aws:iam/rolePolicy:RolePolicy": role_policy,
    "aws:lambda/function:Function": function,
    "aws:lambda/eventSourceMapping:EventSourceMapping": event_source_mapping,
    "aws:lambda/invocation:Invocation": invocation,
    "aws:cloudwatch/logGroup:LogGroup": log_group,
    "aws:scheduler/schedule:Schedule": schedule,
}
