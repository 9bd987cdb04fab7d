"""The address and the secret of the sheet's web app, where nobody but the mirror function reads them."""

import json

import pulumi
import pulumi_aws as aws

from infra.config import Config


def parameter_name(config: Config) -> str:
    """The name of the SSM parameter, whether or not it has been made."""
    return f"/firn/{config.stack}/sheet"


def sheet(config: Config) -> None:
    """The parameter, where the owner has a sheet."""
    if config["sheetUrl"]:
        value = json.dumps({"url": config["sheetUrl"], "secret": config["sheetSecret"]})
        aws.ssm.Parameter(
            "sheet",
            aws.ssm.ParameterArgs(name=parameter_name(config), type="SecureString", value=pulumi.Output.secret(value)),
        )
