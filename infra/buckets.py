"""Five buckets: private, encrypted, reached by TLS alone, none with versions."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import pulumi
import pulumi_aws as aws

from infra.config import Config
from infra.permissions import Statement, document, sid

# After so many days an object is deleted; what has no number stays. Query results are a copy of what the lake holds.
RESULT_DAYS = 7
UNFINISHED_UPLOAD_DAYS = 7
DATA = ("raw", "lake")


class Buckets(NamedTuple):
    """What lies where: the tracker, CloudFront's logs, the Iceberg tables, Athena's answers, the functions' zips."""

    script: aws.s3.Bucket
    raw: aws.s3.Bucket
    lake: aws.s3.Bucket
    results: aws.s3.Bucket
    code: aws.s3.Bucket


def buckets(config: Config) -> Buckets:
    """All of them, closed; `opened` says for each who may come in."""
    days = {"raw": int(config["rawDays"]), "results": RESULT_DAYS}
    return Buckets(*(bucket(config, name, days) for name in Buckets._fields))


def bucket(config: Config, name: str, days: Mapping[str, int]) -> aws.s3.Bucket:
    """The bucket of that name, with its settings, which are kept and destroyed with it."""
    keep = keeping(config, name)
    full_name = f"{config.prefix}-{name}-{config.account}"
    made = aws.s3.Bucket(name, aws.s3.BucketArgs(bucket=full_name, force_destroy=not keep.retain_on_delete), keep)
    aws.s3.BucketPublicAccessBlock(
        name,
        aws.s3.BucketPublicAccessBlockArgs(
            bucket=made.bucket,
            block_public_acls=True,
            block_public_policy=True,
            ignore_public_acls=True,
            restrict_public_buckets=True,
        ),
        keep,
    )
    aws.s3.BucketOwnershipControls(
        name,
        aws.s3.BucketOwnershipControlsArgs(
            bucket=made.bucket,
            rule=aws.s3.BucketOwnershipControlsRuleArgs(object_ownership="BucketOwnerEnforced"),
        ),
        keep,
    )
    encrypted = aws.s3.BucketServerSideEncryptionConfigurationRuleApplyServerSideEncryptionByDefaultArgs(
        sse_algorithm="AES256"
    )
    aws.s3.BucketServerSideEncryptionConfiguration(
        name,
        aws.s3.BucketServerSideEncryptionConfigurationInitArgs(
            bucket=made.bucket,
            rules=[
                aws.s3.BucketServerSideEncryptionConfigurationRuleArgs(
                    apply_server_side_encryption_by_default=encrypted
                )
            ],
        ),
        keep,
    )
    aws.s3.BucketLifecycleConfiguration(
        name,
        aws.s3.BucketLifecycleConfigurationArgs(bucket=made.bucket, rules=lifecycle(days.get(name))),
        keep,
    )
    return made


def lifecycle(days: int | None) -> list[aws.s3.BucketLifecycleConfigurationRuleArgs]:
    """What becomes of objects by themselves."""
    unfinished = aws.s3.BucketLifecycleConfigurationRuleArgs(
        id="unfinished-uploads",
        status="Enabled",
        filter=aws.s3.BucketLifecycleConfigurationRuleFilterArgs(prefix=""),
        abort_incomplete_multipart_upload=aws.s3.BucketLifecycleConfigurationRuleAbortIncompleteMultipartUploadArgs(
            days_after_initiation=UNFINISHED_UPLOAD_DAYS
        ),
    )
    if days is None:
        return [unfinished]
    expired = aws.s3.BucketLifecycleConfigurationRuleArgs(
        id="expired",
        status="Enabled",
        filter=aws.s3.BucketLifecycleConfigurationRuleFilterArgs(prefix=""),
        expiration=aws.s3.BucketLifecycleConfigurationRuleExpirationArgs(days=days),
    )
    return [unfinished, expired]


def opened(config: Config, name: str, made: aws.s3.Bucket, statements: Sequence[Statement] = ()) -> aws.s3.BucketPolicy:
    """The bucket's policy: TLS alone, and beside that what the statements allow to services."""
    in_the_clear = {
        "Sid": sid("nothing and nobody may pass in the clear"),
        "Effect": "Deny",
        "Principal": "*",
        "Action": "s3:*",
        "Resource": [made.arn, pulumi.Output.format("{0}/*", made.arn)],
        "Condition": {"Bool": {"aws:SecureTransport": "false"}},
    }
    policy = document([in_the_clear, *statements])
    return aws.s3.BucketPolicy(name, aws.s3.BucketPolicyArgs(bucket=made.bucket, policy=policy), keeping(config, name))


def keeping(config: Config, name: str) -> pulumi.ResourceOptions:
    """Whether `pulumi destroy` leaves the bucket of that name, and so its settings."""
    return pulumi.ResourceOptions(retain_on_delete=config.keeps_data and name in DATA)
