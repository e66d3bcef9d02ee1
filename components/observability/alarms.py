"""Alarms on metrics."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

import pulumi
import pulumi_aws as aws

from platformctl.components.base import Args, Component


@dataclass(frozen=True, kw_only=True)
class Alarm:
    """When to tell somebody.

    Attributes:
        description: What it means and what to do, for whoever is woken by it.
        namespace: CloudWatch namespace of the metric.
        metric: Name of the metric.
        threshold: Value above which it is bad.
        dimensions: Dimensions of the metric.
        statistic: Statistic of each period.
        period: Seconds of a period.
        periods: Periods in a row that must be bad.
        missing_data: What no data means: `notBreaching` where silence is good news.
    """

    description: str
    namespace: str
    metric: str
    threshold: float
    dimensions: Mapping[str, pulumi.Input[str]] = field(default_factory=dict)
    statistic: str = "Average"
    period: int = 60
    periods: int = 1
    missing_data: str = "missing"


@dataclass(frozen=True, kw_only=True)
class AlarmsArgs(Args):
    """Which alarms to make.

    Attributes:
        prefix: First part of their names: `<prefix>-<key>`.
        topic_arn: Topic that is told when an alarm goes off and when it is over.
        alarms: Key → alarm.
    """

    prefix: str
    topic_arn: pulumi.Input[str]
    alarms: Mapping[str, Alarm]

    def mistakes(self) -> Iterator[str]:
        """Yield one sentence for each argument that cannot be."""
        for key, alarm in self.alarms.items():
            if alarm.period not in (10, 20, 30) and alarm.period % 60:
                yield f"alarm {key!r} has period {alarm.period}: must be 10, 20, 30 or minutes"
            if not alarm.description:
                yield f"alarm {key!r} has no description: say what to do"


class Alarms(Component):
    """CloudWatch alarms that go off above a threshold, and say when it is over.

    Example::

        Alarms("shop", AlarmsArgs(prefix="shop", topic_arn=alerts.topic_arn, alarms={
            "high-cpu": Alarm(description="…", namespace="AWS/RDS", metric="CPUUtilization",
                              dimensions={"DBInstanceIdentifier": "shop"}, threshold=80)}))

    Monthly cost: $0.10 for each alarm.

    Attributes:
        arns: Key → ARN.
        names: Key → name in CloudWatch.
    """

    arns: dict[str, pulumi.Output[str]]
    names: dict[str, pulumi.Output[str]]

    def __init__(
        self, name: str, args: AlarmsArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("observability:Alarms", name, args, opts)
        self.alarms = {
            key: self.child(
                key,
                aws.cloudwatch.MetricAlarm,
                name=f"{args.prefix}-{key}",
                alarm_description=alarm.description,
                namespace=alarm.namespace,
                metric_name=alarm.metric,
                dimensions=dict(alarm.dimensions),
                statistic=alarm.statistic,
                period=alarm.period,
                evaluation_periods=alarm.periods,
                threshold=alarm.threshold,
                comparison_operator="GreaterThanThreshold",
                treat_missing_data=alarm.missing_data,
                alarm_actions=[args.topic_arn],
                ok_actions=[args.topic_arn],
            )
            for key, alarm in args.alarms.items()
        }
        self.arns = {key: alarm.arn for key, alarm in self.alarms.items()}
        self.names = {key: alarm.name for key, alarm in self.alarms.items()}
        self.finish("arns", "names")
