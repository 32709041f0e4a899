"""Observability: an alarm for everything that may go wrong, the topic that they go to, one dashboard."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import pulumi
import pulumi_aws as aws

from components import dashboard
from components.alarms import Alarm, alarms
from components.grants import acting_for, service_statement
from components.keys import alarm_service, make_key, make_key_policy
from components.messaging import make_topic
from components.metrics import GLOBAL_REGION, Metric
from components.naming import Names
from components.place import Place
from components.signals import Signal, TopicSignal
from components.stores import Key, Topic


@dataclass(frozen=True, kw_only=True, slots=True)
class ObservabilityArgs:
    """`signals` are what there is to watch, `emails` who hears when something is wrong."""

    names: Names
    place: Place
    key: Key
    signals: Sequence[Signal]
    emails: Sequence[str]
    protected: bool


class Observability(pulumi.ComponentResource):
    """Alarms, by the rules of `components/alarms/`."""

    topic: Topic
    dashboard_name: pulumi.Output[str]

    def __init__(self, name: str, args: ObservabilityArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("penstock:observability:Observability", name, None, opts)
        self._args = args
        self.topic = self._make_topic("alarms", args.key)
        # In the global region itself there is no need for a second topic.
        far = self.topic if args.place.region == GLOBAL_REGION else self._make_far_topic()
        watched = [*args.signals, TopicSignal(purpose="alarms", name=self.topic.name)]
        wanted = [alarm for signal in watched for alarm in alarms(signal)]
        made = [self._make_alarm(alarm, far if alarm.edge else self.topic) for alarm in wanted]
        board = aws.cloudwatch.Dashboard(
            args.names.exact("dashboard", "overview"),
            dashboard_name=args.names.exact("dashboard", "overview"),
            dashboard_body=pulumi.Output.json_dumps(
                dashboard.body(watched, wanted, [alarm.arn for alarm in made], args.place.region),
                sort_keys=True,
            ),
            opts=pulumi.ResourceOptions(parent=self),
        )
        self.dashboard_name = board.dashboard_name
        self.register_outputs({"topic_arn": self.topic.arn, "dashboard_name": self.dashboard_name})

    def _make_topic(self, purpose: str, key: Key) -> Topic:
        source = key.place.arn("cloudwatch", f"alarm:{self._args.names.prefix}*")

        def cloudwatch(arn: pulumi.Output[str]) -> list[dict[str, Any]]:
            return [service_statement("cloudwatch.amazonaws.com", ["sns:Publish"], arn, acting_for(key.place, source))]

        return make_topic(
            purpose,
            names=self._args.names,
            key=key,
            parent=self,
            emails=self._args.emails,
            publishers=cloudwatch,
        )

    def _make_far_topic(self) -> Topic:
        args, purpose = self._args, "global-alarms"
        place = replace(args.place, region=GLOBAL_REGION)
        key = make_key(purpose, names=args.names, place=place, protected=args.protected, parent=self)
        make_key_policy(purpose, key, alarm_service(args.names, place), names=args.names, parent=self)
        return self._make_topic(purpose, key)

    def _make_alarm(self, alarm: Alarm, topic: Topic) -> aws.cloudwatch.MetricAlarm:
        exact = self._args.names.exact("alarm", alarm.purpose)
        return aws.cloudwatch.MetricAlarm(
            exact,
            name=exact,
            alarm_description=alarm.description,
            comparison_operator="GreaterThanThreshold",
            threshold=alarm.above,
            evaluation_periods=alarm.periods,
            datapoints_to_alarm=alarm.breaching,
            treat_missing_data="notBreaching",
            alarm_actions=[topic.arn],
            ok_actions=[topic.arn] if alarm.lasting else None,
            region=topic.key.place.region,
            opts=pulumi.ResourceOptions(parent=self),
            **(_calculated(alarm) if alarm.expression else _measured(alarm)),
        )


def _measured(alarm: Alarm) -> dict[str, Any]:
    (metric,) = alarm.metrics.values()
    percentile = metric.stat.startswith("p")
    return {
        "namespace": metric.namespace,
        "metric_name": metric.name,
        "dimensions": metric.dimensions,
        "extended_statistic" if percentile else "statistic": metric.stat,
        "period": alarm.period_seconds,
    }


def _calculated(alarm: Alarm) -> dict[str, Any]:
    def query(key: str, metric: Metric) -> aws.cloudwatch.MetricAlarmMetricQueryArgs:
        source = aws.cloudwatch.MetricAlarmMetricQueryMetricArgs(
            namespace=metric.namespace,
            metric_name=metric.name,
            dimensions=metric.dimensions,
            stat=metric.stat,
            period=alarm.period_seconds,
        )
        return aws.cloudwatch.MetricAlarmMetricQueryArgs(id=key, metric=source, return_data=False)

    result = aws.cloudwatch.MetricAlarmMetricQueryArgs(
        id="value", label=alarm.purpose, expression=alarm.expression, return_data=True
    )
    return {"metric_queries": [*(query(key, metric) for key, metric in alarm.metrics.items()), result]}
