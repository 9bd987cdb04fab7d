"""What a page talks to: the script and the pixel, at a small distribution of our own or at the owner's."""

from collections.abc import Sequence
from typing import NamedTuple

import pulumi
import pulumi_aws as aws

from infra import domain
from infra.config import Config, answered_paths
from infra.permissions import Statement, allow
from pipeline.places import shipped

SCRIPT = "s/main.js"
PIXEL = "R0lGODlhAQABAPAAAAAAAAAAACH5BAEAAAAALAAAAAABAAEAAAICRAEAOw=="
# Where stock trackers POST by default: refused, but their preflight is answered.
POST_PATH = "/com.snowplowanalytics.snowplow/tp2"
READING = ["GET", "HEAD"]
ALL_METHODS = ["GET", "HEAD", "OPTIONS", "PUT", "POST", "PATCH", "DELETE"]
# AWS's own policy CachingOptimized: a query is no part of the cache's key, so that were the function ever detached, a
# flood of pixels would still find its answer at the edge.
CACHING_OPTIMIZED = "658327ea-f89d-4fab-a63d-7e88639e58f6"
ORIGIN = "script"


class Edge(NamedTuple):
    """The distribution, the host it answers at, its salts; and what a distribution of the owner's own must be given."""

    distribution: pulumi.Input[str]
    arn: pulumi.Input[str]
    host: pulumi.Input[str]
    salts: aws.cloudfront.KeyValueStore
    behaviours: dict[str, object]


def edge(config: Config, script: aws.s3.Bucket) -> Edge:
    """The function and all around it."""
    salts = aws.cloudfront.KeyValueStore(
        "salts",
        aws.cloudfront.KeyValueStoreArgs(
            name=f"{config.prefix}-salts", comment="Salts, by site; see the salts function"
        ),
    )
    function = aws.cloudfront.Function(
        "edge",
        aws.cloudfront.FunctionArgs(
            name=f"{config.prefix}-edge",
            runtime="cloudfront-js-2.0",
            code=shipped("tracker/edge/function.js").read_text(encoding="utf-8"),
            key_value_store_associations=[salts.arn],
            publish=True,
        ),
    )
    access = aws.cloudfront.OriginAccessControl(
        "script",
        aws.cloudfront.OriginAccessControlArgs(
            name=f"{config.prefix}-script",
            origin_access_control_origin_type="s3",
            signing_behavior="always",
            signing_protocol="sigv4",
        ),
    )
    files(script)
    behaviours: dict[str, object] = {
        "origin": script.bucket_regional_domain_name,
        "origin_access_control": access.id,
        "script": f"/{SCRIPT}",
        "pixels": [*answered_paths(), POST_PATH],
        "viewer_request_function": function.arn,
    }
    if config["distribution"]:
        arn = f"arn:aws:cloudfront::{config.account}:distribution/{config['distribution']}"
        return Edge(config["distribution"], arn, "YOUR.HOST", salts, behaviours)
    ours = distribution(config, script, function, access)
    domain.names(config, ours)
    return Edge(ours.id, ours.arn, config["domain"] or ours.domain_name, salts, behaviours)


def files(script: aws.s3.Bucket) -> None:
    """The script, and pixels for the day on which the function is detached by mistake."""
    aws.s3.BucketObjectv2(
        "main.js",
        aws.s3.BucketObjectv2Args(
            bucket=script.bucket,
            key=SCRIPT,
            content=shipped("tracker/dist/main.js").read_text(encoding="utf-8"),
            content_type="text/javascript; charset=utf-8",
            cache_control="public, max-age=3600",
        ),
    )
    for path in answered_paths():
        aws.s3.BucketObjectv2(
            path,
            aws.s3.BucketObjectv2Args(
                bucket=script.bucket,
                key=path.removeprefix("/"),
                content_base64=PIXEL,
                content_type="image/gif",
                cache_control="no-store",
            ),
        )


def may_read(script: aws.s3.Bucket, distribution: pulumi.Input[str]) -> list[Statement]:
    """What the script bucket must allow: that distribution reads it."""
    ours = {"StringEquals": {"aws:SourceArn": distribution}}
    objects = [pulumi.Output.format("{0}/*", script.arn)]
    reads = allow(
        ["s3:GetObject"], objects, because="all of this bucket is for the public and comes by the distribution"
    )
    return [{"Principal": {"Service": "cloudfront.amazonaws.com"}, "Condition": ours} | reads]


def distribution(
    config: Config,
    script: aws.s3.Bucket,
    function: aws.cloudfront.Function,
    access: aws.cloudfront.OriginAccessControl,
) -> aws.cloudfront.Distribution:
    """The small distribution: the script by default, the function at the pixels."""
    return aws.cloudfront.Distribution(
        "edge",
        aws.cloudfront.DistributionArgs(
            enabled=True,
            comment=config.prefix,
            aliases=[config["domain"]] if config["domain"] else [],
            viewer_certificate=viewer_certificate(config),
            http_version="http2and3",
            is_ipv6_enabled=True,
            price_class="PriceClass_100",
            restrictions=aws.cloudfront.DistributionRestrictionsArgs(
                geo_restriction=aws.cloudfront.DistributionRestrictionsGeoRestrictionArgs(restriction_type="none")
            ),
            origins=[
                aws.cloudfront.DistributionOriginArgs(
                    origin_id=ORIGIN,
                    domain_name=script.bucket_regional_domain_name,
                    origin_access_control_id=access.id,
                )
            ],
            default_cache_behavior=aws.cloudfront.DistributionDefaultCacheBehaviorArgs(
                target_origin_id=ORIGIN,
                allowed_methods=READING,
                cached_methods=READING,
                viewer_protocol_policy="redirect-to-https",
                cache_policy_id=CACHING_OPTIMIZED,
                response_headers_policy_id=headers(config).id,
                compress=True,
            ),
            ordered_cache_behaviors=pixels(function),
        ),
    )


def pixels(function: aws.cloudfront.Function) -> Sequence[aws.cloudfront.DistributionOrderedCacheBehaviorArgs]:
    """The behaviours in which the function answers, whatever the method: it says itself what it takes."""
    return [
        aws.cloudfront.DistributionOrderedCacheBehaviorArgs(
            path_pattern=path,
            target_origin_id=ORIGIN,
            allowed_methods=ALL_METHODS,
            cached_methods=READING,
            # A redirect would be logged as well: a second event, and one that no function gave a visitor.
            viewer_protocol_policy="allow-all",
            cache_policy_id=CACHING_OPTIMIZED,
            function_associations=[
                aws.cloudfront.DistributionOrderedCacheBehaviorFunctionAssociationArgs(
                    event_type="viewer-request", function_arn=function.arn
                )
            ],
        )
        for path in (*answered_paths(), POST_PATH)
    ]


def headers(config: Config) -> aws.cloudfront.ResponseHeadersPolicy:
    """What the script says of itself: pages that isolate themselves (COEP) may embed it, and it is what it says."""
    item = aws.cloudfront.ResponseHeadersPolicyCustomHeadersConfigItemArgs(
        header="cross-origin-resource-policy", value="cross-origin", override=True
    )
    return aws.cloudfront.ResponseHeadersPolicy(
        "script",
        aws.cloudfront.ResponseHeadersPolicyArgs(
            name=f"{config.prefix}-script",
            custom_headers_config=aws.cloudfront.ResponseHeadersPolicyCustomHeadersConfigArgs(items=[item]),
            security_headers_config=aws.cloudfront.ResponseHeadersPolicySecurityHeadersConfigArgs(
                content_type_options=aws.cloudfront.ResponseHeadersPolicySecurityHeadersConfigContentTypeOptionsArgs(
                    override=True
                )
            ),
        ),
    )


def viewer_certificate(config: Config) -> aws.cloudfront.DistributionViewerCertificateArgs:
    """The certificate of the owner's domain, or CloudFront's own for *.cloudfront.net."""
    if not config["domain"]:
        return aws.cloudfront.DistributionViewerCertificateArgs(cloudfront_default_certificate=True)
    return aws.cloudfront.DistributionViewerCertificateArgs(
        acm_certificate_arn=domain.certificate(config),
        minimum_protocol_version="TLSv1.2_2021",
        ssl_support_method="sni-only",
    )
