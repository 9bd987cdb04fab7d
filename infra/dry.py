"""What would be created, without an account: the very program under Pulumi's mocks. `python -m infra.dry [KEY=VALUE…]`.

The tests run it the same way, with mocks that create each resource on an emulator.
"""

import asyncio
import runpy
import sys
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from zipfile import ZipFile

import pulumi
from pulumi.runtime import mocks as pulumi_mocks
from pulumi.runtime import settings as pulumi_settings
from pulumi.runtime.rpc import is_rpc_secret, unwrap_rpc_secret
from pulumi.runtime.stack import Stack, run_pulumi_func

from infra.config import ARTEFACTS, KEYS, ROOT, SECRETS, SHIPPED
from infra.owned import owned
from pipeline.errors import UserError

ACCOUNT = "123456789012"  # AWS's own, for examples
REGION = "eu-west-1"
STACK = "dev"


class Listed(pulumi_mocks.Mocks):
    """Mocks that create nothing and remember what they were asked for."""

    def __init__(self) -> None:
        self.resources: list[pulumi_mocks.MockResourceArgs] = []

    def new_resource(self, args: pulumi_mocks.MockResourceArgs) -> tuple[str | None, dict[str, Any]]:
        """The name in the place of each identifier that AWS would give."""
        args.inputs = revealed(args.inputs)
        self.resources.append(args)
        return args.name, computed(args.typ, args.name) | args.inputs

    def call(
        self,
        args: pulumi_mocks.MockCallArgs,  # noqa: ARG002 (whatever is asked, it is where we are)
    ) -> tuple[dict[str, Any], list[tuple[str, str]] | None]:
        """An account and a region of no one."""
        return {"accountId": ACCOUNT, "region": REGION}, []


def revealed(inputs: Mapping[str, Any]) -> dict[str, Any]:
    """The inputs with the secrets among them as plain values."""
    return {name: unwrap_rpc_secret(it) if is_rpc_secret(it) else it for name, it in inputs.items()}


def computed(kind: str, name: str) -> dict[str, Any]:
    """What AWS would say of a new resource, as far as the program asks."""
    service = kind.split(":")[1].partition("/")[0]
    proof = {"resourceRecordName": f"_proof.{name}", "resourceRecordType": "CNAME", "resourceRecordValue": "proof"}
    return {
        "arn": f"arn:aws:{service}:{REGION}:{ACCOUNT}:{name}",
        "url": f"https://{service}.example.com/{name}",
        "domainName": f"{name}.cloudfront.net",
        "bucketRegionalDomainName": f"{name}.s3.{REGION}.amazonaws.com",
        "hostedZoneId": "Z2FDTNDATAQYW2",
        "fqdn": name,
        "domainValidationOptions": [{"domainName": name, **proof}],
    }


def run(mocks: pulumi_mocks.Mocks, stack: str, values: Mapping[str, str]) -> dict[str, Any]:
    """The program under these mocks: the stack's outputs. Raises what the program, or the mocks, raise."""
    return asyncio.run(_run(mocks, stack, values))


async def _run(mocks: pulumi_mocks.Mocks, stack: str, values: Mapping[str, str]) -> dict[str, Any]:
    # One thread, so that resources are made one at a time.
    loop, worker = asyncio.get_running_loop(), ThreadPoolExecutor(1, initializer=_open_event_loop)
    loop.set_default_executor(worker)
    pulumi_settings.ROOT.set(None)  # of an earlier run in this process
    pulumi_mocks.set_mocks(mocks, project="firn", stack=stack)
    config = {f"firn:{key}": value for key, value in values.items()}
    pulumi.runtime.set_all_config(config, secret_keys=[f"firn:{key}" for key in SECRETS])
    try:
        await run_pulumi_func(_program)
        root = pulumi_settings.get_root_resource()
        exported = root.outputs if isinstance(root, Stack) else {}
        return {name: await pulumi.Output.from_input(value).future() for name, value in exported.items()}
    finally:
        await loop.run_in_executor(worker, _close_event_loop)


def _open_event_loop() -> None:
    """Give the thread the event loop that Pulumi's mocks would open in it and leave open."""
    asyncio.set_event_loop(asyncio.new_event_loop())


def _close_event_loop() -> None:
    asyncio.get_event_loop().close()


def _program() -> None:
    runpy.run_path(str(Path(__file__).parent), run_name="__main__")


def main(arguments: list[str]) -> None:
    """List the resources by kind; mistakes in the configuration end it."""
    values = {"email": "you@example.com"} | dict(map(pair, arguments))
    listed = Listed()
    try:
        with TemporaryDirectory() as folder:
            stand_ins(Path(folder), ROOT / values.get("settings", KEYS["settings"].default))
            run(listed, STACK, {"artefacts": folder} | values)
    except (UserError, pulumi.RunError) as error:
        sys.exit(str(error))
    sys.stdout.write(shown(listed.resources))


def pair(argument: str) -> tuple[str, str]:
    """A key of the configuration and its value."""
    key, equals, value = argument.partition("=")
    if not equals:
        sys.exit(f"Write KEY=VALUE, as in domain=analytics.example.com, and not {argument!r}.")
    return key, value


def stand_ins(folder: Path, settings: Path) -> None:
    """Zips in the place of the functions', which take a while to build: they hold what is the owner's and no more."""
    files = owned(settings) if settings.is_file() else {}
    for name in ARTEFACTS:
        with ZipFile(folder / f"{name}.zip", "w") as archive:
            for place, file in files.items():
                archive.write(file, SHIPPED + place)


def shown(resources: list[pulumi_mocks.MockResourceArgs]) -> str:
    """One line a resource: its kind, and its name in the account, or else in the program."""
    lines = sorted(
        (it.typ.removeprefix("aws:").split("/")[0], it.typ.rpartition(":")[2], title(it)) for it in resources
    )
    told = "".join(f"{service:<12} {kind:<42} {name}\n" for service, kind, name in lines)
    return f"{told}\n{len(lines)} resources would be created. Nobody was asked, and no account is needed for this.\n"


def title(resource: pulumi_mocks.MockResourceArgs) -> str:
    """What it is called in the account; by the first of these that it has, or else as the program calls it."""
    told = [resource.inputs.get(key) for key in ("name", "key", "bucket", "domainName")]
    return next((it for it in told if it), resource.name)


if __name__ == "__main__":
    main(sys.argv[1:])
