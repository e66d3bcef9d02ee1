"""The zone of the environment's domain."""

import pulumi

from platformctl.components import HostedZone, HostedZoneArgs
from platformctl.config.environment import EnvironmentConfig
from platformctl.naming.tags import component_tags
from platformctl.stacks.layers.shared import SHARED, tags


def hosted_zone(config: EnvironmentConfig) -> pulumi.Input[str] | None:
    """Return the zone of the domain, made where none is named; None without a domain."""
    edge = config.edge
    if edge.domain is None or edge.hosted_zone_id is not None:
        return edge.hosted_zone_id
    made = HostedZone(
        "zone",
        HostedZoneArgs(
            domain=edge.domain,
            log_retention_days=config.logs.retention_days,
            deletion_protection=config.deletion_protection,
            tags=component_tags(tags(config, SHARED), "domain", "public"),
        ),
    )
    return made.hosted_zone_id
