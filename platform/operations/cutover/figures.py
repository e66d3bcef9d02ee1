"""What CloudWatch says about the requests of each side."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any

from platformctl.aws.clients import Clients
from platformctl.operations.cutover.metrics import MetricQuery, Period, read_metrics
from platformctl.operations.services.model import Balancing, Service, Side

NAMESPACE = "AWS/ApplicationELB"
_STATISTICS = (
    ("requests", "RequestCount", "Sum"),
    ("failed", "HTTPCode_Target_5XX_Count", "Sum"),
    ("refused", "TargetConnectionErrorCount", "Sum"),
    ("p50", "TargetResponseTime", "p50"),
    ("p95", "TargetResponseTime", "p95"),
    ("p99", "TargetResponseTime", "p99"),
)
_MILLISECONDS = 1000.0
_PERCENT = 100.0
LATE_PERIODS = 3
"""Periods after which CloudWatch has what there is to have."""


@dataclass(frozen=True, kw_only=True)
class Figures:
    """What was measured of a side over some seconds.

    Attributes:
        requests: How many there were.
        errors: How many of them ended in a server error, or reached no task.
        p50: Milliseconds in which half were answered; None without requests.
        p95: Milliseconds in which 95 of 100 were answered; None without requests.
        p99: Milliseconds in which 99 of 100 were answered; None without requests.
        seconds: How long was measured.
        until: When the measurement ends, seconds since the epoch; 0 for a sum.
    """

    requests: float = 0.0
    errors: float = 0.0
    p50: float | None = None
    p95: float | None = None
    p99: float | None = None
    seconds: float = 0.0
    until: float = 0.0

    @property
    def error_percent(self) -> float | None:
        """Share of the requests that ended in an error; None without requests."""
        return _PERCENT * min(1.0, self.errors / self.requests) if self.requests else None

    @property
    def rate(self) -> float | None:
        """Requests per second."""
        return self.requests / self.seconds if self.seconds else None


def read_figures(
    clients: Clients, service: Service, since: datetime, until: datetime, period: int
) -> dict[str, list[Figures]]:
    """Return the figures of each side, one a period, newest first.

    Args:
        clients: Makes boto3 clients.
        service: The service.
        since: From when, by AWS's clock.
        until: Until when.
        period: Seconds of a period.
    """
    if service.balancing is None:
        return {}
    queries = [
        query
        for side in service.sides.values()
        if side.target_group
        for query in _queries(service.balancing, side)
    ]
    cloudwatch = clients("cloudwatch", service.region)
    found = read_metrics(cloudwatch, queries, since, until, period)
    return {key: [_figures(each) for each in periods] for key, periods in found.items()}


def enough(periods: Sequence[Figures], least: float) -> Figures:
    """Sum up the newest periods until they hold enough requests, or all there are.

    Percentiles of several periods are put together by their requests: an estimate, as CloudWatch
    gives none over stretches of one's own.
    """
    total = Figures()
    for each in periods:
        total = _sum(total, each)
        if total.requests >= least:
            break
    return total


def aws_now(cloudwatch: Any, ours: datetime) -> datetime:
    """Return the time by AWS's clock: this machine's may be off, and would ask for other minutes.

    Args:
        cloudwatch: The client whose clock matters.
        ours: What it is by this machine's clock, for an answer without a date.
    """
    answer = cloudwatch.describe_alarms(MaxRecords=1)
    said = answer["ResponseMetadata"]["HTTPHeaders"].get("date")
    return parsedate_to_datetime(said) + timedelta(seconds=1) if said else ours


def _queries(balancing: Balancing, side: Side) -> list[MetricQuery]:
    dimensions = {"LoadBalancer": balancing.load_balancer, "TargetGroup": side.target_group}
    return [
        MetricQuery(
            key=side.key,
            name=name,
            namespace=NAMESPACE,
            metric=metric,
            statistic=statistic,
            dimensions=dimensions,
        )
        for name, metric, statistic in _STATISTICS
    ]


def _figures(period: Period) -> Figures:
    values = period.values
    return Figures(
        requests=values.get("requests", 0.0),
        errors=values.get("failed", 0.0) + values.get("refused", 0.0),
        p50=_milliseconds(values.get("p50")),
        p95=_milliseconds(values.get("p95")),
        p99=_milliseconds(values.get("p99")),
        seconds=period.seconds,
        until=period.until,
    )


def newest(periods: Sequence[Figures], now: datetime) -> Figures:
    """Return the newest whole period; nothing where that is too long ago to say how things are."""
    whole = (each for each in periods if each.until <= now.timestamp())
    last = next(whole, Figures())
    is_old = now.timestamp() - last.until > LATE_PERIODS * last.seconds
    return Figures(seconds=last.seconds) if is_old else last


def _milliseconds(seconds: float | None) -> float | None:
    return None if seconds is None else round(seconds * _MILLISECONDS, 3)


def _sum(one: Figures, other: Figures) -> Figures:
    return Figures(
        requests=one.requests + other.requests,
        errors=one.errors + other.errors,
        p50=_weighted(one, one.p50, other, other.p50),
        p95=_weighted(one, one.p95, other, other.p95),
        p99=_weighted(one, one.p99, other, other.p99),
        seconds=one.seconds + other.seconds,
    )


def _weighted(
    one: Figures, first: float | None, other: Figures, second: float | None
) -> float | None:
    known = [
        (value, figures.requests)
        for figures, value in ((one, first), (other, second))
        if value is not None and figures.requests
    ]
    total = math.fsum(weight for _, weight in known)
    return math.fsum(value * weight for value, weight in known) / total if total else None
