"""The OpenTelemetry collector that runs beside a container and hands traces to X-Ray."""

from collections.abc import Mapping
from typing import Any

COLLECTOR = "public.ecr.aws/aws-observability/aws-otel-collector:v0.43.3"
COLLECTOR_NAME = "aws-otel-collector"
COLLECTOR_CPU, COLLECTOR_MEMORY = 32, 128
TRACING_VARIABLES: Mapping[str, str] = {
    "OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:4317",
    "OTEL_PROPAGATORS": "tracecontext,xray",
}
"""What tells a program where the collector is, and to understand the balancer's trace ids."""


def collector(logging: Mapping[str, Any]) -> dict[str, Any]:
    """Return the container definition of the collector; the task lives on without it.

    Args:
        logging: Log configuration of the task's containers.
    """
    return {
        "name": COLLECTOR_NAME,
        "image": COLLECTOR,
        "command": ["--config=/etc/ecs/ecs-default-config.yaml"],
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
