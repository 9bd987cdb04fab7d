"""MiniStack as a child process: AWS's own APIs on a free port of this machine, IAM enforced, signatures checked."""

import os
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from typing import Any, NamedTuple

import boto3
import pytest

from tests.engines import installed
from tests.engines.server import Server, free_port

REGION = "eu-west-1"
ACCOUNT = "000000000000"


class Credentials(NamedTuple):
    """What a caller signs with; those of the root user have no session token."""

    access_key: str
    secret_key: str
    session_token: str | None = None

    @property
    def environment(self) -> dict[str, str]:
        """These credentials as the variables that every AWS library reads."""
        known = {"AWS_ACCESS_KEY_ID": self.access_key, "AWS_SECRET_ACCESS_KEY": self.secret_key}
        return known | ({"AWS_SESSION_TOKEN": self.session_token} if self.session_token else {})


ROOT = Credentials("test", "test")
MAKING = threading.Lock()  # boto3 makes one client at a time, in some tenths of a second, for all threads to use


@cache
def _client(service: str, credentials: Credentials, **settings: Any) -> Any:  # noqa: ANN401 (boto3 has no types)
    access_key, secret_key, session_token = credentials
    keys = {"aws_access_key_id": access_key, "aws_secret_access_key": secret_key, "aws_session_token": session_token}
    return boto3.client(service, **keys, **settings)


class Emulator(NamedTuple):
    """A running MiniStack: where it answers, where Athena's double does, its process, whose role each key is."""

    endpoint: str
    athena_endpoint: str
    server: Server
    issued: dict[str, str | None]
    region: str = REGION
    account: str = ACCOUNT

    def client(self, service: str, credentials: Credentials = ROOT, **settings: Any) -> Any:  # noqa: ANN401 (boto3 has no types)
        """A boto3 client of that service, the same each time, which asks as root unless it is told as whom.

        Athena's is the emulator's own, good for workgroups and named queries; SQL is answered at `athena_endpoint`.
        """
        place = {"endpoint_url": self.endpoint, "region_name": self.region}
        with MAKING:
            return _client(service, credentials, **place | settings)

    def as_role(self, role_arn: str) -> Credentials:
        """Credentials of the role itself, to try what it may do."""
        answer = self.client("sts").assume_role(RoleArn=role_arn, RoleSessionName="test")["Credentials"]
        self.issued[answer["AccessKeyId"]] = role_arn
        return Credentials(answer["AccessKeyId"], answer["SecretAccessKey"], answer["SessionToken"])

    def environment(self, credentials: Credentials = ROOT) -> dict[str, str]:
        """The variables with which code that knows no endpoint reaches this emulator and nothing else."""
        place = {"AWS_ENDPOINT_URL": self.endpoint, "AWS_ENDPOINT_URL_ATHENA": self.athena_endpoint}
        return place | {"AWS_REGION": self.region, "AWS_DEFAULT_REGION": self.region} | credentials.environment

    @contextmanager
    def surroundings(self, credentials: Credentials = ROOT) -> Iterator[None]:
        """This process's own variables point at the emulator, for code that reads them."""
        with pytest.MonkeyPatch.context() as patch:
            patch.delenv("AWS_SESSION_TOKEN", raising=False)
            for name, value in self.environment(credentials).items():
                patch.setenv(name, value)
            yield


def started(folder: Path) -> Emulator:
    """An emulator on its way up, all of its files under `folder`; `wait_until_ready` says when it answers."""
    port, athena = free_port(), f"http://127.0.0.1:{free_port()}"
    command = [str(installed.emulator()), "-m", "ministack"]
    environment = _environment(port, folder) | {"AWS_ENDPOINT_URL_ATHENA": athena}
    return Emulator(
        f"http://127.0.0.1:{port}", athena, Server(command, folder / "emulator.log", environment, folder), {}
    )


def wait_until_ready(emulator: Emulator) -> None:
    """Return once the emulator answers."""
    emulator.server.wait_until(lambda: _healthy(emulator.endpoint.removeprefix("http://")))


def _environment(port: int, folder: Path) -> dict[str, str]:
    """MiniStack's settings, and nothing else: the Lambdas inherit all of it."""
    return {
        "GATEWAY_PORT": str(port),
        "BIND_HOST": "127.0.0.1",
        "AUTH": "true",
        "LAMBDA_EXECUTOR": "local",
        "MINISTACK_REGION": REGION,
        "PATH": f"{Path(sys.executable).parent}:{os.defpath}",  # Node, for the edge function
        "HOME": str(folder),
        "TMPDIR": str(folder),
        "S3_DATA_DIR": str(folder / "s3"),
        "STATE_DIR": str(folder / "state"),
        "PYTHONDONTWRITEBYTECODE": "1",
    }


def _healthy(address: str) -> bool:
    connection = HTTPConnection(address, timeout=2)
    try:
        connection.request("GET", "/_ministack/health")
        return connection.getresponse().status == 200
    except (OSError, HTTPException):
        return False
    finally:
        connection.close()
