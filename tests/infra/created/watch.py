"""Alarms, their mail, the budget."""

from tests.infra.created.storage import capitals
from tests.infra.wanted import Aws, Creator, Inputs, Made

ALARMS_NAMES = {
    "name": "AlarmName",
    "alarmDescription": "AlarmDescription",
    "namespace": "Namespace",
    "metricName": "MetricName",
    "statistic": "Statistic",
    "comparisonOperator": "ComparisonOperator",
    "threshold": "Threshold",
    "period": "Period",
    "evaluationPeriods": "EvaluationPeriods",
    "datapointsToAlarm": "DatapointsToAlarm",
    "treatMissingData": "TreatMissingData",
    "alarmActions": "AlarmActions",
}


def alarm(aws: Aws, wanted: Inputs) -> Made:
    asked = wanted.some(ALARMS_NAMES)
    if "dimensions" in wanted:
        asked["Dimensions"] = dimensions(wanted.take("dimensions"))
    if "metricQueries" in wanted:
        asked["Metrics"] = [query(it) for it in wanted.take("metricQueries")]
    aws.client("cloudwatch").put_metric_alarm(**asked)
    return Made(asked["AlarmName"])


def dimensions(wanted: dict[str, str]) -> list[dict[str, str]]:
    return [{"Name": name, "Value": value} for name, value in wanted.items()]


def query(wanted: dict[str, object]) -> dict[str, object]:
    metric = wanted.pop("metric", None)
    asked: dict[str, object] = capitals({"returnData": False, **wanted})
    return asked | ({"MetricStat": statistic(metric)} if isinstance(metric, dict) else {})


def statistic(metric: dict[str, object]) -> dict[str, object]:
    how = capitals({key: metric.pop(key) for key in ("period", "stat")})
    named = metric.pop("dimensions")
    assert isinstance(named, dict)
    return {"Metric": capitals(metric) | {"Dimensions": dimensions(named)}, **how}


def topic(aws: Aws, wanted: Inputs) -> Made:
    arn = aws.client("sns").create_topic(Name=wanted.take("name"))["TopicArn"]
    return Made(arn, {"arn": arn})


def topic_policy(aws: Aws, wanted: Inputs) -> Made:
    arn, policy = wanted.take("arn"), wanted.take("policy")
    aws.client("sns").set_topic_attributes(TopicArn=arn, AttributeName="Policy", AttributeValue=policy)
    return Made(arn)


def subscription(aws: Aws, wanted: Inputs) -> Made:
    asked = wanted.some({"topic": "TopicArn", "protocol": "Protocol", "endpoint": "Endpoint"})
    return Made(aws.client("sns").subscribe(**asked)["SubscriptionArn"])


def budget(aws: Aws, wanted: Inputs) -> Made:
    name, mails = wanted.take("name"), [notified(it) for it in wanted.take("notifications")]
    limit = {"Amount": wanted.take("limitAmount"), "Unit": wanted.take("limitUnit")}
    asked = {
        "BudgetName": name,
        "BudgetLimit": limit,
        **wanted.some({"timeUnit": "TimeUnit", "budgetType": "BudgetType"}),
    }
    account = aws.emulator.account
    aws.client("budgets").create_budget(AccountId=account, Budget=asked, NotificationsWithSubscribers=mails)
    return Made(f"{account}:{name}")


def notified(wanted: dict[str, object]) -> dict[str, object]:
    addresses = wanted.pop("subscriberEmailAddresses")
    assert isinstance(addresses, list)
    subscribers = [{"SubscriptionType": "EMAIL", "Address": it} for it in addresses]
    return {"Notification": capitals(wanted), "Subscribers": subscribers}


CREATORS: dict[str, Creator] = {
    "aws:cloudwatch/metricAlarm:MetricAlarm": alarm,
    "aws:sns/topic:Topic": topic,
    "aws:sns/topicPolicy:TopicPolicy": topic_policy,
    "aws:sns/topicSubscription:TopicSubscription": subscription,
    "aws:budgets/budget:Budget": budget,
}
