"""What a creator of resources works with: what the program wants, the emulator, and what was made."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

import pulumi

from tests.engines.emulator import Emulator


class Inputs(dict[str, Any]):
    """What the program wants of a resource; `take` as one reads it, so that what is left was forgotten."""

    def take(self, name: str, default: Any = None) -> Any:  # noqa: ANN401 (as the provider's schema has it)
        """The value, which counts as used from now on."""
        return self.pop(name, default)

    def some(self, names: Mapping[str, str]) -> dict[str, Any]:
        """Those of the inputs that are there, under AWS's names for them."""
        return {aws: self.pop(ours) for ours, aws in names.items() if ours in self}


class Made(NamedTuple):
    """A resource's identifier, and what the provider would say of it beside its inputs."""

    id: str
    outputs: Mapping[str, Any] = {}


@dataclass
class Aws:
    """The emulator as creators see it; `environment` is added to each function's own."""

    emulator: Emulator
    environment: Mapping[str, str] = field(default_factory=dict)
    region: str = ""

    def client(self, service: str) -> Any:  # noqa: ANN401 (boto3 has no types)
        """A client in the region that the resource asks for."""
        return self.emulator.client(service, region_name=self.region or self.emulator.region)


Creator = Callable[[Aws, Inputs], Made]


def invoked(client: Any, function: str, event: object) -> Any:  # noqa: ANN401 (a function answers any JSON)
    """What the function answers; fails with the function's own error."""
    answer = client.invoke(FunctionName=function, Payload=json.dumps(event).encode())
    payload = answer["Payload"].read().decode()
    assert "FunctionError" not in answer, f"{function}: {payload}"
    return json.loads(payload)


def content(inputs: Inputs) -> bytes:
    """The bytes of an asset or a text."""
    source = inputs.take("source")
    assert source is None or isinstance(source, pulumi.FileAsset)
    return Path(source.path).read_bytes() if source else b""
