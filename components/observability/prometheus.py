"""Managed Prometheus: where services' own metrics are kept, and rules on them."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import pulumi
import pulumi_aws as aws

from platformctl.components.base import Args, Component

NAME = re.compile(r"[0-9A-Za-z][-.0-9A-Z_a-z]{0,63}")
RETENTION = (1, 1095)
"""Days that a workspace can keep metrics."""


@dataclass(frozen=True, kw_only=True)
class PrometheusAlert:
    """When Prometheus tells somebody.

    Attributes:
        expression: PromQL that has a result while it is bad.
        minutes: Minutes that it must be so.
        summary: What it means and what to do.
        severity: How bad it is, for whoever routes it.
    """

    expression: str
    summary: str
    minutes: int = 5
    severity: str = "warning"

    def rule(self, name: str) -> dict[str, Any]:
        """Return it as Prometheus writes it."""
        return {
            "alert": name,
            "expr": self.expression,
            "for": f"{self.minutes}m",
            "labels": {"severity": self.severity},
            "annotations": {"summary": self.summary},
        }


@dataclass(frozen=True, kw_only=True)
class MetricsWorkspaceArgs(Args):
    """What a workspace is.

    Attributes:
        alias: Its name.
        region: Region it is in, for signing what it sends to the topic.
        topic_arn: Topic that its alerts go to; its policy must let `aps.amazonaws.com` publish.
        alerts: Group → name → alert.
        recordings: Group → name of the new metric → PromQL.
        retention_days: Days that metrics are kept.
        key_arn: KMS key; the service's own without it. Changing it makes a new workspace.
        log_group_arn: Log group of failed rules and alerts, named `/aws/vendedlogs/…`.
    """

    alias: str
    region: str
    topic_arn: pulumi.Input[str]
    alerts: Mapping[str, Mapping[str, PrometheusAlert]] = field(default_factory=dict)
    recordings: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    retention_days: int = 150
    key_arn: pulumi.Input[str] | None = None
    log_group_arn: pulumi.Input[str] | None = None

    def mistakes(self) -> Iterator[str]:
        """Yield one sentence for each argument that cannot be."""
        if not 1 <= len(self.alias) <= 100:
            yield f"alias is {self.alias!r}: must have 1 to 100 characters"
        for group in (*self.alerts, *self.recordings):
            if not NAME.fullmatch(group):
                yield f"group {group!r} is no name: letters, digits, ., - and _, at most 64"
        low, high = RETENTION
        if not low <= self.retention_days <= high:
            yield f"retention_days is {self.retention_days}: must be {low} to {high}"


class MetricsWorkspace(Component):
    """An Amazon Managed Service for Prometheus workspace whose alerts go to a topic.

    Example::

        MetricsWorkspace("metrics", MetricsWorkspaceArgs(
            alias="production", region="us-east-1", topic_arn=alerts.topic_arn,
            alerts={"services": {"Down": PrometheusAlert(
                expression="up == 0", summary="A service does not answer.")}}))

    Monthly cost: $0.90 for each ten million samples taken in; a service with 200 series every 30
    seconds takes in 17 million, $1.56.

    Attributes:
        workspace_id: Id of the workspace.
        arn: ARN of the workspace.
        endpoint: Base URL, for queries.
        write_url: URL for remote writing.
    """

    workspace_id: pulumi.Output[str]
    arn: pulumi.Output[str]
    endpoint: pulumi.Output[str]
    write_url: pulumi.Output[str]

    def __init__(
        self, name: str, args: MetricsWorkspaceArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("observability:MetricsWorkspace", name, args, opts)
        logging: dict[str, Any] = {}
        if args.log_group_arn is not None:
            group = pulumi.Output.concat(args.log_group_arn, ":*")
            logging = {"logging_configuration": {"log_group_arn": group}}
        self.workspace = self.child(
            "", aws.amp.Workspace, alias=args.alias, kms_key_arn=args.key_arn, **logging
        )
        self.child(
            "settings",
            aws.amp.WorkspaceConfiguration,
            workspace_id=self.workspace.id,
            retention_period_in_days=args.retention_days,
        )
        self.child(
            "alert-manager",
            aws.amp.AlertManagerDefinition,
            workspace_id=self.workspace.id,
            definition=_alert_manager(args),
        )
        for group, rules in _rules(args).items():
            self.child(
                f"rules-{group}",
                aws.amp.RuleGroupNamespace,
                name=group,
                workspace_id=self.workspace.id,
                # JSON is YAML, which is what Prometheus reads.
                data=pulumi.Output.json_dumps({"groups": [{"name": group, "rules": rules}]}),
            )
        self.workspace_id = self.workspace.id
        self.arn = self.workspace.arn
        self.endpoint = self.workspace.prometheus_endpoint
        self.write_url = pulumi.Output.concat(self.endpoint, "api/v1/remote_write")
        self.finish("workspace_id", "arn", "endpoint", "write_url")


def _alert_manager(args: MetricsWorkspaceArgs) -> pulumi.Output[str]:
    """Return the alert manager's configuration: everything goes to the topic, grouped by name."""
    topic = {
        "topic_arn": args.topic_arn,
        "sigv4": {"region": args.region},
        "send_resolved": True,
    }
    configuration = pulumi.Output.json_dumps(
        {
            "route": {"receiver": "topic", "group_by": ["alertname"]},
            "receivers": [{"name": "topic", "sns_configs": [topic]}],
        }
    )
    return pulumi.Output.json_dumps({"alertmanager_config": configuration})


def _rules(args: MetricsWorkspaceArgs) -> dict[str, list[dict[str, Any]]]:
    """Return recording and alerting rules by group; what is recorded comes first."""
    groups: dict[str, list[dict[str, Any]]] = {}
    for group, recordings in args.recordings.items():
        groups[group] = [{"record": name, "expr": text} for name, text in recordings.items()]
    for group, alerts in args.alerts.items():
        rules = [alert.rule(name) for name, alert in alerts.items()]
        groups[group] = [*groups.get(group, ()), *rules]
    return groups
