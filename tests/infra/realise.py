"""The Pulumi program brought to life: mocks that create each resource on the emulator and return its real identifiers.

Everything the program sends is first held to the provider's own schema; boto3 holds what a creator makes of it to the
service's model. A type of resource that is not in CREATORS fails, as does an input that its creator does not use:
nothing is silently skipped.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pulumi.runtime.mocks import MockCallArgs, MockResourceArgs, Mocks

from infra import dry
from tests.engines.emulator import Emulator
from tests.infra import schema
from tests.infra.created import CREATORS
from tests.infra.wanted import Aws, Creator, Inputs, Made, invoked

# What only the provider knows and AWS is never told.
PROVIDERS_OWN = {"region", "forceDestroy", "allowOverwrite", "sourceHash", "triggers"}


class Realised(Mocks):
    """Mocks that create; `resources` holds all that was asked for, in order."""

    def __init__(self, aws: Aws, creators: Mapping[str, Creator]) -> None:
        self.aws = aws
        self.creators = creators
        self.resources: list[MockResourceArgs] = []
        self.answers: dict[str, Mapping[str, Any]] = {}

    def call(
        self,
        args: MockCallArgs,  # noqa: ARG002 (whatever is asked, it is where we are)
    ) -> tuple[dict[str, Any], list[tuple[str, str]] | None]:
        """Where and who we are."""
        return {"accountId": self.aws.emulator.account, "region": self.aws.emulator.region}, []

    def new_resource(self, args: MockResourceArgs) -> tuple[str | None, dict[str, Any]]:
        """Create it, and say of it what the provider would."""
        args.inputs = dry.revealed(args.inputs)
        schema.check(args.typ, args.inputs)
        self.resources.append(args)
        made = self._created(args.typ, plain(args.inputs))
        self.answers[f"{args.typ} {args.name}"] = made.outputs
        return made.id, {**args.inputs, **made.outputs}

    def _created(self, typ: str, inputs: Mapping[str, Any]) -> Made:
        assert typ in self.creators, f"{typ} is neither created nor checked: add it to CREATORS"
        region = str(inputs.get("region", ""))
        wanted = Inputs({name: value for name, value in inputs.items() if name not in PROVIDERS_OWN})
        made = self.creators[typ](Aws(self.aws.emulator, self.aws.environment, region), wanted)
        assert not wanted, f"the creator of {typ} made nothing of {', '.join(wanted)}"
        return made


def plain(value: Any) -> Any:  # noqa: ANN401 (as the provider's schema has it)
    """The value as boto3 takes it: Pulumi's numbers all arrive as floats."""
    if isinstance(value, float) and value.is_integer():
        return int(value)
    if isinstance(value, Mapping):
        return {name: plain(inner) for name, inner in value.items()}
    return [plain(inner) for inner in value] if isinstance(value, list) else value


@dataclass(frozen=True)
class Stack:
    """A stack that stands: what `pulumi up` says of it, what it asked for and what was answered, as in its state."""

    name: str
    emulator: Emulator
    outputs: Mapping[str, Any]
    resources: list[MockResourceArgs]
    answers: Mapping[str, Mapping[str, Any]]

    @property
    def buckets(self) -> dict[str, str]:
        """The buckets' names, by script, raw, lake, results and code."""
        return dict(self.outputs["buckets"])

    @property
    def functions(self) -> dict[str, str]:
        """The functions' names, by enrich, maintain, mirror and salts."""
        return dict(self.outputs["functions"])

    @property
    def roles(self) -> dict[str, str]:
        """The ARNs of the functions' roles, likewise."""
        return dict(self.outputs["roles"])

    def tell_sheet(self, url: str, secret: str) -> None:
        """Put the address and the secret of a double of the web app where the mirror reads them."""
        value = json.dumps({"url": url, "secret": secret})
        ssm = self.emulator.client("ssm")
        ssm.put_parameter(Name=self.outputs["sheet_parameter"], Type="SecureString", Value=value, Overwrite=True)

    def invoked(self, function: str, event: object) -> Any:  # noqa: ANN401 (a function answers any JSON)
        """What the function (enrich, …) answers; fails with the function's own error."""
        return invoked(self.emulator.client("lambda"), self.functions[function], event)


def deployed(
    emulator: Emulator,
    artefacts: Path,
    name: str = "test",
    values: Mapping[str, str] | None = None,
    environment: Mapping[str, str] | None = None,
) -> Stack:
    """The program, realised on the emulator as the stack `name`.

    `artefacts` is the folder of the zips (dist/local), `values` are further keys of `firn:`, and `environment` is added
    to each function's own, such as AWS_ENDPOINT_URL_ATHENA.
    """
    mocks = Realised(Aws(emulator, environment or {}), CREATORS)
    values = {"email": "owner@example.com", "artefacts": str(artefacts), **(values or {})}
    return Stack(name, emulator, dry.run(mocks, name, values), mocks.resources, mocks.answers)
