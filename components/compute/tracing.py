"""The OpenTelemetry collector beside a container: traces to X-Ray, metrics to Prometheus."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pulumi

COLLECTOR = "public.ecr.aws/aws-observability/aws-otel-collector:v0.43.3"
COLLECTOR_NAME = "aws-otel-collector"
COLLECTOR_CPU, COLLECTOR_MEMORY = 32, 128
TRACING_VARIABLES: Mapping[str, str] = {
    "OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:4317",
    "OTEL_PROPAGATORS": "tracecontext,xray",
}
"""What tells a program where the collector is, and to understand the balancer's trace ids."""


@dataclass(frozen=True, kw_only=True)
class MetricsTarget:
    """Where the metrics go that a program tells at `/metrics`.

    Attributes:
        arn: ARN of the Prometheus workspace.
        write_url: Its URL for remote writing.
    """

    arn: pulumi.Input[str]
    write_url: pulumi.Input[str]


def collector(
    logging: Mapping[str, Any], metrics: MetricsTarget | None, port: int | None
) -> dict[str, Any]:
    """Return the container definition of the collector; the task lives on without it.

    Args:
        logging: Log configuration of the task's containers.
        metrics: Where the program's metrics go; nowhere without it.
        port: Port at which the program tells them; without one it tells none.
    """
    # Both configurations are in the image (aws-observability/aws-otel-collector, config/ecs).
    configuration, variables = "ecs-xray.yaml", []
    if metrics is not None and port is not None:
        configuration = "ecs-amp-xray-prometheus.yaml"
        variables = [
            {"name": "AWS_PROMETHEUS_ENDPOINT", "value": metrics.write_url},
            {"name": "AWS_PROMETHEUS_SCRAPING_ENDPOINT", "value": f"127.0.0.1:{port}"},
        ]
    return {
        "name": COLLECTOR_NAME,
        "image": COLLECTOR,
        "command": [f"--config=/etc/ecs/{configuration}"],
        "environment": variables,
        "essential": False,
        "cpu": COLLECTOR_CPU,
        "memory": COLLECTOR_MEMORY,
        "readonlyRootFilesystem": True,
        "privileged": False,
        "linuxParameters": {"initProcessEnabled": True, "capabilities": {"drop": ["ALL"]}},
        "user": "4317:4317",
        "healthCheck": {
            "command": ["CMD", "/healthcheck"],
            "interval": 10,
            "timeout": 5,
            "retries": 3,
            "startPeriod": 10,
        },
        "logConfiguration": dict(logging),
    }
