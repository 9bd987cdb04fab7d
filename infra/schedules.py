"""What runs once a day, and once at the deployment."""

import json
from typing import NamedTuple

import pulumi
import pulumi_aws as aws

from infra.config import Config
from infra.functions import Work
from infra.permissions import allow, role

# In UTC; the mirror shows the tables as maintain leaves them.
HOURS = {"maintain": 4, "mirror": 6}
# In the time zone of each site, soon after its day: the salt of that day is destroyed then. No zone's clocks leave out
# this time in spring, as many do with midnight or three o'clock.
SALTS = "cron(5 4 * * ? *)"
RETRIES = 3


def schedule(config: Config, works: dict[str, Work]) -> None:
    """Each of them at its time; the mirror only where there is a sheet."""
    for name, hour in HOURS.items():
        awake = name != "mirror" or bool(config["sheetUrl"])
        daily(config, name, invoker(config, name, works[name]), When(f"cron(0 {hour} * * ? *)"), awake=awake)
    may = invoker(config, "salts", works["salts"])
    for zone in sorted({site.time_zone for site in config.settings.rules.sites.values()}):
        name = f"salts-{zone.replace('/', '-').replace('+', 'plus')}"  # Etc/GMT+1 is not Etc/GMT-1
        daily(config, name, may, When(SALTS, zone))


class When(NamedTuple):
    """A cron expression, by the clocks of a time zone."""

    expression: str
    zone: str = "UTC"


class Invoker(NamedTuple):
    """A function, the role under which the scheduler invokes it, and the policy without which it may not."""

    function: aws.lambda_.Function
    role: aws.iam.Role
    policy: pulumi.Resource


def invoker(config: Config, name: str, work: Work) -> Invoker:
    """Who may invoke that function and nothing else."""
    function = work.function
    return Invoker(
        function, *role(config, f"{name}-schedule", "scheduler", [allow(["lambda:InvokeFunction"], [function.arn])])
    )


def daily(config: Config, name: str, may: Invoker, when: When, *, awake: bool = True) -> None:
    """Invoke the function at that time."""
    aws.scheduler.Schedule(
        name,
        aws.scheduler.ScheduleArgs(
            name=f"{config.prefix}-{name}",
            schedule_expression=when.expression,
            schedule_expression_timezone=when.zone,
            state="ENABLED" if awake else "DISABLED",
            flexible_time_window=aws.scheduler.ScheduleFlexibleTimeWindowArgs(mode="OFF"),
            target=aws.scheduler.ScheduleTargetArgs(
                arn=may.function.arn,
                role_arn=may.role.arn,
                retry_policy=aws.scheduler.ScheduleTargetRetryPolicyArgs(maximum_retry_attempts=RETRIES),
            ),
        ),
        pulumi.ResourceOptions(depends_on=[may.policy]),
    )


def run_once(works: dict[str, Work]) -> list[pulumi.Resource]:
    """Make tables, views and salts now, and again whenever the zips have changed, in which firn.toml is."""
    return [
        aws.lambda_.Invocation(
            name,
            aws.lambda_.InvocationArgs(
                function_name=works[name].function.name,
                input=json.dumps({}),
                triggers={"code": works[name].digest},
            ),
            pulumi.ResourceOptions(depends_on=[works[name].policy]),
        )
        for name in ("maintain", "salts")
    ]
