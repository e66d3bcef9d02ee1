"""What CloudWatch says about the invocations of two versions behind an alias."""

from datetime import UTC, datetime
from typing import Any

from platformctl.aws.clients import Clients
from platformctl.operations.cutover.figures import Figures
from platformctl.operations.services.model import Service

NAMESPACE = "AWS/Lambda"
_STATISTICS = (
    ("requests", "Invocations", "Sum"),
    ("errors", "Errors", "Sum"),
    ("throttles", "Throttles", "Sum"),
    ("p95", "Duration", "p95"),
    ("p99", "Duration", "p99"),
)


def read_function_figures(
    clients: Clients, service: Service, since: datetime, until: datetime, period: int
) -> dict[str, list[Figures]]:
    """Return the figures of each version, one a period, newest first.

    Args:
        clients: Makes boto3 clients.
        service: The function, with its versions as sides.
        since: From when, by AWS's clock.
        until: Until when.
        period: Seconds of a period.
    """
    queries = [query for version in service.sides for query in _queries(service, version, period)]
    start = datetime.fromtimestamp(since.timestamp() // period * period, UTC)
    pages = (
        clients("cloudwatch", service.region)
        .get_paginator("get_metric_data")
        .paginate(
            MetricDataQueries=queries, StartTime=start, EndTime=until, ScanBy="TimestampAscending"
        )
    )
    found: dict[str, dict[datetime, dict[str, float]]] = {version: {} for version in service.sides}
    for page in pages:
        for result in page["MetricDataResults"]:
            name, _, version = result["Id"].partition("_")
            for moment, value in zip(result["Timestamps"], result["Values"], strict=True):
                found[version].setdefault(moment, {})[name] = value
    return {
        version: [_figures(moments[moment], period) for moment in sorted(moments, reverse=True)]
        for version, moments in found.items()
    }


def _queries(service: Service, version: str, period: int) -> list[dict[str, Any]]:
    dimensions = [
        {"Name": "FunctionName", "Value": service.function_name},
        {"Name": "Resource", "Value": f"{service.function_name}:{service.alias}"},
        {"Name": "ExecutedVersion", "Value": version},
    ]
    return [
        {
            "Id": f"{name}_{version}",
            "MetricStat": {
                "Metric": {
                    "Namespace": NAMESPACE,
                    "MetricName": metric,
                    "Dimensions": dimensions,
                },
                "Period": period,
                "Stat": statistic,
            },
        }
        for name, metric, statistic in _STATISTICS
    ]


def _figures(values: dict[str, float], period: int) -> Figures:
    throttles = values.get("throttles", 0.0)
    # A throttled invocation is none by Lambda's count, but somebody asked for it.
    return Figures(
        requests=values.get("requests", 0.0) + throttles,
        errors=values.get("errors", 0.0) + throttles,
        p95=values.get("p95"),
        p99=values.get("p99"),
        seconds=float(period),
    )
