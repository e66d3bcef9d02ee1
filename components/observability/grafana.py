"""Managed Grafana: one place to look at metrics, logs and traces."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import pulumi
import pulumi_aws as aws

from platformctl.components.base import Args, Component
from platformctl.components.security.roles import ServiceRole, ServiceRoleArgs, Statement

NAME = re.compile(r"[A-Za-z0-9._~-]{1,255}")
VERSION = "10.4"
ROLES = ("ADMIN", "EDITOR", "VIEWER")


@dataclass(frozen=True, kw_only=True)
class GrafanaWorkspaceArgs(Args):
    """What a workspace is.

    Attributes:
        workspace_name: Its name.
        metrics_arns: Prometheus workspaces that it may query.
        log_group_arns: Log groups that it may query.
        members: Role (`ADMIN`, `EDITOR`, `VIEWER`) → ids of groups of IAM Identity Center.
    """

    workspace_name: str
    metrics_arns: Sequence[pulumi.Input[str]] = ()
    log_group_arns: Sequence[pulumi.Input[str]] = ()
    members: Mapping[str, Sequence[str]] = field(default_factory=dict)

    def mistakes(self) -> Iterator[str]:
        """Yield one sentence for each argument that cannot be."""
        if not NAME.fullmatch(self.workspace_name):
            name = self.workspace_name
            yield f"workspace_name is {name!r}: letters, digits, -, ., _ and ~, at most 255"
        for role, groups in self.members.items():
            if role not in ROLES:
                yield f"members has {role!r}: must be one of {', '.join(ROLES)}"
            if not groups:
                yield f"members has no groups for {role!r}"


class GrafanaWorkspace(Component):
    """An Amazon Managed Grafana workspace that can read metrics, logs and traces, and change none.

    People sign in through IAM Identity Center.

    Example::

        GrafanaWorkspace("grafana", GrafanaWorkspaceArgs(
            workspace_name="production", metrics_arns=[metrics.arn],
            members={"ADMIN": ["a4c8b4f8-1111-4c4a-9d6e-000000000000"]}))

    Monthly cost: $9 for each editor and $5 for each viewer who signs in.

    Attributes:
        workspace_id: Id of the workspace.
        endpoint: Host name of the workspace.
        role_arn: Role that it reads with.
    """

    workspace_id: pulumi.Output[str]
    endpoint: pulumi.Output[str]
    role_arn: pulumi.Output[str]

    def __init__(
        self, name: str, args: GrafanaWorkspaceArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("observability:GrafanaWorkspace", name, args, opts)
        self.role = ServiceRole(
            f"{name}-reader",
            ServiceRoleArgs(
                service="grafana.amazonaws.com", statements=_statements(args), tags=args.tags
            ),
            self.options(),
        )
        prometheus = ["PROMETHEUS"] if args.metrics_arns else []
        self.workspace = self.child(
            "",
            aws.grafana.Workspace,
            name=args.workspace_name,
            account_access_type="CURRENT_ACCOUNT",
            authentication_providers=["AWS_SSO"],
            permission_type="CUSTOMER_MANAGED",
            role_arn=self.role.arn,
            data_sources=["CLOUDWATCH", *prometheus, "XRAY"],
            grafana_version=VERSION,
        )
        for role, groups in args.members.items():
            self.child(
                f"members-{role.lower()}",
                aws.grafana.RoleAssociation,
                workspace_id=self.workspace.id,
                role=role,
                group_ids=list(groups),
            )
        self.workspace_id = self.workspace.id
        self.endpoint = self.workspace.endpoint
        self.role_arn = self.role.arn
        self.finish("workspace_id", "endpoint", "role_arn")


def _statements(args: GrafanaWorkspaceArgs) -> list[Statement]:
    """Return what reading needs; CloudWatch's and X-Ray's actions know no resource."""
    statements = [
        Statement(
            actions=[
                "cloudwatch:DescribeAlarms",
                "cloudwatch:DescribeAlarmsForMetric",
                "cloudwatch:GetMetricData",
                "cloudwatch:ListMetrics",
                "ec2:DescribeRegions",
                "logs:DescribeLogGroups",
                "tag:GetResources",
                "xray:BatchGetTraces",
                "xray:GetGroups",
                "xray:GetServiceGraph",
                "xray:GetTraceSummaries",
            ],
            resources=["*"],
        )
    ]
    if args.metrics_arns:
        actions = ["aps:GetLabels", "aps:GetMetricMetadata", "aps:GetSeries", "aps:QueryMetrics"]
        statements.append(Statement(actions=actions, resources=list(args.metrics_arns)))
    if args.log_group_arns:
        actions = ["logs:GetLogGroupFields", "logs:GetQueryResults", "logs:StartQuery"]
        arns = [pulumi.Output.concat(arn, ":*") for arn in args.log_group_arns]
        statements.append(Statement(actions=actions, resources=arns))
    return statements
