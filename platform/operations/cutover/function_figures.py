"""What CloudWatch says about the invocations of two versions behind an alias."""

from datetime import datetime

from platformctl.aws.clients import Clients
from platformctl.operations.cutover.figures import Figures
from platformctl.operations.cutover.metrics import MetricQuery, Period, read_metrics
from platformctl.operations.services.model import Service

NAMESPACE = "AWS/Lambda"
_STATISTICS = (
    ("requests", "Invocations", "Sum"),
    ("errors", "Errors", "Sum"),
    ("throttles", "Throttles", "Sum"),
    ("p50", "Duration", "p50"),
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
    queries = [query for version in service.sides for query in _queries(service, version)]
    cloudwatch = clients("cloudwatch", service.region)
    found = read_metrics(cloudwatch, queries, since, until, period)
    return {version: [_figures(each) for each in periods] for version, periods in found.items()}


def _queries(service: Service, version: str) -> list[MetricQuery]:
    dimensions = {
        "FunctionName": service.function_name,
        "Resource": f"{service.function_name}:{service.alias}",
        "ExecutedVersion": version,
    }
    return [
        MetricQuery(
            key=version,
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
    throttles = values.get("throttles", 0.0)
    # A throttled invocation is none by Lambda's count, but somebody asked for it.
    return Figures(
        requests=values.get("requests", 0.0) + throttles,
        errors=values.get("errors", 0.0) + throttles,
        p50=values.get("p50"),
        p95=values.get("p95"),
        p99=values.get("p99"),
        seconds=period.seconds,
        until=period.until,
    )
