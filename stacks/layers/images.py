"""Images where they are needed when this region is lost."""

import pulumi_aws as aws

from platformctl.components import RegistryReplication, RegistryReplicationArgs
from platformctl.naming.tags import component_tags
from platformctl.stacks.layers.shared import SHARED, Shared, tags


def replicated_images(shared: Shared) -> RegistryReplication | None:
    """Copy every image of the platform to the recovery region; None without one."""
    if shared.recovery is None:
        return None
    return RegistryReplication(
        "images",
        RegistryReplicationArgs(
            account=aws.get_caller_identity_output().account_id,
            regions=[shared.recovery.region],
            prefixes=[f"{product}-" for product in shared.config.products],
            tags=component_tags(tags(shared.config, SHARED), "images"),
        ),
    )
