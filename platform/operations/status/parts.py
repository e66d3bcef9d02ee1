"""The parts of an environment, and how they are doing."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any

from platformctl.operations.status.serving import ServiceStatus

AWAITING_RELEASE = "awaiting first release"
"""Detail of a service that has no application yet."""


class Health(StrEnum):
    """How a part is doing."""

    HEALTHY = "healthy"
    IDLE = "idle"
    """Well, and meant to do nothing: without a release, or the side that does not serve."""
    CHANGING = "changing"
    UNHEALTHY = "unhealthy"
    FAILED = "failed"
    """Ill, and will not mend by itself: its deployment was given up."""
    UNKNOWN = "unknown"

    @property
    def is_well(self) -> bool:
        """Whether nothing is wrong with it and nothing more is going to happen to it."""
        return self in {Health.HEALTHY, Health.IDLE}


@dataclass(frozen=True)
class Part:
    """One part of an environment.

    Attributes:
        kind: What it is: `service`, `database`, `cache`, `stream`, `load balancer`, …
        name: Its name in AWS.
        health: How it is doing.
        detail: Why, in a few words (`2/2 running`, `available`, an error message).
        address: Where it listens, "" where it does not.
    """

    kind: str
    name: str
    health: Health
    detail: str
    address: str = ""


@dataclass(frozen=True)
class StatusReport:
    """An environment at one moment.

    Attributes:
        environment: Its name.
        parts: Every part that can be asked, in the order of `PROBES`.
        seconds: How long asking took.
        services: Which side of each service with two sides serves.
        trouble: Why it is not known what operations have done; "" if it is.
    """

    environment: str
    parts: Sequence[Part]
    seconds: float
    services: Sequence[ServiceStatus] = ()
    trouble: str = ""

    @property
    def healthy(self) -> bool:
        """Whether nothing is ill and nothing is still changing."""
        return all(part.health.is_well for part in self.parts)

    @property
    def degraded(self) -> bool:
        """Whether a service is not as it was meant to be, well as its parts may be."""
        return any(service.degraded for service in self.services)

    @property
    def abandoned(self) -> Sequence[str]:
        """Ids of the operations on which nobody works any more; each must be gone on with."""
        found = [service.operation for service in self.services]
        return list(dict.fromkeys(each.id for each in found if each and each.abandoned))

    def document(self) -> dict[str, Any]:
        """Return the report for programs."""
        return {
            "version": 1,
            "environment": self.environment,
            "healthy": self.healthy,
            "degraded": self.degraded,
            "services": [asdict(service) for service in self.services],
            "parts": [asdict(part) for part in self.parts],
        }
