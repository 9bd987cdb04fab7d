"""The four that a person is mailed about; all else is checked by `maintain`. No custom metrics, nothing that costs."""

import pulumi
import pulumi_aws as aws

from infra.config import Config
from infra.functions import Work
from infra.messages import Queues
from infra.permissions import allow, document

MINUTE = 60
HOUR = 60 * MINUTE
# Maintain runs each day: 30 hours leave it a late start and its retries.
QUIET_PERIOD, QUIET_PERIODS = 6 * HOUR, 5


def alarms(config: Config, queues: Queues, works: dict[str, Work], ran: list[pulumi.Resource]) -> None:
    """Dead letters, errors of enrich, no run of maintain since it `ran` at the deployment; and a budget."""
    mail = mailed(config)
    dead_letters(config, queues, mail)
    enrich_errors(config, works["enrich"], mail)
    no_maintenance(config, works["maintain"], mail, ran)
    budget(config)


def mailed(config: Config) -> pulumi.Output[str]:
    """The topic whose messages go to the owner, once they have confirmed the address."""
    topic = aws.sns.Topic("alarms", aws.sns.TopicArgs(name=f"{config.prefix}-alarms"))
    ours = {"StringEquals": {"aws:SourceAccount": config.account}}
    publishes = allow(["sns:Publish"], [topic.arn])
    statement = {"Principal": {"Service": "cloudwatch.amazonaws.com"}, "Condition": ours} | publishes
    aws.sns.TopicPolicy("alarms", aws.sns.TopicPolicyArgs(arn=topic.arn, policy=document([statement])))
    aws.sns.TopicSubscription(
        "owner", aws.sns.TopicSubscriptionArgs(topic=topic.arn, protocol="email", endpoint=config["email"])
    )
    return topic.arn


def dead_letters(config: Config, queues: Queues, mail: pulumi.Output[str]) -> None:
    """A log file could not be used: it waits among the dead letters for 14 days."""
    aws.cloudwatch.MetricAlarm(
        "dead-letters",
        aws.cloudwatch.MetricAlarmArgs(
            name=f"{config.prefix}-dead-letters",
            alarm_description="Raw logs that enrich could not use wait among the dead letters.",
            namespace="AWS/SQS",
            metric_name="ApproximateNumberOfMessagesVisible",
            dimensions={"QueueName": queues.dead_letters.name},
            statistic="Maximum",
            comparison_operator="GreaterThanThreshold",
            threshold=0,
            period=5 * MINUTE,
            evaluation_periods=1,
            treat_missing_data="notBreaching",
            alarm_actions=[mail],
        ),
    )


def enrich_errors(config: Config, enrich: Work, mail: pulumi.Output[str]) -> None:
    """Whole runs failed, hour after hour; one alone is tried again by itself."""
    aws.cloudwatch.MetricAlarm(
        "enrich-errors",
        aws.cloudwatch.MetricAlarmArgs(
            name=f"{config.prefix}-enrich-errors",
            alarm_description="Runs of enrich have failed in two hours on end; nothing is lost yet.",
            namespace="AWS/Lambda",
            metric_name="Errors",
            dimensions={"FunctionName": enrich.function.name},
            statistic="Sum",
            comparison_operator="GreaterThanThreshold",
            threshold=0,
            period=HOUR,
            evaluation_periods=2,
            treat_missing_data="notBreaching",
            alarm_actions=[mail],
        ),
    )


def no_maintenance(config: Config, maintain: Work, mail: pulumi.Output[str], ran: list[pulumi.Resource]) -> None:
    """Maintain has not run for 30 hours, or has only failed."""
    aws.cloudwatch.MetricAlarm(
        "no-maintenance",
        aws.cloudwatch.MetricAlarmArgs(
            name=f"{config.prefix}-no-maintenance",
            alarm_description="Maintain has not succeeded for 30 hours.",
            metric_queries=[
                counted(maintain, "runs", "Invocations"),
                counted(maintain, "errors", "Errors"),
                aws.cloudwatch.MetricAlarmMetricQueryArgs(
                    id="succeeded", expression="runs - errors", label="runs that succeeded", return_data=True
                ),
            ],
            comparison_operator="LessThanThreshold",
            threshold=1,
            evaluation_periods=QUIET_PERIODS,
            datapoints_to_alarm=QUIET_PERIODS,
            treat_missing_data="breaching",
            alarm_actions=[mail],
        ),
        pulumi.ResourceOptions(depends_on=ran),
    )


def counted(work: Work, name: str, metric: str) -> aws.cloudwatch.MetricAlarmMetricQueryArgs:
    """A metric of the function, summed, under a name for an expression."""
    return aws.cloudwatch.MetricAlarmMetricQueryArgs(
        id=name,
        metric=aws.cloudwatch.MetricAlarmMetricQueryMetricArgs(
            namespace="AWS/Lambda",
            metric_name=metric,
            dimensions={"FunctionName": work.function.name},
            stat="Sum",
            period=QUIET_PERIOD,
        ),
    )


def budget(config: Config) -> None:
    """The account's cost; of a budget for the stack alone AWS would want its tags activated first."""
    aws.budgets.Budget(
        "month",
        aws.budgets.BudgetArgs(
            name=config.prefix,
            budget_type="COST",
            time_unit="MONTHLY",
            limit_amount=config["budgetDollars"],
            limit_unit="USD",
            notifications=[
                aws.budgets.BudgetNotificationArgs(
                    notification_type="ACTUAL",
                    comparison_operator="GREATER_THAN",
                    threshold=100,
                    threshold_type="PERCENTAGE",
                    subscriber_email_addresses=[config["email"]],
                )
            ],
        ),
    )
