"""Rules over all that the program asks for: resources in, what breaks the rule out, in words."""

import json
import re
from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any

from pulumi.runtime.mocks import MockResourceArgs

from tests.infra.created import CREATORS

Resources = list[MockResourceArgs]
Rule = Callable[[Resources], Iterator[str]]

US_EAST_1_ONLY = (
    ":Certificate",
    ":CertificateValidation",
    ":LogDelivery",
    ":LogDeliverySource",
    ":LogDeliveryDestination",
)
COST_BY_THE_MONTH = {
    "reservedConcurrentExecutions",
    "vpcConfig",
    "provisionedPollerConfig",
    "kmsMasterKeyId",
    "kmsKeyArn",
    "kmsKeyId",
    "keyId",
    "webAclId",
    "snapStart",
    "realtimeLogConfigArn",
}
ADDRESSES = {"c-ip", "c-port", "x-forwarded-for", "cs(Cookie)"}
FUNCTION_BYTES = 10_240
SEVEN = {"GET", "HEAD", "OPTIONS", "PUT", "POST", "PATCH", "DELETE"}


def kind(resource: MockResourceArgs) -> str:
    return resource.typ.partition("/")[2].partition(":")[2]


def of(resources: Resources, *kinds: str) -> Iterator[tuple[str, dict[str, Any]]]:
    """The names and inputs of the resources of these types, such as s3.Bucket."""
    for it in resources:
        if f"{it.typ.split(':')[1].split('/')[0]}.{kind(it)}" in kinds:
            yield it.name, it.inputs


def policies(resources: Resources) -> Iterator[tuple[str, dict[str, Any]]]:
    """Each statement of each policy, and whose it is."""
    for it in resources:
        for key in ("policy", "assumeRolePolicy"):
            for statement in json.loads(it.inputs.get(key, '{"Statement": []}'))["Statement"]:
                yield f"{kind(it)} {it.name}", statement


def listed(value: object) -> list[Any]:
    return value if isinstance(value, list) else [value]


def all_keys(value: object) -> Iterator[str]:
    if isinstance(value, dict):
        yield from value
    for inner in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        yield from all_keys(inner)


# What costs


def nothing_with_a_monthly_floor(resources: Resources) -> Iterator[str]:
    """Types are those that we know to cost by use alone; none is given what makes it cost by the month."""
    for it in resources:
        if it.typ not in CREATORS:
            yield f"{it.typ} is not known to be free while nobody uses it"
        yield from (f"{it.name}: {key}" for key in all_keys(it.inputs) if key in COST_BY_THE_MONTH)


def at_most_four_alarms_and_no_custom_metric(resources: Resources) -> Iterator[str]:
    found = [*of(resources, "cloudwatch.MetricAlarm", "budgets.Budget")]
    if len(found) > 4:
        yield f"{len(found)} alarms"
    for name, alarm in of(resources, "cloudwatch.MetricAlarm"):
        spaces = [
            alarm.get("namespace"),
            *(it["metric"]["namespace"] for it in alarm.get("metricQueries", []) if "metric" in it),
        ]
        yield from (f"{name}: {it}" for it in spaces if it and not it.startswith("AWS/"))


# What is public


def every_bucket_is_closed(resources: Resources) -> Iterator[str]:
    """Public access blocked, owner's objects, encrypted, TLS alone, unfinished uploads cleared away, no versions."""
    buckets = [inputs["bucket"] for _, inputs in of(resources, "s3.Bucket")]
    for part in SETTINGS_OF_A_BUCKET:
        there = [inputs["bucket"] for _, inputs in of(resources, f"s3.{part}")]
        yield from (f"{it} has no {part}" for it in buckets if it not in there)
    for _, inputs in of(resources, "s3.BucketPublicAccessBlock"):
        yield from (f"{inputs['bucket']}: {key}" for key in FOUR_BLOCKS if inputs.get(key) is not True)
    yield from (name for name, _ in of(resources, "s3.BucketVersioning"))
    for _, inputs in of(resources, "s3.BucketPolicy"):
        if not any(it["Effect"] == "Deny" and "aws:SecureTransport" in str(it) for it in statements(inputs)):
            yield f"{inputs['bucket']} can be reached in the clear"


SETTINGS_OF_A_BUCKET = (
    "BucketPublicAccessBlock",
    "BucketOwnershipControls",
    "BucketServerSideEncryptionConfiguration",
    "BucketLifecycleConfiguration",
    "BucketPolicy",
)
FOUR_BLOCKS = ("blockPublicAcls", "blockPublicPolicy", "ignorePublicAcls", "restrictPublicBuckets")


def statements(inputs: dict[str, Any]) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(inputs["policy"])["Statement"]
    return found


def nobody_is_let_in_without_being_named(resources: Resources) -> Iterator[str]:
    """A policy that allows somebody something names a service, and for whose sake it may come."""
    for whose, it in policies(resources):
        if it["Effect"] != "Allow" or "Principal" not in it:
            continue
        if not isinstance(it["Principal"], dict) or set(it["Principal"]) != {"Service"}:
            yield f"{whose}: {it['Principal']}"
        elif it["Principal"] != LAMBDA and not re.search(
            r"aws:Source(Account|Arn)", json.dumps(it.get("Condition", {}))
        ):
            yield f"{whose}: any account's {it['Principal']['Service']}"
    yield from (f"{it.typ} is public" for it in resources if kind(it) in ("FunctionUrl", "Permission"))


LAMBDA = {"Service": "lambda.amazonaws.com"}  # which wants iam:PassRole, that only our own account can give


def stars_have_reasons(resources: Resources) -> Iterator[str]:
    for whose, it in policies(resources):
        asked = [*listed(it["Action"]), *listed(it.get("Resource", []))]
        if any("*" in text for text in asked) and not it.get("Sid", "").startswith("Because"):
            yield f"{whose}: {asked}"
        if it["Effect"] == "Allow" and any("*" in text for text in listed(it["Action"])):
            yield f"{whose}: allows {it['Action']}"
        if it["Effect"] == "Allow" and "*" in listed(it.get("Resource", [])):
            yield f"{whose}: allows it on everything"


# What is private


def no_address_is_delivered(resources: Resources) -> Iterator[str]:
    for name, inputs in of(resources, "cloudwatch.LogDelivery"):
        yield from (f"{name}: {it}" for it in inputs.get("recordFields") or ADDRESSES if it in ADDRESSES)


def no_salt_is_in_the_state(resources: Resources) -> Iterator[str]:
    """The store is made empty; its keys are no resources, and no function is given one."""
    yield from (it.typ for it in resources if it.typ.startswith("aws:cloudfront/keyvaluestoreKey"))
    for name, inputs in of(resources, "lambda.Function"):
        variables = inputs["environment"]["variables"]
        yield from (f"{name}: {it}" for it in variables if "SALT" in it.upper())
    for name, inputs in of(resources, "lambda.Invocation"):
        yield from (f"{name}: {inputs['input']}" for _ in [0] if inputs["input"] != "{}")


def secrets_are_encrypted(resources: Resources) -> Iterator[str]:
    yield from (name for name, it in of(resources, "ssm.Parameter") if it["type"] != "SecureString")


# What works


def us_east_1_for_what_is_only_there(resources: Resources) -> Iterator[str]:
    yield from (
        f"{kind(it)} in {it.inputs.get('region')}"
        for it in resources
        if f":{kind(it)}" in US_EAST_1_ONLY and it.inputs.get("region") != "us-east-1"
    )


def enrich_does_not_wake_itself(resources: Resources) -> Iterator[str]:
    """No function writes into the bucket that sends messages."""
    told = [inputs["bucket"] for _, inputs in of(resources, "s3.BucketNotification")]
    arns = {inputs["bucket"]: name for name, inputs in of(resources, "s3.Bucket")}
    for whose, it in policies(resources):
        if "Principal" not in it and any("Put" in action for action in listed(it["Action"])):
            places = " ".join(listed(it["Resource"]))
            yield from (f"{whose} writes into {bucket}" for bucket in told if f":{arns[bucket]}/" in places)


def the_edge_function_can_run(resources: Resources) -> Iterator[str]:
    """CloudFront refuses an `export`, as bundlers write it, and every request then gets 503."""
    for name, inputs in of(resources, "cloudfront.Function"):
        code = inputs["code"]
        if re.search(r"^\s*export\b", code, re.MULTILINE):
            yield f"{name} has an export"
        if not re.search(r"^(async )?function handler\(", code, re.MULTILINE):
            yield f"{name} has no global handler"
        if len(code.encode()) > FUNCTION_BYTES or inputs["runtime"] != "cloudfront-js-2.0":
            yield f"{name}: {len(code.encode())} bytes for {inputs['runtime']}"


def the_pixel_takes_every_method(resources: Resources) -> Iterator[str]:
    for name, inputs in of(resources, "cloudfront.Distribution"):
        for it in inputs["orderedCacheBehaviors"]:
            # A redirect to https would be logged before any function runs, and so count twice.
            function = it.get("functionAssociations") and it["viewerProtocolPolicy"] == "allow-all"
            if set(it["allowedMethods"]) != SEVEN or not function:
                yield f"{name}: {it['pathPattern']}"
        if inputs["defaultCacheBehavior"].get("functionAssociations"):
            yield f"{name}: the script runs a function"


def a_message_waits_for_its_run(resources: Resources) -> Iterator[str]:
    """Lambda asks for a visibility of six timeouts and the window, and for two runs at once or more."""
    (mapping,) = (inputs for _, inputs in of(resources, "lambda.EventSourceMapping"))
    timeouts = {name: inputs["timeout"] for name, inputs in of(resources, "lambda.Function")}
    least = 6 * timeouts["enrich"] + mapping["maximumBatchingWindowInSeconds"]
    for name, queue in of(resources, "sqs.Queue"):
        if not queue.get("sqsManagedSseEnabled"):
            yield f"{name} is not encrypted"
        if name == "objects" and (queue["visibilityTimeoutSeconds"] < least or "redrivePolicy" not in queue):
            yield f"{name}: {queue}"
    if (
        mapping["functionResponseTypes"] != ["ReportBatchItemFailures"]
        or mapping["scalingConfig"]["maximumConcurrency"] < 2
    ):
        yield f"mapping: {mapping}"


def every_function_logs_for_a_while(resources: Resources) -> Iterator[str]:
    kept = {inputs["name"]: inputs.get("retentionInDays") for _, inputs in of(resources, "cloudwatch.LogGroup")}
    for name, inputs in of(resources, "lambda.Function"):
        if not kept.get(f"/aws/lambda/{inputs['name']}") or (inputs["runtime"], inputs["architectures"]) != (
            "python3.13",
            ["arm64"],
        ):
            yield name


def every_function_has_a_role_of_its_own(resources: Resources) -> Iterator[str]:
    roles = Counter(inputs["role"] for _, inputs in of(resources, "lambda.Function"))
    yield from (role for role, times in roles.items() if times > 1)


def names_tell_the_stack(resources: Resources) -> Iterator[str]:
    """Two stacks fit in one account."""
    for it in resources:
        if kind(it) in ("Record", "BucketObjectv2"):
            continue
        name = it.inputs.get("bucket") if kind(it) == "Bucket" else it.inputs.get("name")
        if name and not re.match(r"(/aws/lambda/)?firn[-_]dev\b|firn_dev$|/firn/dev/", name):
            yield f"{it.typ}: {name}"


def statements_have_names_that_iam_takes(resources: Resources) -> Iterator[str]:
    """IAM refuses a policy in which two statements have one name."""
    for it in resources:
        for key in ("policy", "assumeRolePolicy"):
            statements = json.loads(it.inputs.get(key, '{"Statement": []}'))["Statement"]
            for name, times in Counter(each["Sid"] for each in statements if "Sid" in each).items():
                if times > 1 or not name.isalnum():
                    yield f"{it.name}: {name}"


RULES: tuple[Rule, ...] = (
    nothing_with_a_monthly_floor,
    at_most_four_alarms_and_no_custom_metric,
    every_bucket_is_closed,
    nobody_is_let_in_without_being_named,
    stars_have_reasons,
    no_address_is_delivered,
    no_salt_is_in_the_state,
    secrets_are_encrypted,
    us_east_1_for_what_is_only_there,
    enrich_does_not_wake_itself,
    the_edge_function_can_run,
    the_pixel_takes_every_method,
    a_message_waits_for_its_run,
    every_function_logs_for_a_while,
    every_function_has_a_role_of_its_own,
    names_tell_the_stack,
    statements_have_names_that_iam_takes,
)
