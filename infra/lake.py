"""The Glue database that the tables stand in, Athena's workgroup, and the questions of `queries/` to start from."""

import re
from typing import NamedTuple

import pulumi
import pulumi_aws as aws

from infra.buckets import keeping
from infra.config import Config
from pipeline.query import Query, queries, views

TABLES = ("events", "bad_rows")
# What `maintain` makes: the tables, the views of queries/views, and the sites of firn.toml.
ALL_TABLES = (*TABLES, "sites", *views())
GIGABYTE = 10**9


class Lake(NamedTuple):
    """What SQL is asked of."""

    database: aws.glue.CatalogDatabase
    workgroup: aws.athena.Workgroup


def lake(config: Config, tables: aws.s3.Bucket, results: aws.s3.Bucket) -> Lake:
    """The database over the bucket of tables, and the workgroup that writes its results into the other."""
    database = aws.glue.CatalogDatabase(
        "lake",
        aws.glue.CatalogDatabaseArgs(
            name=config.database, location_uri=pulumi.Output.format("s3://{0}/", tables.bucket)
        ),
        keeping(config, "lake"),
    )
    workgroup = aws.athena.Workgroup(
        "firn",
        aws.athena.WorkgroupArgs(
            name=config.prefix, configuration=bounded(config, results), state="ENABLED", force_destroy=True
        ),
    )
    for query in queries().values():
        aws.athena.NamedQuery(
            query.name,
            aws.athena.NamedQueryArgs(
                name=f"{config.prefix}-{query.name}",
                description=query.answers,
                database=database.name,
                workgroup=workgroup.id,
                query=by_default(query),
            ),
        )
    return Lake(database, workgroup)


def bounded(config: Config, results: aws.s3.Bucket) -> aws.athena.WorkgroupConfigurationArgs:
    """What holds for every query of the workgroup, whatever its client says."""
    return aws.athena.WorkgroupConfigurationArgs(
        enforce_workgroup_configuration=True,
        bytes_scanned_cutoff_per_query=int(config["scanGigabytes"]) * GIGABYTE,
        publish_cloudwatch_metrics_enabled=False,
        engine_version=aws.athena.WorkgroupConfigurationEngineVersionArgs(
            selected_engine_version="Athena engine version 3"
        ),
        result_configuration=aws.athena.WorkgroupConfigurationResultConfigurationArgs(
            output_location=pulumi.Output.format("s3://{0}/", results.bucket),
            encryption_configuration=aws.athena.WorkgroupConfigurationResultConfigurationEncryptionConfigurationArgs(
                encryption_option="SSE_S3"
            ),
        ),
    )


def by_default(query: Query) -> str:
    """The query's text with its parameters' defaults in their places, so that Athena's console runs it as it is."""
    defaults = {it.name: f"{it.kind.upper()} '{it.default}'" for it in query.parameters}
    name = re.compile(rf"(?<![\w:]):({'|'.join(defaults) or '(?!)'})\b")
    return "\n".join(
        line if line.startswith("--") else name.sub(lambda found: defaults[found[1]], line)
        for line in query.sql.splitlines()
    )
