"""The stack's outputs; operations and people read these names, so they stay."""

from collections.abc import Callable, Mapping
from typing import Any

from platformctl.stacks.compose import Environment
from platformctl.stacks.products.table import product

SHARED_OUTPUTS: Mapping[str, Callable[[Environment], Any]] = {
    "environment": lambda made: made.config.environment,
    "region": lambda made: made.config.region,
    "recovery_region": lambda made: made.config.recovery_region,
    "vpc_id": lambda made: made.shared.network.vpc_id,
    "alerts_topic_arn": lambda made: made.shared.alerts.topic_arn,
    "alerts_queue_url": lambda made: made.shared.alerts.queue_url,
    "operations_table": lambda made: made.operations.table_name,
    "grafana_host": lambda made: made.grafana.endpoint if made.grafana else None,
    "metrics_url": lambda made: made.shared.metrics.endpoint if made.shared.metrics else None,
}


def stack_outputs(environment: Environment) -> dict[str, Any]:
    """Return the outputs of an environment.

    Those of a product begin with its name: `analytics_api_url`; those of what stands ready of it in
    the recovery region with `analytics_recovery_`.
    """
    outputs = {name: value(environment) for name, value in SHARED_OUTPUTS.items()}
    for name, parts in environment.products.items():
        table = product(name).outputs
        outputs |= {f"{name}_{key}": value(parts) for key, value in table.items()}
    for name, standby in environment.standbys.items():
        table = product(name).recovery_outputs
        outputs |= {f"{name}_recovery_{key}": value(standby) for key, value in table.items()}
    return outputs
