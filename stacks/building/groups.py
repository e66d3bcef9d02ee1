"""Who may talk to whom: what every product's chain of security groups has in common."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import pulumi

from platformctl.components import Allow, SecurityGroups, SecurityGroupsArgs
from platformctl.components.security.groups import INTERNET
from platformctl.stacks.products.context import Context

BALANCER, ENDPOINTS, S3, DYNAMODB = "balancer", "endpoints", "s3", "dynamodb"
HTTP, HTTPS = 80, 443
TEST_PORT = 8443


def chain(
    context: Context[Any],
    groups: Mapping[str, str],
    rules: Iterable[Allow],
    existing: Mapping[str, pulumi.Input[str]] | None = None,
) -> SecurityGroups:
    """Make the security groups of a product.

    Args:
        context: The product.
        groups: Name → what is in the group.
        rules: Every connection that may be made.
        existing: Groups made elsewhere that rules name: name → id.
    """
    network = context.shared.network
    endpoint_group = network.endpoint_security_group_id
    return SecurityGroups(
        context.name("groups") if context.shared.prefix else context.product,
        SecurityGroupsArgs(
            vpc_id=network.vpc_id,
            groups=groups,
            rules=list(rules),
            existing={
                **(existing or {}),
                **({ENDPOINTS: endpoint_group} if endpoint_group is not None else {}),
            },
            networks=_testers(context),
            prefix_lists={
                S3: network.s3_prefix_list_id,
                DYNAMODB: network.dynamodb_prefix_list_id,
            },
            tags=context.tags("security-groups"),
        ),
        context.options,
    )


def _testers(context: Context[Any]) -> dict[str, str]:
    """Return the networks from which a new version is tried, by a name of their own."""
    config = context.shared.config
    if config.deployment == "rolling":
        return {}
    return {f"testers-{cidr.replace('/', '-')}": cidr for cidr in config.edge.test_cidrs}


def from_internet(context: Context[Any]) -> Iterator[Allow]:
    """Let the internet reach the load balancer only; port 80 does nothing but redirect.

    The listener for trying new versions is reached from where the stack file says, and from
    nowhere else.
    """
    port = context.shared.config.edge.http_port
    yield from (Allow(INTERNET, BALANCER, each) for each in ([port] if port else [HTTPS, HTTP]))
    yield from (Allow(name, BALANCER, TEST_PORT) for name in _testers(context))


def to_aws(context: Context[Any], services: Iterable[str]) -> Iterator[Allow]:
    """Let tasks pull images, read secrets and write logs: inside the VPC where that is possible."""
    vpc = context.shared.config.vpc
    for service in services:
        yield Allow(service, S3, HTTPS)
        if not vpc.interface_endpoints and vpc.nat_gateways != "none":
            yield Allow(service, INTERNET, HTTPS)
        yield from to_endpoints(context, service)


def to_endpoints(context: Context[Any], group: str) -> Iterator[Allow]:
    """Let a group reach AWS inside the VPC: names of these services lead there, nowhere else."""
    if context.shared.config.vpc.interface_endpoints:
        yield Allow(group, ENDPOINTS, HTTPS)
