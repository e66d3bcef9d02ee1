"""What waits for a consumer, by the metric that its number of tasks follows."""

from datetime import UTC, datetime
from typing import Any

from platformctl.aws.clients import Clients
from platformctl.operations.services.model import Service

Points = list[tuple[datetime, float]]


def read_backlog(
    clients: Clients, service: Service, since: datetime, until: datetime, period: int
) -> Points:
    """Return how much waited at which time, oldest first; nothing where nobody measures it.

    Args:
        clients: Makes boto3 clients.
        service: The consumer.
        since: From when, by AWS's clock.
        until: Until when.
        period: Seconds of a period.
    """
    if service.backlog is None:
        return []
    query: dict[str, Any] = {
        "Id": "backlog",
        "MetricStat": {
            "Metric": {
                "Namespace": service.backlog.namespace,
                "MetricName": service.backlog.name,
                "Dimensions": [],
            },
            "Period": period,
            "Stat": service.backlog.statistic,
        },
    }
    start = datetime.fromtimestamp(since.timestamp() // period * period, UTC)
    pages = (
        clients("cloudwatch", service.region)
        .get_paginator("get_metric_data")
        .paginate(
            MetricDataQueries=[query], StartTime=start, EndTime=until, ScanBy="TimestampAscending"
        )
    )
    return [
        point
        for page in pages
        for result in page["MetricDataResults"]
        for point in zip(result["Timestamps"], result["Values"], strict=True)
    ]
