"""The connection pool of a PostgreSQL database (RDS Proxy)."""

# pulumi_aws loads its modules when they are first named; annotations must not name them.
from __future__ import annotations

from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from platformctl.components.base import Component
from platformctl.components.data.postgres_instance import PostgresInstanceArgs
from platformctl.components.security.access import read_secret
from platformctl.components.security.roles import ServiceRole, ServiceRoleArgs


@dataclass(frozen=True, kw_only=True)
class Proxy:
    """A connection pool (RDS Proxy); TLS is always required.

    Attributes:
        idle_client_timeout: Seconds before an idle client is cut off.
        max_connections_percent: Share of the database's connections that it may use.
    """

    idle_client_timeout: int = 1800
    max_connections_percent: int = 100


def add_proxy(
    component: Component,
    args: PostgresInstanceArgs,
    proxy: Proxy,
    primary: aws.rds.Instance,
    secret_arn: pulumi.Input[str],
    secret_key_arn: pulumi.Input[str] | None,
) -> aws.rds.Proxy:
    """Make the pool in front of an instance, with the role that reads the instance's secret."""
    role = ServiceRole(
        f"{component.name}-proxy",
        ServiceRoleArgs(
            service="rds.amazonaws.com",
            statements=read_secret(secret_arn, secret_key_arn),
            tags=args.tags,
        ),
        component.options(),
    )
    resource = component.child(
        "proxy",
        aws.rds.Proxy,
        name=f"{args.identifier}-proxy",
        engine_family="POSTGRESQL",
        role_arn=role.arn,
        require_tls=True,
        idle_client_timeout=proxy.idle_client_timeout,
        vpc_subnet_ids=list(args.subnet_ids),
        vpc_security_group_ids=list(args.security_group_ids),
        auths=[{"auth_scheme": "SECRETS", "iam_auth": "DISABLED", "secret_arn": secret_arn}],
    )
    targets = component.child(
        "proxy-targets",
        aws.rds.ProxyDefaultTargetGroup,
        db_proxy_name=resource.name,
        connection_pool_config={"max_connections_percent": proxy.max_connections_percent},
    )
    component.child(
        "proxy-target",
        aws.rds.ProxyTarget,
        db_proxy_name=resource.name,
        target_group_name=targets.name,
        db_instance_identifier=primary.identifier,
    )
    return resource
