"""What runs once a day, and once at the deployment."""

import hashlib
import json

import pulumi
import pulumi_aws as aws

from infra.config import Config
from infra.functions import Work
from infra.permissions import allow, role
from pipeline.settings import Settings

# In UTC. Salts reach two days ahead, so that any hour will do; the mirror shows the tables as maintain leaves them.
HOURS = {"salts": 3, "maintain": 4, "mirror": 6}
RETRIES = 3


def schedule(config: Config, works: dict[str, Work]) -> None:
    """Each of them on its hour; the mirror only where there is a sheet."""
    for name, hour in HOURS.items():
        function = works[name].function
        invokes = allow(["lambda:InvokeFunction"], [function.arn])
        made, policy = role(config, f"{name}-schedule", "scheduler", [invokes])
        aws.scheduler.Schedule(
            name,
            aws.scheduler.ScheduleArgs(
                name=f"{config.prefix}-{name}",
                schedule_expression=f"cron(0 {hour} * * ? *)",
                state="ENABLED" if name != "mirror" or config["sheetUrl"] else "DISABLED",
                flexible_time_window=aws.scheduler.ScheduleFlexibleTimeWindowArgs(mode="OFF"),
                target=aws.scheduler.ScheduleTargetArgs(
                    arn=function.arn,
                    role_arn=made.arn,
                    retry_policy=aws.scheduler.ScheduleTargetRetryPolicyArgs(maximum_retry_attempts=RETRIES),
                ),
            ),
            pulumi.ResourceOptions(depends_on=[policy]),
        )


def run_once(settings: Settings, works: dict[str, Work]) -> None:
    """Make tables, views and salts now, and again whenever the sites or the code have changed."""
    for name in ("maintain", "salts"):
        aws.lambda_.Invocation(
            name,
            aws.lambda_.InvocationArgs(
                function_name=works[name].function.name,
                input=json.dumps({}),
                triggers={"sites": sites(settings), "code": works[name].digest},
            ),
            pulumi.ResourceOptions(depends_on=[works[name].policy]),
        )


def sites(settings: Settings) -> str:
    """A text that changes when a site does."""
    told = {name: [site.hosts, site.time_zone] for name, site in settings.rules.sites.items()}
    return hashlib.sha256(json.dumps(told, sort_keys=True).encode()).hexdigest()[:16]
