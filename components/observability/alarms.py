"""Alarms on metrics."""

# pulumi_aws loads its modules when they are first named; annotations must not name them.
from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import pulumi
import pulumi_aws as aws

from platformctl.components.base import Args, Component

STATISTICS = ("Average", "Maximum", "Minimum", "SampleCount", "Sum")
PERCENTILE = re.compile(r"p(\d{1,2}(\.\d{1,2})?|100)")
MISSING_DATA = ("breaching", "ignore", "missing", "notBreaching")


@dataclass(frozen=True, kw_only=True)
class Alarm:
    """When to tell somebody.

    Attributes:
        description: What it means and what to do, for whoever is woken by it.
        namespace: CloudWatch namespace of the metric.
        metric: Name of the metric.
        threshold: Value above which it is bad.
        below: Whether it is bad below the threshold instead.
        dimensions: Dimensions of the metric.
        statistic: Statistic of each period: `Average`, `Sum`, …, or a percentile such as `p95`.
        period: Seconds of a period.
        periods: Periods in a row that must be bad.
        missing_data: What no data means: `notBreaching` where silence is good news.
    """

    description: str
    namespace: str
    metric: str
    threshold: float
    below: bool = False
    dimensions: Mapping[str, pulumi.Input[str]] = field(default_factory=dict)
    statistic: str = "Average"
    period: int = 60
    periods: int = 1
    missing_data: str = "missing"

    def mistakes(self) -> Iterator[str]:
        """Yield one sentence for each argument that cannot be."""
        if self.period not in (10, 20, 30) and (self.period < 60 or self.period % 60):
            yield f"has period {self.period}: must be 10, 20, 30 or minutes"
        if not self.description:
            yield "has no description: say what to do"
        if self.missing_data not in MISSING_DATA:
            yield f"has missing_data {self.missing_data!r}: one of {', '.join(MISSING_DATA)}"
        if self.statistic not in STATISTICS and not PERCENTILE.fullmatch(self.statistic):
            known = ", ".join(STATISTICS)
            yield f"has statistic {self.statistic!r}: one of {known} or a percentile"

    def measured(self) -> dict[str, Any]:
        """Return the statistic under the name that CloudWatch has for its kind."""
        kind = "statistic" if self.statistic in STATISTICS else "extended_statistic"
        return {kind: self.statistic}


@dataclass(frozen=True, kw_only=True)
class AnyAlarm:
    """An alarm that goes off when any of some alarms does.

    Attributes:
        description: What it means and what to do.
        alarms: Keys of the alarms.
    """

    description: str
    alarms: Sequence[str]


@dataclass(frozen=True, kw_only=True)
class AlarmsArgs(Args):
    """Which alarms to make.

    Attributes:
        prefix: First part of their names: `<prefix>-<key>`.
        topic_arn: Topic that is told when an alarm goes off and when it is over.
        alarms: Key → alarm.
        any_of: Key → alarm on other alarms, such as one that a cutover watches.
    """

    prefix: str
    topic_arn: pulumi.Input[str]
    alarms: Mapping[str, Alarm]
    any_of: Mapping[str, AnyAlarm] = field(default_factory=dict)

    def mistakes(self) -> Iterator[str]:
        """Yield one sentence for each argument that cannot be."""
        for key, alarm in self.alarms.items():
            yield from (f"alarm {key!r} {mistake}" for mistake in alarm.mistakes())
        for key, alarm in self.any_of.items():
            if key in self.alarms:
                yield f"alarm {key!r} is both in alarms and in any_of"
            for other in alarm.alarms:
                if other not in self.alarms:
                    yield f"alarm {key!r} is about {other!r}, which is not among alarms"


class Alarms(Component):
    """CloudWatch alarms that go off at a threshold, and say when it is over.

    Example::

        Alarms("shop", AlarmsArgs(prefix="shop", topic_arn=alerts.topic_arn, alarms={
            "high-cpu": Alarm(description="…", namespace="AWS/RDS", metric="CPUUtilization",
                              dimensions={"DBInstanceIdentifier": "shop"}, threshold=80)}))

    Monthly cost: $0.10 for each alarm, $0.50 for each one on other alarms.

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
                **alarm.measured(),
                period=alarm.period,
                evaluation_periods=alarm.periods,
                threshold=alarm.threshold,
                comparison_operator="LessThanThreshold" if alarm.below else "GreaterThanThreshold",
                treat_missing_data=alarm.missing_data,
                alarm_actions=[args.topic_arn],
                ok_actions=[args.topic_arn],
            )
            for key, alarm in args.alarms.items()
        }
        composites = {key: _any(self, args, key) for key in args.any_of}
        self.arns = {
            **{key: alarm.arn for key, alarm in self.alarms.items()},
            **{key: alarm.arn for key, alarm in composites.items()},
        }
        self.names = {
            **{key: alarm.name for key, alarm in self.alarms.items()},
            **{key: alarm.alarm_name for key, alarm in composites.items()},
        }
        self.finish("arns", "names")


def _any(alarms: Alarms, args: AlarmsArgs, key: str) -> aws.cloudwatch.CompositeAlarm:
    """Make an alarm on other alarms; those tell the topic, so that it need not."""
    wanted = args.any_of[key]
    names = [alarms.alarms[other].name for other in wanted.alarms]
    rule = pulumi.Output.all(*names).apply(
        lambda found: " OR ".join(f'ALARM("{name}")' for name in found)
    )
    return alarms.child(
        key,
        aws.cloudwatch.CompositeAlarm,
        alarm_name=f"{args.prefix}-{key}",
        alarm_description=wanted.description,
        alarm_rule=rule,
    )
