"""Target groups as the agent uses them: register, deregister, drain, ask for health."""

import asyncio
import inspect
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from platformctl.region.services.base import Call, ServiceError

if TYPE_CHECKING:
    from platformctl.region.runtime import Runtime
    from platformctl.region.services.elbv2.service import LoadBalancing

POLL_SECONDS = 0.2


@dataclass(frozen=True)
class TargetHealth:
    """What a load balancer says of a target: state (`healthy`, `initial`, …) and reason."""

    state: str
    reason: str


class TargetGroups:
    """The target groups of the region's load balancers."""

    def __init__(self, runtime: "Runtime") -> None:
        self._runtime = runtime

    def _balancing(self) -> "LoadBalancing":
        from platformctl.region.services.elbv2.service import LoadBalancing  # noqa: PLC0415

        return self._runtime.service(LoadBalancing)

    async def _call(self, region: str, operation: str, parameters: dict[str, Any]) -> Any:
        service = self._balancing()
        snake = {
            "RegisterTargets": service.register_targets,
            "DeregisterTargets": service.deregister_targets,
            "DescribeTargetGroups": service.describe_target_groups,
            "DescribeTargetGroupAttributes": service.describe_target_group_attributes,
        }[operation]
        answer = snake(Call(region, self._runtime.account, operation, parameters))
        return await answer if inspect.isawaitable(answer) else answer

    async def describe(self, region: str, arn: str) -> dict[str, Any] | None:
        """Return a target group, None if there is none of that ARN."""
        try:
            answer = await self._call(region, "DescribeTargetGroups", {"TargetGroupArns": [arn]})
        except ServiceError:
            return None
        return next(iter(answer["TargetGroups"]), None)

    async def register(self, region: str, arn: str, host: str, port: int) -> None:
        """Send requests to a target."""
        targets = {"TargetGroupArn": arn, "Targets": [{"Id": host, "Port": port}]}
        await self._call(region, "RegisterTargets", targets)

    async def deregister(self, region: str, arn: str, host: str, port: int) -> None:
        """Send no more requests to a target; a group that is gone sends none."""
        targets = {"TargetGroupArn": arn, "Targets": [{"Id": host, "Port": port}]}
        try:
            await self._call(region, "DeregisterTargets", targets)
        except ServiceError:
            return

    async def drained(self, arn: str, host: str, port: int, ended: Callable[[], bool]) -> None:
        """Wait until a deregistered target is gone, or there is nothing left behind it."""
        while not ended() and self.health(arn, host, port) is not None:  # noqa: ASYNC110  # nobody announces it
            await asyncio.sleep(POLL_SECONDS)

    def health(self, arn: str, host: str, port: int) -> TargetHealth | None:
        """Return what a load balancer says of a target, None if it does not know it."""
        states: Sequence[Any] = self._balancing().target_health(arn)
        for one in states:
            if (one.id, one.port) == (host, port):
                return TargetHealth(one.state, one.reason or "")
        return None
