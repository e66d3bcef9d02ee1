"""The VPC of the environment."""

from platformctl.components import Keys, Network, NetworkArgs
from platformctl.config.environment import EnvironmentConfig
from platformctl.naming.tags import component_tags
from platformctl.stacks.layers.security import LOGS
from platformctl.stacks.layers.shared import SHARED, tags


def network_layer(config: EnvironmentConfig, keys: Keys) -> Network:
    """Make the network that all products run in."""
    vpc = config.vpc
    return Network(
        "network",
        NetworkArgs(
            region=config.region,
            zones=vpc.availability_zones,
            cidr=vpc.cidr,
            nat=vpc.nat_gateways,
            interface_endpoints=vpc.interface_endpoints,
            flow_logs=vpc.flow_logs,
            flow_log_retention_days=config.logs.retention_days,
            log_key_arn=keys.arns[LOGS],
            tags=component_tags(tags(config, SHARED), "network"),
        ),
    )
