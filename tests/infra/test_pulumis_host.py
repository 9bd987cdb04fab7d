"""What Pulumi's own program asks of the environment that infra/Pulumi.yaml names, before it runs ours."""

import json
import subprocess

import yaml

from infra.config import ROOT

INFRA = ROOT / "infra"


def test_it_finds_the_provider_among_the_packages() -> None:
    """It lists them by pip, and ends where there is none; so it has been since its issue 4848."""
    options = yaml.safe_load((INFRA / "Pulumi.yaml").read_text())["runtime"]["options"]
    python = INFRA / options["virtualenv"] / "bin/python"
    command = [python, "-m", "pip", "list", "-v", "--format", "json"]
    listed = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)  # noqa: S603 - our own
    assert {"pulumi", "pulumi_aws"} <= {it["name"].replace("-", "_") for it in listed}
