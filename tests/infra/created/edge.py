"""The distribution and what belongs to it, its log's delivery, its certificate and names."""

from typing import Any
from uuid import uuid4

from tests.infra.created.storage import capitals
from tests.infra.wanted import Aws, Creator, Inputs, Made

CLOUDFRONTS_ZONE = "Z2FDTNDATAQYW2"  # of every distribution, as Route 53 documents


def key_value_store(aws: Aws, wanted: Inputs) -> Made:
    made = aws.client("cloudfront").create_key_value_store(Name=wanted.take("name"), Comment=wanted.take("comment"))
    return Made(made["KeyValueStore"]["Name"], {"arn": made["KeyValueStore"]["ARN"]})


def edge_function(aws: Aws, wanted: Inputs) -> Made:
    cloudfront, name = aws.client("cloudfront"), wanted.take("name")
    stores = counted([{"KeyValueStoreARN": arn} for arn in wanted.take("keyValueStoreAssociations")])
    told = {"Comment": "", "Runtime": wanted.take("runtime"), "KeyValueStoreAssociations": stores}
    made = cloudfront.create_function(Name=name, FunctionConfig=told, FunctionCode=wanted.take("code").encode())
    assert wanted.take("publish")
    cloudfront.publish_function(Name=name, IfMatch=made["ETag"])
    return Made(name, {"arn": made["FunctionSummary"]["FunctionMetadata"]["FunctionARN"]})


def access_control(aws: Aws, wanted: Inputs) -> Made:
    asked = capitals(
        {
            key: wanted.take(key)
            for key in ("name", "originAccessControlOriginType", "signingBehavior", "signingProtocol")
        }
    )
    made = aws.client("cloudfront").create_origin_access_control(OriginAccessControlConfig=asked)
    return Made(made["OriginAccessControl"]["Id"])


def headers_policy(aws: Aws, wanted: Inputs) -> Made:
    items = counted(capitals(wanted.take("customHeadersConfig")["items"]))
    security = capitals(wanted.take("securityHeadersConfig"))
    asked = {"Name": wanted.take("name"), "CustomHeadersConfig": items, "SecurityHeadersConfig": security}
    made = aws.client("cloudfront").create_response_headers_policy(ResponseHeadersPolicyConfig=asked)
    return Made(made["ResponseHeadersPolicy"]["Id"])


def distribution(aws: Aws, wanted: Inputs) -> Made:
    asked = {
        "CallerReference": uuid4().hex,
        "Aliases": counted(wanted.take("aliases", [])),
        "Origins": counted([origin(it) for it in wanted.take("origins")]),
        "DefaultCacheBehavior": behaviour(wanted.take("defaultCacheBehavior")),
        "CacheBehaviors": counted([behaviour(it) for it in wanted.take("orderedCacheBehaviors")]),
        "ViewerCertificate": certificate_of(wanted.take("viewerCertificate")),
        "Restrictions": {"GeoRestriction": {"Quantity": 0, **capitals(wanted.take("restrictions")["geoRestriction"])}},
        **wanted.some({"enabled": "Enabled", "comment": "Comment", "httpVersion": "HttpVersion"}),
        **wanted.some({"isIpv6Enabled": "IsIPV6Enabled", "priceClass": "PriceClass"}),
    }
    made = aws.client("cloudfront").create_distribution(DistributionConfig=asked)["Distribution"]
    return Made(made["Id"], {"arn": made["ARN"], "domainName": made["DomainName"], "hostedZoneId": CLOUDFRONTS_ZONE})


def origin(wanted: dict[str, Any]) -> dict[str, Any]:
    names = {"originId": "Id", "domainName": "DomainName", "originAccessControlId": "OriginAccessControlId"}
    return {names[key]: value for key, value in wanted.items()} | {"S3OriginConfig": {"OriginAccessIdentity": ""}}


def behaviour(wanted: dict[str, Any]) -> dict[str, Any]:
    cached = counted(wanted.pop("cachedMethods"))
    asked: dict[str, Any] = {"AllowedMethods": counted(wanted.pop("allowedMethods")) | {"CachedMethods": cached}}
    functions = [
        {"EventType": it["eventType"], "FunctionARN": it["functionArn"]}
        for it in wanted.pop("functionAssociations", [])
    ]
    rest: dict[str, Any] = capitals(wanted)
    return asked | {"FunctionAssociations": counted(functions)} | rest


def certificate_of(wanted: dict[str, Any]) -> dict[str, Any]:
    names = {
        "acmCertificateArn": "ACMCertificateArn",
        "cloudfrontDefaultCertificate": "CloudFrontDefaultCertificate",
        "minimumProtocolVersion": "MinimumProtocolVersion",
        "sslSupportMethod": "SSLSupportMethod",
    }
    return {names[key]: value for key, value in wanted.items()}


def counted(items: list[Any]) -> dict[str, Any]:
    """A list as CloudFront writes it."""
    return {"Quantity": len(items), "Items": items} if items else {"Quantity": 0}


def delivery_source(aws: Aws, wanted: Inputs) -> Made:
    asked = {key: wanted.take(key) for key in ("name", "logType", "resourceArn")}
    return Made(aws.client("logs").put_delivery_source(**asked)["deliverySource"]["name"])


def delivery_destination(aws: Aws, wanted: Inputs) -> Made:
    asked = {key: wanted.take(key) for key in ("name", "outputFormat", "deliveryDestinationConfiguration")}
    made = aws.client("logs").put_delivery_destination(**asked)["deliveryDestination"]
    return Made(made["name"], {"arn": made["arn"]})


def delivery(aws: Aws, wanted: Inputs) -> Made:
    asked = {key: wanted.take(key) for key in ("deliverySourceName", "deliveryDestinationArn", "recordFields")}
    (place,) = wanted.take("s3DeliveryConfigurations")
    return Made(aws.client("logs").create_delivery(s3DeliveryConfiguration=place, **asked)["delivery"]["id"])


def certificate(aws: Aws, wanted: Inputs) -> Made:
    acm, asked = aws.client("acm"), capitals({key: wanted.take(key) for key in ("domainName", "validationMethod")})
    arn = acm.request_certificate(**asked)["CertificateArn"]
    proofs = acm.describe_certificate(CertificateArn=arn)["Certificate"]["DomainValidationOptions"]
    told = [{f"resourceRecord{name}": value for name, value in it["ResourceRecord"].items()} for it in proofs]
    return Made(arn, {"arn": arn, "domainValidationOptions": told})


def validation(aws: Aws, wanted: Inputs) -> Made:
    """The provider waits here until the certificate is issued."""
    arn = wanted.take("certificateArn")
    assert wanted.take("validationRecordFqdns")
    assert arn == aws.client("acm").describe_certificate(CertificateArn=arn)["Certificate"]["CertificateArn"]
    return Made(arn)


def record(aws: Aws, wanted: Inputs) -> Made:
    zone, name, kind = wanted.take("zoneId"), wanted.take("name"), wanted.take("type")
    values = {"TTL": wanted.take("ttl"), "ResourceRecords": [{"Value": it} for it in wanted.take("records", [])]}
    aliases = [
        {"DNSName": it["name"], "HostedZoneId": it["zoneId"], "EvaluateTargetHealth": it["evaluateTargetHealth"]}
        for it in wanted.take("aliases", [])
    ]
    asked = {"Name": name, "Type": kind, **({"AliasTarget": aliases[0]} if aliases else values)}
    changes = [{"Action": "UPSERT", "ResourceRecordSet": asked}]
    aws.client("route53").change_resource_record_sets(HostedZoneId=zone, ChangeBatch={"Changes": changes})
    return Made(f"{zone}_{name}_{kind}", {"fqdn": name.rstrip(".")})


CREATORS: dict[str, Creator] = {
    "aws:cloudfront/keyValueStore:KeyValueStore": key_value_store,
    "aws:cloudfront/function:Function": edge_function,
    "aws:cloudfront/originAccessControl:OriginAccessControl": access_control,
    "aws:cloudfront/responseHeadersPolicy:ResponseHeadersPolicy": headers_policy,
    "aws:cloudfront/distribution:Distribution": distribution,
    "aws:cloudwatch/logDeliverySource:LogDeliverySource": delivery_source,
    "aws:cloudwatch/logDeliveryDestination:LogDeliveryDestination": delivery_destination,
    "aws:cloudwatch/logDelivery:LogDelivery": delivery,
    "aws:acm/certificate:Certificate": certificate,
    "aws:acm/certificateValidation:CertificateValidation": validation,
    "aws:route53/record:Record": record,
}
