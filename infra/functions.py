"""The four Lambda functions, each under a role that may do what it does and nothing else."""

import hashlib
from collections.abc import Mapping, Sequence
from typing import NamedTuple

import pulumi
import pulumi_aws as aws

from infra.config import ARTEFACTS, Config
from infra.lake import ALL_TABLES, TABLES, Lake
from infra.log_delivery import PREFIX
from infra.messages import Queues
from infra.permissions import Statement, allow, role
from infra.sheet import parameter_name

LOG_DAYS = 30
# Above 1,769 MB a second core would come; raw logs are read by one.
WORKS = {
    "enrich": ("enrich", 1769, 300),
    "maintain": ("enrich", 1769, 300),
    "mirror": ("mirror", 1024, 300),
    "salts": ("salts", 256, 60),
}
ENRICH_SECONDS = WORKS["enrich"][2]
# The fewest that Lambda takes: more runs at once would only wait for each other's commits.
CONCURRENT_RUNS = 2


class Work(NamedTuple):
    """A function, and the policy without which it can do nothing."""

    function: aws.lambda_.Function
    role: aws.iam.Role
    policy: pulumi.Resource
    digest: str


class Grants(NamedTuple):
    """What the functions work on."""

    config: Config
    raw: aws.s3.Bucket
    tables: aws.s3.Bucket
    results: aws.s3.Bucket
    lake: Lake
    queues: Queues
    salts: aws.cloudfront.KeyValueStore


def functions(given: Grants, code: aws.s3.Bucket) -> dict[str, Work]:
    """All four, by name."""
    zips = {name: uploaded(given.config, code, name) for name in ARTEFACTS}
    asks = {"FIRN_DATABASE": given.config.database, "FIRN_WORKGROUP": given.config.prefix}
    parameter = parameter_name(given.config)
    what: dict[str, tuple[Mapping[str, pulumi.Input[str]], Sequence[Statement]]] = {
        "enrich": ({"FIRN_DATABASE": given.config.database, "FIRN_RAW_BUCKET": given.raw.bucket}, enrich_may(given)),
        "maintain": (asks, maintain_may(given)),
        "mirror": (asks | {"FIRN_SHEET_PARAMETER": parameter}, mirror_may(given, parameter)),
        "salts": ({"FIRN_KEY_VALUE_STORE": given.salts.arn}, salts_may(given)),
    }
    return {name: work(given.config, name, zips[WORKS[name][0]], *what[name]) for name in WORKS}


def uploaded(config: Config, code: aws.s3.Bucket, name: str) -> tuple[aws.s3.BucketObjectv2, str]:
    """The zip in the bucket, under a name that changes with its bytes, and their digest."""
    path = config.artefact(name)
    digest = hashlib.sha256(path.read_bytes()).hexdigest()[:16]
    return aws.s3.BucketObjectv2(
        f"{name}.zip",
        aws.s3.BucketObjectv2Args(bucket=code.bucket, key=f"{name}-{digest}.zip", source=pulumi.FileAsset(str(path))),
    ), digest


def work(
    config: Config,
    name: str,
    code: tuple[aws.s3.BucketObjectv2, str],
    variables: Mapping[str, pulumi.Input[str]],
    statements: Sequence[Statement],
) -> Work:
    """The function of that name, its log and its role."""
    full_name, (zipped, digest) = f"{config.prefix}-{name}", code
    _, memory, timeout = WORKS[name]
    log = aws.cloudwatch.LogGroup(
        name, aws.cloudwatch.LogGroupArgs(name=f"/aws/lambda/{full_name}", retention_in_days=LOG_DAYS)
    )
    streams = [pulumi.Output.format("{0}:*", log.arn)]
    writes = allow(["logs:CreateLogStream", "logs:PutLogEvents"], streams, because="Lambda names the streams")
    made, policy = role(config, name, "lambda", [writes, *statements])
    function = aws.lambda_.Function(
        name,
        aws.lambda_.FunctionArgs(
            name=full_name,
            role=made.arn,
            runtime="python3.13",
            architectures=["arm64"],
            handler=f"pipeline.handlers.{name}.handler",
            s3_bucket=zipped.bucket,
            s3_key=zipped.key,
            memory_size=memory,
            timeout=timeout,
            environment=aws.lambda_.FunctionEnvironmentArgs(
                variables={"POWERTOOLS_SERVICE_NAME": full_name, **variables}
            ),
            logging_config=aws.lambda_.FunctionLoggingConfigArgs(log_format="Text", log_group=log.name),
        ),
        pulumi.ResourceOptions(depends_on=[policy]),
    )
    return Work(function, made, policy, digest)


def read(config: Config, queues: Queues, enrich: Work) -> aws.lambda_.EventSourceMapping:
    """Hand the queue's messages to enrich, gathered, and take back those that failed."""
    return aws.lambda_.EventSourceMapping(
        "enrich",
        aws.lambda_.EventSourceMappingArgs(
            event_source_arn=queues.objects.arn,
            function_name=enrich.function.arn,
            batch_size=config.settings.enrich.batch_size,
            maximum_batching_window_in_seconds=config.settings.enrich.window_seconds,
            function_response_types=["ReportBatchItemFailures"],
            scaling_config=aws.lambda_.EventSourceMappingScalingConfigArgs(maximum_concurrency=CONCURRENT_RUNS),
        ),
    )


# What each may do


def enrich_may(given: Grants) -> list[Statement]:
    """Take messages, read what they name, and replace rows."""
    takes = ["sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes"]
    return [
        allow(takes, [given.queues.objects.arn]),
        allow(["s3:GetObject"], [within(given.raw, PREFIX)], because="CloudFront names the objects"),
        *writes_files(given),
        allow(["glue:GetDatabase", "glue:GetTable", "glue:UpdateTable"], catalog(given, TABLES)),
    ]


def maintain_may(given: Grants) -> list[Statement]:
    """Make the tables, and the views by Athena."""
    makes = ["glue:GetDatabase", "glue:GetTable", "glue:CreateTable", "glue:UpdateTable"]
    return [*writes_files(given), allow(makes, catalog(given, ALL_TABLES)), *asks_athena(given)]


def mirror_may(given: Grants, parameter: str) -> list[Statement]:
    """Ask Athena, read its answers, and where the sheet is."""
    place = f"arn:aws:ssm:{given.config.region}:{given.config.account}:parameter{parameter}"
    return [
        *asks_athena(given),
        allow(["athena:GetQueryResults"], [given.lake.workgroup.arn]),
        allow(["s3:GetObject"], [within(given.results)], because="Athena names the results that are read"),
        allow(["glue:GetDatabase", "glue:GetTable"], catalog(given, ALL_TABLES)),
        allow(["s3:GetObject"], [within(given.tables)], because="Iceberg names the files"),
        allow(["s3:ListBucket"], [given.tables.arn]),
        allow(["ssm:GetParameter"], [place]),
    ]


def salts_may(given: Grants) -> list[Statement]:
    """See the salts that there are, and change them."""
    actions = ["DescribeKeyValueStore", "ListKeys", "UpdateKeys"]
    return [allow([f"cloudfront-keyvaluestore:{it}" for it in actions], [given.salts.arn])]


def writes_files(given: Grants) -> list[Statement]:
    """Read and write the lake's files; an upload that broke off is cleared away by the bucket's lifecycle."""
    actions = ["s3:GetObject", "s3:PutObject", "s3:DeleteObject"]
    return [
        allow(actions, [within(given.tables)], because="Iceberg names the files"),
        allow(["s3:ListBucket"], [given.tables.arn]),
    ]


def asks_athena(given: Grants) -> list[Statement]:
    """Run statements in the workgroup; Athena writes the results with the caller's rights."""
    actions = ["athena:StartQueryExecution", "athena:GetQueryExecution"]
    uses = ["s3:PutObject", "s3:AbortMultipartUpload", "s3:ListMultipartUploadParts"]
    return [
        allow(actions, [given.lake.workgroup.arn]),
        allow(uses, [within(given.results)], because="Athena names the results"),
        allow(["s3:GetBucketLocation", "s3:ListBucket"], [given.results.arn]),
        allow(["s3:GetBucketLocation"], [given.tables.arn]),
        # Whichever database is asked, Athena looks at this one too (its page on access to databases and tables).
        allow(["glue:GetDatabase"], [f"{glue(given)}:catalog", f"{glue(given)}:database/default"]),
    ]


def within(bucket: aws.s3.Bucket, prefix: str = "") -> pulumi.Output[str]:
    """All objects of the bucket, or those under the prefix."""
    return pulumi.Output.format("{0}/{1}*", bucket.arn, f"{prefix}/" if prefix else "")


def catalog(given: Grants, tables: Sequence[str]) -> list[pulumi.Input[str]]:
    """These tables; Glue asks for the right on what holds them too."""
    named = [
        pulumi.Output.format("{0}:table/{1}/{2}", glue(given), given.lake.database.name, table) for table in tables
    ]
    return [f"{glue(given)}:catalog", given.lake.database.arn, *named]


def glue(given: Grants) -> str:
    """How the ARNs of the account's Glue catalog begin."""
    return f"arn:aws:glue:{given.config.region}:{given.config.account}"
