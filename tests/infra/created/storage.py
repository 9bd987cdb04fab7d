"""Buckets, queues, the Glue database, Athena's workgroup, the sheet's parameter."""

import base64
import json
from typing import Any

from tests.infra.wanted import Aws, Creator, Inputs, Made, content


def bucket(aws: Aws, wanted: Inputs) -> Made:
    name = wanted.take("bucket")
    aws.client("s3").create_bucket(Bucket=name, CreateBucketConfiguration={"LocationConstraint": aws.emulator.region})
    host = f"{name}.s3.{aws.emulator.region}.amazonaws.com"
    return Made(name, {"arn": f"arn:aws:s3:::{name}", "bucketRegionalDomainName": host})


def public_access_block(aws: Aws, wanted: Inputs) -> Made:
    name = wanted.take("bucket")
    switches = ("blockPublicAcls", "blockPublicPolicy", "ignorePublicAcls", "restrictPublicBuckets")
    blocked = wanted.some({it: capital(it) for it in switches})
    aws.client("s3").put_public_access_block(Bucket=name, PublicAccessBlockConfiguration=blocked)
    return Made(name)


def ownership(aws: Aws, wanted: Inputs) -> Made:
    name, rule = wanted.take("bucket"), wanted.take("rule")
    rules = [{"ObjectOwnership": rule["objectOwnership"]}]
    aws.client("s3").put_bucket_ownership_controls(Bucket=name, OwnershipControls={"Rules": rules})
    return Made(name)


def encryption(aws: Aws, wanted: Inputs) -> Made:
    name = wanted.take("bucket")
    default = [it["applyServerSideEncryptionByDefault"]["sseAlgorithm"] for it in wanted.take("rules")]
    rules = [{"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": it}} for it in default]
    aws.client("s3").put_bucket_encryption(Bucket=name, ServerSideEncryptionConfiguration={"Rules": rules})
    return Made(name)


def lifecycle(aws: Aws, wanted: Inputs) -> Made:
    name = wanted.take("bucket")
    rules = [capitals({"ID": it.pop("id"), **it}) for it in wanted.take("rules")]
    aws.client("s3").put_bucket_lifecycle_configuration(Bucket=name, LifecycleConfiguration={"Rules": rules})
    return Made(name)


def bucket_policy(aws: Aws, wanted: Inputs) -> Made:
    """Without the statement that refuses all but TLS, which the emulator does not speak and would enforce."""
    name, policy = wanted.take("bucket"), json.loads(wanted.take("policy"))
    policy["Statement"] = [it for it in policy["Statement"] if it.get("Condition") != IN_THE_CLEAR]
    if policy["Statement"]:
        aws.client("s3").put_bucket_policy(Bucket=name, Policy=json.dumps(policy))
    return Made(name)


IN_THE_CLEAR = {"Bool": {"aws:SecureTransport": "false"}}


def notification(aws: Aws, wanted: Inputs) -> Made:
    name = wanted.take("bucket")
    queues = [notified(it) for it in wanted.take("queues")]
    aws.client("s3").put_bucket_notification_configuration(
        Bucket=name, NotificationConfiguration={"QueueConfigurations": queues}
    )
    return Made(name)


def notified(queue: dict[str, Any]) -> dict[str, Any]:
    rules = [
        {"Name": end, "Value": queue[f"filter{capital(end)}"]}
        for end in ("prefix", "suffix")
        if f"filter{capital(end)}" in queue
    ]
    return {"QueueArn": queue["queueArn"], "Events": queue["events"], "Filter": {"Key": {"FilterRules": rules}}}


def stored(aws: Aws, wanted: Inputs) -> Made:
    name, key = wanted.take("bucket"), wanted.take("key")
    texts = [base64.b64decode(wanted.take("contentBase64", "")), wanted.take("content", "").encode(), content(wanted)]
    told = wanted.some({"contentType": "ContentType", "cacheControl": "CacheControl"})
    aws.client("s3").put_object(Bucket=name, Key=key, Body=b"".join(texts), **told)
    return Made(key)


def queue(aws: Aws, wanted: Inputs) -> Made:
    sqs, name = aws.client("sqs"), wanted.take("name")
    attributes = wanted.some(
        {
            "messageRetentionSeconds": "MessageRetentionPeriod",
            "visibilityTimeoutSeconds": "VisibilityTimeout",
            "sqsManagedSseEnabled": "SqsManagedSseEnabled",
            "redrivePolicy": "RedrivePolicy",
        }
    )
    url = sqs.create_queue(QueueName=name, Attributes={key: text(value) for key, value in attributes.items()})[
        "QueueUrl"
    ]
    arn = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    return Made(url, {"url": url, "arn": arn})


def queue_policy(aws: Aws, wanted: Inputs) -> Made:
    url = wanted.take("queueUrl")
    aws.client("sqs").set_queue_attributes(QueueUrl=url, Attributes={"Policy": wanted.take("policy")})
    return Made(url)


def database(aws: Aws, wanted: Inputs) -> Made:
    name = wanted.take("name")
    asked = {"Name": name, **wanted.some({"locationUri": "LocationUri"})}
    aws.client("glue").create_database(DatabaseInput=asked)
    return Made(name, {"arn": f"arn:aws:glue:{aws.emulator.region}:{aws.emulator.account}:database/{name}"})


def workgroup(aws: Aws, wanted: Inputs) -> Made:
    name, asked = wanted.take("name"), wanted.take("configuration")
    configuration = capitals({SPELT_OTHERWISE.get(key, key): value for key, value in asked.items()})
    assert "ENABLED" == wanted.take("state")
    aws.client("athena").create_work_group(Name=name, Configuration=configuration)
    return Made(name, {"arn": f"arn:aws:athena:{aws.emulator.region}:{aws.emulator.account}:workgroup/{name}"})


SPELT_OTHERWISE = {
    "enforceWorkgroupConfiguration": "enforceWorkGroupConfiguration",
    "publishCloudwatchMetricsEnabled": "publishCloudWatchMetricsEnabled",
}


def named_query(aws: Aws, wanted: Inputs) -> Made:
    asked = capitals({key: wanted.take(key) for key in ("name", "description", "database")})
    sql, group = wanted.take("query"), wanted.take("workgroup")
    made = aws.client("athena").create_named_query(QueryString=sql, WorkGroup=group, **asked)
    return Made(made["NamedQueryId"])


def parameter(aws: Aws, wanted: Inputs) -> Made:
    asked = capitals({key: wanted.take(key) for key in ("name", "type", "value")})
    aws.client("ssm").put_parameter(**asked)
    return Made(asked["Name"])


def capital(name: str) -> str:
    """The name as AWS begins it."""
    return name[:1].upper() + name[1:]


def capitals(value: Any) -> Any:  # noqa: ANN401 (as the provider's schema has it)
    """The same with all keys as AWS begins them."""
    if isinstance(value, dict):
        return {capital(name): capitals(inner) for name, inner in value.items()}
    return [capitals(inner) for inner in value] if isinstance(value, list) else value


def text(value: Any) -> str:  # noqa: ANN401 (as the provider's schema has it)
    """The value as an attribute of a queue, where all are texts."""
    return value if isinstance(value, str) else json.dumps(value)


CREATORS: dict[str, Creator] = {
    "aws:s3/bucket:Bucket": bucket,
    "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock": public_access_block,
    "aws:s3/bucketOwnershipControls:BucketOwnershipControls": ownership,
    "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration": encryption,
    "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration": lifecycle,
    "aws:s3/bucketPolicy:BucketPolicy": bucket_policy,
    "aws:s3/bucketNotification:BucketNotification": notification,
    "aws:s3/bucketObjectv2:BucketObjectv2": stored,
    "aws:sqs/queue:Queue": queue,
    "aws:sqs/queuePolicy:QueuePolicy": queue_policy,
    "aws:glue/catalogDatabase:CatalogDatabase": database,
    "aws:athena/workgroup:Workgroup": workgroup,
    "aws:athena/namedQuery:NamedQuery": named_query,
    "aws:ssm/parameter:Parameter": parameter,
}
