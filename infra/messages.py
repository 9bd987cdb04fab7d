"""Word of each raw object, from the bucket to the queue; what fails five times goes to the dead letters."""

from typing import NamedTuple

import pulumi
import pulumi_aws as aws

from infra.config import Config
from infra.log_delivery import PREFIX
from infra.permissions import allow, document

DAY = 24 * 60 * 60
RECEIVES = 5


class Queues(NamedTuple):
    """The queue that enrich reads, and where what it cannot use ends."""

    objects: aws.sqs.Queue
    dead_letters: aws.sqs.Queue


def queues(config: Config, raw: aws.s3.Bucket, enrich_seconds: int) -> Queues:
    """Both queues, and the raw bucket's notification; `enrich_seconds` is how long a run may take."""
    dead_letters = aws.sqs.Queue(
        "dead-letters",
        aws.sqs.QueueArgs(
            name=f"{config.prefix}-dead-letters",
            # Longer than below: a dead letter's age counts from its first day in the other queue.
            message_retention_seconds=14 * DAY,
            sqs_managed_sse_enabled=True,
        ),
    )
    objects = aws.sqs.Queue(
        "objects",
        aws.sqs.QueueArgs(
            name=f"{config.prefix}-objects",
            message_retention_seconds=7 * DAY,
            # What Lambda asks for: six runs, and the time in which a batch is gathered.
            visibility_timeout_seconds=6 * enrich_seconds + config.settings.enrich.window_seconds,
            sqs_managed_sse_enabled=True,
            redrive_policy=pulumi.Output.json_dumps(
                {"deadLetterTargetArn": dead_letters.arn, "maxReceiveCount": RECEIVES}
            ),
        ),
    )
    notify(config, raw, objects)
    return Queues(objects, dead_letters)


def notify(config: Config, raw: aws.s3.Bucket, objects: aws.sqs.Queue) -> None:
    """Let the bucket send a message for each log file; S3 tries the queue's policy at once."""
    ours = {"StringEquals": {"aws:SourceAccount": config.account}, "ArnEquals": {"aws:SourceArn": raw.arn}}
    sends = allow(["sqs:SendMessage"], [objects.arn])
    statement = {"Principal": {"Service": "s3.amazonaws.com"}, "Condition": ours} | sends
    policy = aws.sqs.QueuePolicy(
        "objects", aws.sqs.QueuePolicyArgs(queue_url=objects.url, policy=document([statement]))
    )
    aws.s3.BucketNotification(
        "raw",
        aws.s3.BucketNotificationArgs(
            bucket=raw.bucket,
            queues=[
                aws.s3.BucketNotificationQueueArgs(
                    queue_arn=objects.arn, events=["s3:ObjectCreated:*"], filter_prefix=f"{PREFIX}/"
                )
            ],
        ),
        pulumi.ResourceOptions(depends_on=[policy]),
    )
