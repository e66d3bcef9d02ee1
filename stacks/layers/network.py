"""The VPC of a side of the environment."""

from platformctl.components import Keys, Network, NetworkArgs
from platformctl.naming.tags import component_tags
from platformctl.stacks.layers.security import LOGS
from platformctl.stacks.layers.shared import SHARED, Place, tags


def network_layer(place: Place, keys: Keys) -> Network:
    """Make the network that all products run in."""
    config, vpc = place.config, place.config.vpc
    # The side that waits sends little through its gateways.
    standby = place.side == "recovery" and vpc.nat_gateways == "perZone"
    return Network(
        place.name("network"),
        NetworkArgs(
            region=place.region,
            zones=place.zones,
            cidr=place.cidr,
            nat="single" if standby else vpc.nat_gateways,
            interface_endpoints=vpc.interface_endpoints,
            flow_logs=vpc.flow_logs,
            flow_log_retention_days=config.logs.retention_days,
            log_key_arn=keys.arns[LOGS],
            tags=component_tags(tags(config, SHARED), "network"),
        ),
        place.options,
    )
