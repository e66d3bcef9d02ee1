"""The region that takes over: its provider, and where in it everything goes."""

import pulumi
import pulumi_aws as aws

from platformctl.config.environment import EnvironmentConfig
from platformctl.naming.cidr import zone_letter
from platformctl.stacks.layers.shared import Place


def primary_place(config: EnvironmentConfig) -> Place:
    """Return where the environment serves."""
    return Place(
        config=config,
        side="primary",
        region=config.region,
        zones=config.vpc.availability_zones,
        cidr=config.vpc.cidr,
    )


def recovery_place(config: EnvironmentConfig) -> Place | None:
    """Return where it is taken over, with a provider of that region; None if nowhere."""
    region = config.recovery_region
    if region is None:
        return None
    provider = aws.Provider("recovery", region=region)
    return Place(
        config=config,
        side="recovery",
        region=region,
        zones=[f"{region}{zone_letter(zone)}" for zone in config.vpc.availability_zones],
        cidr=config.vpc.recovery_cidr,
        options=pulumi.ResourceOptions(providers=[provider]),
    )
