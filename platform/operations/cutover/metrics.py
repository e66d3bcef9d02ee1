"""Metrics of CloudWatch, read by periods."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any


@dataclass(frozen=True, kw_only=True)
class MetricQuery:
    """A metric that is asked for.

    Attributes:
        key: Whose it is: a side, a version.
        name: What it stands for; lower-case letters and digits, a letter first.
        namespace: Namespace in CloudWatch.
        metric: Name in CloudWatch.
        statistic: `Sum`, `p95` and so on.
        dimensions: What narrows it down.
    """

    key: str
    name: str
    namespace: str
    metric: str
    statistic: str
    dimensions: Mapping[str, str] = field(default_factory=dict)

    @property
    def id(self) -> str:
        """What its answer is known by; it begins with a letter, as CloudWatch asks for."""
        return f"{self.name}_{self.key}"

    def document(self, period: int) -> dict[str, Any]:
        """Return it as GetMetricData takes it."""
        return {
            "Id": self.id,
            "MetricStat": {
                "Metric": {
                    "Namespace": self.namespace,
                    "MetricName": self.metric,
                    "Dimensions": [
                        {"Name": name, "Value": value} for name, value in self.dimensions.items()
                    ],
                },
                "Period": period,
                "Stat": self.statistic,
            },
        }


@dataclass(frozen=True, kw_only=True)
class Period:
    """What was measured in a period.

    Attributes:
        began: When it began.
        seconds: How long it is.
        values: What was measured, by the names of the queries; without those that have nothing.
    """

    began: datetime
    seconds: float
    values: Mapping[str, float]

    @property
    def until(self) -> float:
        """When it ends, seconds since the epoch."""
        return self.began.timestamp() + self.seconds


def read_metrics(
    cloudwatch: Any, queries: Sequence[MetricQuery], since: datetime, until: datetime, period: int
) -> dict[str, list[Period]]:
    """Return what was measured by whose it is, newest first; nothing before the time has come.

    Args:
        cloudwatch: Client of CloudWatch.
        queries: What to ask for.
        since: From when, by AWS's clock; from the beginning of its period.
        until: Until when.
        period: Seconds of a period.
    """
    start = datetime.fromtimestamp(since.timestamp() // period * period, UTC)
    if not queries or start >= until:
        return {query.key: [] for query in queries}
    asked = {query.id: query for query in queries}
    found: dict[str, dict[datetime, dict[str, float]]] = {query.key: {} for query in queries}
    pages = cloudwatch.get_paginator("get_metric_data").paginate(
        MetricDataQueries=[query.document(period) for query in queries],
        StartTime=start,
        EndTime=until,
        ScanBy="TimestampAscending",
    )
    for page in pages:
        for result in page["MetricDataResults"]:
            query = asked[result["Id"]]
            for moment, value in zip(result["Timestamps"], result["Values"], strict=True):
                found[query.key].setdefault(moment, {})[query.name] = value
    return {
        key: [
            Period(began=moment, seconds=float(period), values=moments[moment])
            for moment in sorted(moments, reverse=True)
        ]
        for key, moments in found.items()
    }
