"""What waits for a consumer, by the metric that its number of tasks follows."""

from datetime import datetime

from platformctl.aws.clients import Clients
from platformctl.operations.cutover.metrics import MetricQuery, read_metrics
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
    query = MetricQuery(
        key="consumer",
        name="backlog",
        namespace=service.backlog.namespace,
        metric=service.backlog.name,
        statistic=service.backlog.statistic,
    )
    cloudwatch = clients("cloudwatch", service.region)
    found = read_metrics(cloudwatch, [query], since, until, period)[query.key]
    return [(each.began, each.values[query.name]) for each in reversed(found)]
