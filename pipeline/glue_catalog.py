"""A Glue database goes in, a lake comes out: the same tables, where Athena finds them."""

import os

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError, ConnectionError, HTTPClientError  # noqa: A004 (botocore's own name)
from pyiceberg.catalog.glue import GlueCatalog

from pipeline.lake import Lake

# Asked again after a lost answer, Glue refuses an UpdateTable that it has carried out; pyiceberg takes that for
# another writer's commit and deletes the manifests that the table now names. So nothing is asked twice here: lake.py
# runs the whole replace again, on a table loaded anew.
ASKED_ONCE = Config(retries={"total_max_attempts": 1})
# Errors of the Glue API that say nothing of the request itself, beside those of its server (status 500 and more).
PASSING = {
    "ConcurrentModificationException",  # pyiceberg knows it of UpdateTable, not of CreateTable
    "OperationTimeoutException",
    "RequestLimitExceeded",
    "ResourceNotReadyException",
    "Throttling",
    "ThrottlingException",
    "TooManyRequestsException",
}
SERVERS_FAULT = 500


def glue_lake(database: str) -> Lake:
    """The lake in that Glue database, whose location is a folder on S3; region and credentials are the process's own.

    Its tables are made by `lake.prepared`.
    """
    glue = boto3.Session().client("glue", config=ASKED_ONCE)  # boto3's own session keeps the first credentials it saw
    return Lake(GlueCatalog("glue", glue, **on_s3(glue.meta.region_name)), database, passes)


def on_s3(region: str) -> dict[str, str]:
    """How Arrow reaches the tables' files: it asks the network for the region, and knows no variable of boto3's."""
    elsewhere = os.environ.get("AWS_ENDPOINT_URL_S3") or os.environ.get("AWS_ENDPOINT_URL")
    return {"s3.region": region} | ({"s3.endpoint": elsewhere} if elsewhere else {})


def passes(error: Exception) -> bool:
    """Whether Glue may answer otherwise when asked again: it did not answer, or out of its own trouble."""
    if isinstance(error, ClientError):
        status = error.response["ResponseMetadata"]["HTTPStatusCode"]
        return status >= SERVERS_FAULT or error.response["Error"]["Code"] in PASSING
    return isinstance(error, ConnectionError | HTTPClientError)
