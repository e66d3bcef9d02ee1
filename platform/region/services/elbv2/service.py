"""The `elbv2` service: every operation, over one set of records, with real data planes."""

from platformctl.region.services.elbv2.plane import DataPlanes
from platformctl.region.services.elbv2.rules import RuleOperations
from platformctl.region.services.elbv2.tags import TagOperations
from platformctl.region.services.elbv2.targets import TargetState

__all__ = ["LoadBalancing", "TargetState"]


class LoadBalancing(DataPlanes, RuleOperations, TagOperations):
    """Elastic Load Balancing v2 of the local region (application load balancers)."""
