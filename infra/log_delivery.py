"""CloudFront's access log into the raw bucket: standard logging v2, as JSON, in the fields that we chose."""

import pulumi
import pulumi_aws as aws

from infra.config import Config
from infra.permissions import Statement, allow
from pipeline.schema.log_fields import DELIVERED

# The log of a distribution, like its certificate, is a matter of this region, wherever the buckets are.
REGION = "us-east-1"
# With a prefix in the destination's ARN AWS puts nothing of its own before the path (cloudformation roadmap, 2274).
PREFIX = "cf"
# Bare variables: Hive's names (year=…) come from `enable_hive_compatible_path`, and are refused when written here.
PATH = "{distributionid}/{yyyy}/{MM}/{dd}/{HH}"


def may_deliver(config: Config, raw: aws.s3.Bucket) -> list[Statement]:
    """What the raw bucket must allow to CloudWatch's delivery service, and nothing to anybody else's logs."""
    ours = {
        "StringEquals": {"aws:SourceAccount": config.account},
        "ArnLike": {"aws:SourceArn": f"arn:aws:logs:{REGION}:{config.account}:delivery-source:{config.prefix}"},
    }
    deliverer = {"Principal": {"Service": "delivery.logs.amazonaws.com"}, "Condition": ours}
    return [
        deliverer
        | allow(
            ["s3:PutObject"],
            [pulumi.Output.format("{0}/{1}/*", raw.arn, PREFIX)],
            because="CloudFront names the objects",
        ),
        deliverer | allow(["s3:GetBucketAcl"], [raw.arn]),
    ]


def log_delivery(
    config: Config, distribution: pulumi.Input[str], raw: aws.s3.Bucket, policy: aws.s3.BucketPolicy
) -> aws.cloudwatch.LogDelivery:
    """The delivery of that distribution's log; it fails to be made before the bucket's policy stands."""
    source = aws.cloudwatch.LogDeliverySource(
        "access-log",
        aws.cloudwatch.LogDeliverySourceArgs(
            name=config.prefix, region=REGION, log_type="ACCESS_LOGS", resource_arn=distribution
        ),
    )
    place = aws.cloudwatch.LogDeliveryDestinationDeliveryDestinationConfigurationArgs(
        destination_resource_arn=pulumi.Output.format("{0}/{1}", raw.arn, PREFIX)
    )
    destination = aws.cloudwatch.LogDeliveryDestination(
        "raw",
        aws.cloudwatch.LogDeliveryDestinationArgs(
            name=config.prefix, region=REGION, output_format="json", delivery_destination_configuration=place
        ),
        pulumi.ResourceOptions(depends_on=[policy]),
    )
    path = aws.cloudwatch.LogDeliveryS3DeliveryConfigurationArgs(enable_hive_compatible_path=True, suffix_path=PATH)
    return aws.cloudwatch.LogDelivery(
        "access-log",
        aws.cloudwatch.LogDeliveryArgs(
            region=REGION,
            delivery_source_name=source.name,
            delivery_destination_arn=destination.arn,
            record_fields=list(DELIVERED),
            s3_delivery_configurations=[path],
        ),
        pulumi.ResourceOptions(depends_on=[policy]),
    )
