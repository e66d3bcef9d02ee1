"""Target groups as they live in the data plane: targets, connections, and whose turn it is."""

import asyncio
import random
import time
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from platformctl.region.balancer import configuration, cookies
from platformctl.region.balancer.metrics import GroupCounters

if TYPE_CHECKING:
    from platformctl.region.balancer.upstream import UpstreamConnection

IDLE_SECONDS = 4.0
"""An idle connection older than this is not used again: common servers close theirs after 5 s,
and a request sent into a closing connection would be lost."""


@dataclass(frozen=True)
class Health:
    """A target's health as `DescribeTargetHealth` words it.

    Attributes:
        state: `initial`, `healthy`, `unhealthy`, `draining` or `unavailable`.
        reason: Reason code such as `Target.FailedHealthChecks`; "" when healthy.
        description: One sentence; "" when healthy.
    """

    state: str
    reason: str = ""
    description: str = ""


INITIAL = Health("initial", "Elb.RegistrationInProgress", "Target registration is in progress")
HEALTHY = Health("healthy")
DRAINING = Health(
    "draining", "Target.DeregistrationInProgress", "Target deregistration is in progress"
)
UNCHECKED = Health(
    "unavailable",
    "Target.HealthCheckDisabled",
    "Health checks are not enabled for this target",
)


class Target:
    """One registered target and the connections to it."""

    __slots__ = (
        "address", "busy", "credit", "digest", "group", "health", "healthy_since", "idle",
        "inflight", "probe", "spec",
    )  # fmt: skip

    def __init__(self, spec: configuration.Target, group: "Group") -> None:
        self.spec = spec
        self.group = group
        self.address = f"{spec.host}:{spec.port}"
        self.digest = cookies.digest(f"{spec.id}:{spec.port}")
        self.health = INITIAL
        self.healthy_since = 0.0
        self.inflight = 0
        self.credit = 0.0
        self.idle: list[UpstreamConnection] = []
        self.busy: set[UpstreamConnection] = set()
        self.probe: asyncio.Task[None] | None = None

    def take(self, now: float) -> "UpstreamConnection | None":
        """Return the most recently used idle connection, if one is fit to be used."""
        while self.idle:
            connection = self.idle.pop()
            if connection.idle_since + IDLE_SECONDS > now and not connection.is_closing():
                return connection
            connection.close()
        return None

    def close_idle(self, before: float = float("inf")) -> None:
        """Close the connections that have been idle since before a moment."""
        kept = []
        for connection in self.idle:
            if connection.idle_since < before:
                connection.close()
            else:
                kept.append(connection)
        self.idle = kept

    def cut(self) -> None:
        """Close every connection, used or not."""
        self.close_idle()
        for connection in list(self.busy):
            connection.abort()


class Group:
    """One target group."""

    def __init__(self, spec: configuration.TargetGroup) -> None:
        self.spec = spec
        self.targets: dict[tuple[str, int], Target] = {}
        self.usable: list[Target] = []
        self.by_digest: dict[bytes, Target] = {}
        self.digest = cookies.digest(spec.arn)
        self.counters = GroupCounters()
        self.position = 0
        self.ramping = False

    def apply(self, spec: configuration.TargetGroup) -> tuple[list[Target], list[Target]]:
        """Make the targets those of a new configuration; return the new and the gone ones."""
        self.spec = spec
        wanted = {(target.id, target.port): target for target in spec.targets}
        gone = [self.targets.pop(key) for key in list(self.targets) if key not in wanted]
        new: list[Target] = []
        for key, target_spec in wanted.items():
            target = self.targets.get(key)
            if target is None or target.spec.host != target_spec.host:
                target = self.targets[key] = Target(target_spec, self)
                new.append(target)
            returns = target.spec.draining and not target_spec.draining
            target.spec = target_spec
            if target_spec.draining:
                target.health = DRAINING
                target.close_idle()
            elif returns:
                target.health = INITIAL
                new.append(target)
            if not spec.health.enabled and not target_spec.draining:
                target.health = UNCHECKED
        self.refresh()
        return new, gone

    def refresh(self) -> None:
        """Work out again which targets may be used."""
        serving = [target for target in self.targets.values() if not target.spec.draining]
        healthy = [target for target in serving if target.health in (HEALTHY, UNCHECKED)]
        # With too few healthy targets AWS "fails open": better a doubtful target than none.
        self.usable = healthy if len(healthy) >= max(self.spec.minimum_healthy, 1) else serving
        self.by_digest = {target.digest: target for target in self.usable}
        self.ramping = self.spec.slow_start > 0

    def pick(self, sticky: bytes | None = None, tried: Collection[Target] = ()) -> Target | None:
        """Return the target for a request; None when there is none that was not tried."""
        usable = self.usable
        if sticky is not None and (target := self.by_digest.get(sticky)) and target not in tried:
            return target
        if tried:
            usable = [target for target in usable if target not in tried]
        if not usable:
            return None
        match self.spec.algorithm:
            case "least_outstanding_requests":
                start = self._advance(len(usable))
                order = usable[start:] + usable[:start]
                return min(order, key=lambda target: target.inflight / self._share(target))
            case "weighted_random":
                return random.choice(usable)
        if not self.ramping:
            return usable[self._advance(len(usable))]
        return self._pick_ramping(usable)

    def _advance(self, count: int) -> int:
        position = self.position % count
        self.position = position + 1
        return position

    def _share(self, target: Target) -> float:
        """Return how much of a full share a target takes, from its time in slow start."""
        if not self.ramping or target.healthy_since == 0.0:
            return 1.0
        elapsed = time.monotonic() - target.healthy_since
        return min(max(elapsed / self.spec.slow_start, 0.05), 1.0)

    def _pick_ramping(self, usable: list[Target]) -> Target:
        shares = [(self._share(target), target) for target in usable]
        if all(share >= 1.0 for share, _ in shares):
            self.ramping = False
        for share, target in shares:
            target.credit += share
        chosen = max(usable, key=lambda target: target.credit)
        chosen.credit -= sum(share for share, _ in shares)
        return chosen

    def set_health(self, target: Target, health: Health) -> bool:
        """Record what a probe found; return whether that changed anything."""
        if target.spec.draining or target.health == health:
            return False
        if health == HEALTHY:
            first = all(other.health != HEALTHY for other in self.targets.values())
            # Slow start protects a target beside warm ones; the first of a group takes all.
            target.healthy_since = 0.0 if first else time.monotonic()
            target.credit = 0.0
        target.health = health
        if health.state == "unhealthy":
            target.close_idle()
        self.refresh()
        return True

    def counts(self) -> Mapping[str, list[float]]:
        """Return how many targets are healthy and how many are not, as metrics."""
        serving = [target for target in self.targets.values() if not target.spec.draining]
        healthy = sum(target.health in (HEALTHY, UNCHECKED) for target in serving)
        unhealthy = sum(target.health.state == "unhealthy" for target in serving)
        return {"HealthyHostCount": [healthy], "UnHealthyHostCount": [unhealthy]}
