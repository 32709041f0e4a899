"""CloudWatch: log groups, deliveries of logs, alarms, dashboards and saved queries."""

from typing import Any

from local.resources.base import Cloud, Create, Inputs, Made, arn, physical
from local.resources.shaping import shape


def log_group(cloud: Cloud, name: str, inputs: Inputs) -> Made:
    """Retention is a second call."""
    logs = cloud.client("logs")
    chosen, days = physical(name, inputs, limit=512), inputs.pop("retentionInDays", 0)
    logs.create_log_group(logGroupName=chosen, **shape(logs, "create_log_group", inputs))
    if days:
        logs.put_retention_policy(logGroupName=chosen, retentionInDays=days)
    return chosen, {"name": chosen, "arn": arn(cloud, "logs", f"log-group:{chosen}")}


def _query(source: dict[str, Any]) -> dict[str, Any]:
    """A metric query: the provider writes the metric's name, period and statistic side by side."""
    query = dict(source)
    if metric := query.pop("metric", None):
        metric = dict(metric)
        stat = {name: metric.pop(name) for name in ("period", "stat", "unit") if name in metric}
        query["metricStat"] = {**stat, "metric": metric}
    return query


def metric_alarm(cloud: Cloud, name: str, inputs: Inputs) -> Made:
    """The id is the alarm's name, as in the provider."""
    cloudwatch = cloud.client("cloudwatch")
    chosen = physical(name, inputs, limit=255)
    if queries := inputs.pop("metricQueries", None):
        inputs["metrics"] = [_query(one) for one in queries]
    params = shape(
        cloudwatch,
        "put_metric_alarm",
        inputs,
        {"evaluateLowSampleCountPercentiles": "EvaluateLowSampleCountPercentile"},
    )
    cloudwatch.put_metric_alarm(AlarmName=chosen, **params)
    return chosen, {"name": chosen, "arn": arn(cloud, "cloudwatch", f"alarm:{chosen}")}


def dashboard(cloud: Cloud, name: str, inputs: Inputs) -> Made:
    """Dashboards have no region in their ARN."""
    chosen = physical(name, inputs, "dashboardName", 255)
    cloud.client("cloudwatch").put_dashboard(DashboardName=chosen, DashboardBody=inputs.pop("dashboardBody"))
    return chosen, {
        "dashboardName": chosen,
        "dashboardArn": arn(cloud, "cloudwatch", f"dashboard/{chosen}", region=False),
    }


def log_delivery_source(cloud: Cloud, name: str, inputs: Inputs) -> Made:
    """The id is the name, as in the provider."""
    logs, chosen = cloud.client("logs"), inputs["name"]
    made = logs.put_delivery_source(**shape(logs, "put_delivery_source", inputs))["deliverySource"]
    return chosen, {"arn": made["arn"], "service": made["service"]}


def log_delivery_destination(cloud: Cloud, name: str, inputs: Inputs) -> Made:
    """The id is the name, as in the provider."""
    logs, chosen = cloud.client("logs"), inputs["name"]
    made = logs.put_delivery_destination(**shape(logs, "put_delivery_destination", inputs))["deliveryDestination"]
    return chosen, {"arn": made["arn"], "deliveryDestinationType": made["deliveryDestinationType"]}


def log_delivery(cloud: Cloud, name: str, inputs: Inputs) -> Made:
    """A record: nothing is ever delivered here."""
    logs = cloud.client("logs")
    made = logs.create_delivery(**shape(logs, "create_delivery", inputs))["delivery"]
    return made["id"], {"arn": made["arn"]}


CREATORS: dict[str, Create] = {
    "aws:cloudwatch/logGroup:LogGroup": log_group,
    "aws:cloudwatch/logDelivery:LogDelivery": log_delivery,
    "aws:cloudwatch/logDeliveryDestination:LogDeliveryDestination": log_delivery_destination,
    "aws:cloudwatch/logDeliverySource:LogDeliverySource": log_delivery_source,
    "aws:cloudwatch/metricAlarm:MetricAlarm": metric_alarm,
    "aws:cloudwatch/dashboard:Dashboard": dashboard,
}
