"""Target groups as the agent uses them: register, deregister, drain, ask for health."""

import asyncio
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from platformctl.region.services.base import Call, ServiceError
from platformctl.region.services.elbv2.service import LoadBalancing
from platformctl.region.services.elbv2.targets import TargetState

if TYPE_CHECKING:
    from platformctl.region.runtime import Runtime

POLL_SECONDS = 0.2


class TargetGroups:
    """The target groups of the region's load balancers."""

    def __init__(self, runtime: "Runtime") -> None:
        self._runtime = runtime

    @property
    def _balancing(self) -> LoadBalancing:
        return self._runtime.service(LoadBalancing)

    def _call(self, region: str, operation: str, parameters: dict[str, Any]) -> Call:
        return Call(region, self._runtime.account, operation, parameters)

    def describe(self, region: str, arn: str) -> dict[str, Any] | None:
        """Return a target group, None if there is none of that ARN."""
        wanted = {"TargetGroupArns": [arn]}
        try:
            answer = self._balancing.describe_target_groups(
                self._call(region, "DescribeTargetGroups", wanted)
            )
        except ServiceError:
            return None
        return next(iter(answer["TargetGroups"]), None)

    async def register(self, region: str, arn: str, host: str, port: int) -> None:
        """Send requests to a target.

        Raises:
            ServiceError: There is no such target group.
        """
        targets = {"TargetGroupArn": arn, "Targets": [{"Id": host, "Port": port}]}
        await self._balancing.register_targets(self._call(region, "RegisterTargets", targets))

    async def deregister(self, region: str, arn: str, host: str, port: int) -> None:
        """Send no more requests to a target; a group that is gone sends none."""
        targets = {"TargetGroupArn": arn, "Targets": [{"Id": host, "Port": port}]}
        try:
            await self._balancing.deregister_targets(
                self._call(region, "DeregisterTargets", targets)
            )
        except ServiceError:
            return

    async def drained(self, arn: str, host: str, port: int, ended: Callable[[], bool]) -> None:
        """Wait until a deregistered target is gone, or there is nothing left behind it."""
        while not ended() and self.health(arn, host, port) is not None:  # noqa: ASYNC110  # nobody announces it
            await asyncio.sleep(POLL_SECONDS)

    def health(self, arn: str, host: str, port: int) -> TargetState | None:
        """Return what a load balancer says of a target, None if it does not know it."""
        try:
            states = self._balancing.target_health(arn)
        except ServiceError:
            return None
        return next((one for one in states if (one.id, one.port) == (host, port)), None)
