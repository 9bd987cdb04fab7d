"""A host of the owner's own before the distribution: a certificate, and where Route 53 holds its zone, the names."""

import pulumi
import pulumi_aws as aws

from infra.config import Config

# CloudFront takes certificates from this region alone.
REGION = "us-east-1"


def certificate(config: Config) -> pulumi.Output[str] | str:
    """The ARN of a certificate for `firn:domain`: the owner's, or a new one once the zone has proved it; or ""."""
    return proved(config) if config["zone"] else config["certificate"]


def proved(config: Config) -> pulumi.Output[str]:
    """The ARN of a new certificate, usable."""
    made = aws.acm.Certificate(
        "edge",
        aws.acm.CertificateArgs(domain_name=config["domain"], validation_method="DNS", region=REGION),
    )
    proof = made.domain_validation_options[0]
    record = aws.route53.Record(
        "proof",
        aws.route53.RecordArgs(
            zone_id=config["zone"],
            name=proof.resource_record_name,
            type=proof.resource_record_type,
            records=[proof.resource_record_value],
            ttl=300,
            allow_overwrite=True,  # a second certificate for the same host asks for the same record
        ),
    )
    return aws.acm.CertificateValidation(
        "edge",
        aws.acm.CertificateValidationArgs(
            certificate_arn=made.arn, validation_record_fqdns=[record.fqdn], region=REGION
        ),
    ).certificate_arn


def names(config: Config, distribution: aws.cloudfront.Distribution) -> None:
    """The host's addresses, IPv4 and IPv6."""
    for kind in ("A", "AAAA") if config["zone"] else ():
        aws.route53.Record(
            kind,
            aws.route53.RecordArgs(
                zone_id=config["zone"],
                name=config["domain"],
                type=kind,
                aliases=[
                    aws.route53.RecordAliasArgs(
                        name=distribution.domain_name,
                        zone_id=distribution.hosted_zone_id,
                        evaluate_target_health=False,
                    )
                ],
            ),
        )
