"""Raw objects on S3: where they lie → their names and bytes.

What is the matter with an object is told apart from what is the matter with the way to it: the first is an OSError, as
with a file, and concerns that object alone; the second passes.
"""

from collections.abc import Iterator
from contextlib import closing
from functools import cache, partial
from typing import Any

import boto3
from botocore.exceptions import BotoCoreError, ClientError

from pipeline.errors import UserError
from pipeline.raw import CHUNK, RawObject

SCHEME = "s3://"
SERVERS_FAULT = 500


class Unreached(UserError):  # noqa: N818 (a state that passes, not a mistake)
    """S3 did not give an object to its end, for a reason that lies not in the object; it can be read again later."""


@cache
def client() -> Any:  # noqa: ANN401 (boto3 makes its classes as it runs)
    """The process's own, which keeps its connections."""
    return boto3.Session().client("s3")


def raw_objects(uri: str) -> list[RawObject]:
    """The objects whose URIs begin so, as `s3://logs/2025/` or `s3://logs/2025/a.gz`, each by its whole URI.

    Raises:
        UserError: there are none, or they cannot be listed.
    """
    bucket, _, start = uri.removeprefix(SCHEME).partition("/")
    try:
        pages = client().get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=start)
        keys = [it["Key"] for page in pages for it in page.get("Contents", ())]
    except (BotoCoreError, ClientError) as error:
        reason = " ".join(str(error).split())  # boto3 breaks some of its sentences
        raise UserError(f"{uri} cannot be listed ({reason}): check the name, and your credentials for AWS.") from error
    logs = [RawObject(f"{SCHEME}{bucket}/{key}", partial(chunks, bucket, key)) for key in keys if key[-1] != "/"]
    if not logs:
        raise UserError(f"There is nothing at {uri}; name an object, or what the names of some begin with.")
    return logs


def chunks(bucket: str, key: str) -> Iterator[bytes]:
    """The object's bytes, piece by piece.

    Raises:
        OSError: it is not there, or must not be read.
        Unreached: the connection broke, or S3 is out of order.
    """
    try:
        with closing(client().get_object(Bucket=bucket, Key=key)["Body"]) as body:
            yield from body.iter_chunks(CHUNK)
    except ClientError as error:
        if error.response["ResponseMetadata"]["HTTPStatusCode"] >= SERVERS_FAULT:
            raise unreached(bucket, key, error) from error
        raise OSError(str(error)) from error
    except BotoCoreError as error:  # some of these are OSErrors too
        raise unreached(bucket, key, error) from error


def unreached(bucket: str, key: str, error: Exception) -> Unreached:
    """Who was not reached, and why."""
    return Unreached(f"{SCHEME}{bucket}/{key} could not be read to its end ({error}): run this again.")
