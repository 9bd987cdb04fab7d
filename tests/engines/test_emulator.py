"""The emulator that the deployment is tested on: for want of a right or a module, a function fails as in an account."""

import re
import subprocess
from pathlib import Path

import pytest
from botocore.exceptions import ClientError

from tests.engines import installed
from tests.engines.emulator import Credentials, Emulator
from tests.engines.roles import new_name, new_role, policy

pytestmark = pytest.mark.e2e


@pytest.fixture
def buckets(emulator: Emulator) -> tuple[str, str]:
    """Two buckets with an object each."""
    s3, names = emulator.client("s3"), (new_name(), new_name())
    for bucket in names:
        s3.create_bucket(Bucket=bucket, CreateBucketConfiguration={"LocationConstraint": emulator.region})
        s3.put_object(Bucket=bucket, Key="a", Body=b"snow")
    return names


def reader(emulator: Emulator, bucket: str) -> Credentials:
    """Credentials of a role that may read that bucket's objects and nothing else."""
    return emulator.as_role(new_role(emulator, policy({"s3:GetObject": f"arn:aws:s3:::{bucket}/*"})))


def test_a_role_may_do_what_its_policy_allows_and_nothing_else(emulator: Emulator, buckets: tuple[str, str]) -> None:
    own, others = buckets
    s3 = emulator.client("s3", reader(emulator, own))
    assert b"snow" == s3.get_object(Bucket=own, Key="a")["Body"].read()
    with pytest.raises(ClientError, match="AccessDenied"):
        s3.get_object(Bucket=others, Key="a")
    with pytest.raises(ClientError, match="AccessDenied"):
        s3.put_object(Bucket=own, Key="a", Body=b"")


def test_a_wrong_signature_is_refused(emulator: Emulator, buckets: tuple[str, str]) -> None:
    known = reader(emulator, buckets[0])
    forged = Credentials(known.access_key, "guessed", known.session_token)
    with pytest.raises(ClientError, match="SignatureDoesNotMatch"):
        emulator.client("s3", forged).get_object(Bucket=buckets[0], Key="a")


def test_a_function_finds_boto3_and_otherwise_only_what_is_in_its_zip() -> None:
    """Its Python is the emulator's, in which a package that the zip lacks must not lie by chance."""
    lock = Path(installed.__file__).with_name("emulator.lock").read_text(encoding="utf-8")
    told = "import importlib.metadata as it; print(*(found.name.lower() for found in it.distributions()))"
    found = subprocess.run([installed.emulator(), "-c", told], check=True, capture_output=True, text=True)  # noqa: S603
    assert sorted(re.findall(r"^([\w.-]+)==", lock, re.MULTILINE)) == sorted(found.stdout.split())
    assert not {"numpy", "pandas", "pyarrow", "pydantic", "pyiceberg"} & set(found.stdout.split())
