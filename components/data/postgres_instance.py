"""What every PostgreSQL instance on RDS has, whether it is a primary or a replica."""

# pulumi_aws loads its modules when they are first named; annotations must not name them.
from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import pulumi
import pulumi_aws as aws

from platformctl.components.base import Args, Component
from platformctl.components.data.windows import window_mistakes
from platformctl.components.security.roles import ServiceRole, ServiceRoleArgs
from platformctl.naming.names import LIMITS

PORT = 5432
IDENTIFIER = re.compile(r"[a-z](?:-?[a-z0-9])*")
"""Identifiers of RDS: no capitals here, since RDS would lower them and Pulumi see a change."""
VERSION = re.compile(r"\d{2}(\.\d{1,2})?")
INSTANCE_CLASS = re.compile(r"db\.[a-z0-9]+\.[a-z0-9]+")
TOO_OLD = ("db.m3.", "db.m4.", "db.r3.", "db.r4.", "db.t2.")
"""Families that run no PostgreSQL from 13 on."""
MONITORING_INTERVALS = (0, 1, 5, 10, 15, 30, 60)
INSIGHTS_DAYS = (0, 7, *(31 * months for months in range(1, 24)), 731)
"""Days that RDS keeps Performance Insights: seven are free."""
LOGS = ("postgresql", "upgrade")
MONITORING_POLICY = "arn:aws:iam::aws:policy/service-role/AmazonRDSEnhancedMonitoringRole"
FORCED = {"log_min_duration_statement": "1000", "rds.force_ssl": "1"}
"""Parameters of every group: slow statements are logged, plain connections refused."""


@dataclass(frozen=True, kw_only=True)
class PostgresInstanceArgs(Args):
    """What is asked of every instance.

    Attributes:
        identifier: First part of the names in RDS.
        subnet_ids: Subnets of at least two zones, without a route to the internet.
        security_group_ids: Groups of the instances and the proxy.
        instance_class: Size, such as `db.r5.xlarge`.
        engine_version: Major (`15`) or minor (`15.12`); minor upgrades are automatic.
        max_allocated_storage: GiB up to which RDS adds storage by itself; not at all without it.
        parameters: Database parameters that take effect at once.
        static_parameters: Database parameters that take effect with the next restart.
        backup_retention: Days to keep automated backups, 0 to 35.
        backup_window: Daily window, UTC.
        maintenance_window: Weekly window, UTC.
        insights_days: Days to keep Performance Insights: 7 (free), months of 31, or 731; 0 turns
            it off.
        monitoring_interval: Seconds between two figures of the operating system; 0 turns them
            off.
        key_arn: KMS key of storage, backups and insights; RDS's own without it.
        deletion_protection: Whether to refuse deletion, and to take a final snapshot after all.
    """

    identifier: str
    subnet_ids: Sequence[pulumi.Input[str]]
    security_group_ids: Sequence[pulumi.Input[str]]
    instance_class: str
    engine_version: str = "15"
    max_allocated_storage: int | None = None
    parameters: Mapping[str, str] = field(default_factory=dict)
    static_parameters: Mapping[str, str] = field(default_factory=dict)
    backup_retention: int = 7
    backup_window: str = "03:00-04:00"
    maintenance_window: str = "Mon:04:00-Mon:05:00"
    insights_days: int = 7
    monitoring_interval: int = 60
    key_arn: pulumi.Input[str] | None = None
    deletion_protection: bool = True

    def mistakes(self) -> Iterator[str]:
        """Yield one sentence for each argument that cannot be."""
        longest = LIMITS["proxy"] - len("-primary")
        if len(self.identifier) > longest or not IDENTIFIER.fullmatch(self.identifier):
            yield (
                f"identifier is {self.identifier!r}: at most {longest} characters, small letters, "
                "digits and single hyphens, a letter first"
            )
        if not VERSION.fullmatch(self.engine_version):
            yield f"engine_version is {self.engine_version!r}: must read like 15 or 15.12"
        if not INSTANCE_CLASS.fullmatch(self.instance_class) or self.instance_class.startswith(
            TOO_OLD
        ):
            yield (
                f"instance_class is {self.instance_class!r}: must be one that runs PostgreSQL, "
                "such as db.r5.large"
            )
        if len(self.subnet_ids) < 2:
            yield f"subnet_ids has {len(self.subnet_ids)}: subnets of two zones are needed"
        if not 0 <= self.backup_retention <= 35:
            yield f"backup_retention is {self.backup_retention}: must be 0 to 35"
        if self.insights_days not in INSIGHTS_DAYS:
            yield f"insights_days is {self.insights_days}: must be 0, 7, months of 31 days, or 731"
        if self.monitoring_interval not in MONITORING_INTERVALS:
            allowed = ", ".join(map(str, MONITORING_INTERVALS))
            yield f"monitoring_interval is {self.monitoring_interval}: must be one of {allowed}"
        twice = {*self.parameters, *FORCED} & {*self.static_parameters} | (
            self.parameters.keys() & FORCED.keys()
        )
        for name in sorted(twice):
            yield f"parameters have {name!r} twice, or it is always set"
        yield from window_mistakes(self.backup_window, self.maintenance_window)


def parameter_group(component: Component, args: PostgresInstanceArgs) -> aws.rds.ParameterGroup:
    """Make the parameter group of a component's instances."""
    major = args.engine_version.partition(".")[0]
    at_once = sorted({**FORCED, **args.parameters}.items())
    later = sorted(args.static_parameters.items())
    return component.child(
        "parameters",
        aws.rds.ParameterGroup,
        family=f"postgres{major}",
        description=f"PostgreSQL {major} of {args.identifier}",
        parameters=[
            *({"name": name, "value": value} for name, value in at_once),
            *(
                {"name": name, "value": value, "apply_method": "pending-reboot"}
                for name, value in later
            ),
        ],
    )


def subnet_group(component: Component, args: PostgresInstanceArgs) -> aws.rds.SubnetGroup:
    """Make the subnet group of a component's instances."""
    return component.child(
        "subnets",
        aws.rds.SubnetGroup,
        description=f"Subnets of {args.identifier}",
        subnet_ids=list(args.subnet_ids),
    )


def watching(component: Component, args: PostgresInstanceArgs) -> dict[str, Any]:
    """Make the role for enhanced monitoring, and return the inputs about watching an instance."""
    inputs: dict[str, Any] = {"performance_insights_enabled": args.insights_days > 0}
    if args.insights_days:
        inputs["performance_insights_retention_period"] = args.insights_days
        inputs["performance_insights_kms_key_id"] = args.key_arn
    if not args.monitoring_interval:
        return inputs
    role = ServiceRole(
        f"{component.name}-monitoring",
        ServiceRoleArgs(service="monitoring.rds.amazonaws.com", tags=args.tags),
        component.options(),
    )
    attachment = component.child(
        "monitoring-policy",
        aws.iam.RolePolicyAttachment,
        role=role.role_name,
        policy_arn=MONITORING_POLICY,
    )
    # RDS tries the role when an instance names it: it must be allowed to write by then.
    ready = pulumi.Output.all(role.arn, attachment.id).apply(lambda found: found[0])
    return {
        **inputs,
        "monitoring_role_arn": ready,
        "monitoring_interval": args.monitoring_interval,
    }


def common(args: PostgresInstanceArgs, group: aws.rds.ParameterGroup) -> dict[str, Any]:
    """Return the inputs that every instance has alike."""
    return {
        "storage_type": "gp3",
        "storage_encrypted": True,
        "max_allocated_storage": args.max_allocated_storage,
        "auto_minor_version_upgrade": True,
        "publicly_accessible": False,
        "vpc_security_group_ids": list(args.security_group_ids),
        "parameter_group_name": group.name,
        "maintenance_window": args.maintenance_window.lower(),
        "copy_tags_to_snapshot": True,
        "enabled_cloudwatch_logs_exports": list(LOGS),
        "iam_database_authentication_enabled": True,
        "deletion_protection": args.deletion_protection,
        "apply_immediately": True,
    }
