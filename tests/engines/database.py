"""What the Pulumi program lays down for a lake, in short: a bucket, a Glue database on it, an Athena workgroup."""

import uuid
from typing import NamedTuple

from tests.engines.emulator import Emulator


class Database(NamedTuple):
    """The names of the parts."""

    name: str
    bucket: str
    workgroup: str


def created(emulator: Emulator) -> Database:
    """A database of its own for whoever calls, with no table in it."""
    word = uuid.uuid4().hex[:12]
    made = Database(f"firn_{word}", f"firn-{word}", f"firn-{word}")
    place = {"LocationConstraint": emulator.region}
    emulator.client("s3").create_bucket(Bucket=made.bucket, CreateBucketConfiguration=place)
    database = {"Name": made.name, "LocationUri": f"s3://{made.bucket}/"}
    emulator.client("glue").create_database(DatabaseInput=database)
    results = {"ResultConfiguration": {"OutputLocation": f"s3://{made.bucket}-results/"}}
    emulator.client("s3").create_bucket(Bucket=f"{made.bucket}-results", CreateBucketConfiguration=place)
    emulator.client("athena").create_work_group(Name=made.workgroup, Configuration=results)
    return made
