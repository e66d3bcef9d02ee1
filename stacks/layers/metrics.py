"""Services' own metrics: a Prometheus workspace on either side, and Grafana to look at all."""

import pulumi

from platformctl.components import (
    GrafanaWorkspace,
    GrafanaWorkspaceArgs,
    Keys,
    LogGroup,
    LogGroupArgs,
    MetricsTarget,
    MetricsWorkspace,
    MetricsWorkspaceArgs,
    PrometheusAlert,
)
from platformctl.naming.tags import component_tags
from platformctl.stacks.layers.security import LOGS
from platformctl.stacks.layers.shared import SHARED, Place, Shared, observed, tags

ALERTS = {
    "services": {
        "ServiceTellsNothing": PrometheusAlert(
            expression="up == 0",
            summary="A task runs and does not answer at /metrics: look at its log.",
        )
    }
}


def metrics_layer(
    place: Place, keys: Keys, topic_arn: pulumi.Input[str]
) -> MetricsWorkspace | None:
    """Make the workspace of one side; None where there is no collector that writes to it."""
    config = place.config
    if not observed(config):
        return None
    labels = component_tags(tags(config, SHARED), "metrics")
    log = LogGroup(
        place.name("metrics-log"),
        LogGroupArgs(
            name=f"/aws/vendedlogs/prometheus/platform-{config.environment}",
            retention_days=config.logs.retention_days,
            key_arn=keys.arns[LOGS],
            tags=labels,
        ),
        place.options,
    )
    return MetricsWorkspace(
        place.name("metrics"),
        MetricsWorkspaceArgs(
            alias=f"platform-{config.environment}",
            region=place.region,
            topic_arn=topic_arn,
            alerts=ALERTS,
            key_arn=keys.arns[LOGS],
            log_group_arn=log.arn,
            tags=labels,
        ),
        place.options,
    )


def target(workspace: MetricsWorkspace | None) -> MetricsTarget | None:
    """Return where collectors write to."""
    if workspace is None:
        return None
    return MetricsTarget(arn=workspace.arn, write_url=workspace.write_url)


def grafana(shared: Shared) -> GrafanaWorkspace | None:
    """Make Grafana, which reads the metrics of both sides; None where there are none."""
    sides = [side.metrics for side in (shared, shared.recovery) if side is not None]
    workspaces = [workspace.arn for workspace in sides if workspace is not None]
    if not workspaces:
        return None
    config = shared.config
    return GrafanaWorkspace(
        "grafana",
        GrafanaWorkspaceArgs(
            workspace_name=f"platform-{config.environment}",
            metrics_arns=workspaces,
            members={role: list(groups) for role, groups in config.grafana.members.items()},
            tags=component_tags(tags(config, SHARED), "grafana"),
        ),
    )
