"""Deploying several services, one after the other, and stopping at the first that fails."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from platformctl.errors import PlatformError
from platformctl.operations.releases.model import Release
from platformctl.operations.services.model import Service


@dataclass(frozen=True, kw_only=True)
class GroupOutcome:
    """What became of services that were deployed together.

    Attributes:
        done: Those that run what they were to run.
        failed: The one that was undone; "" if none was.
        left: Those that were not begun.
        error: Why it was undone.
    """

    done: Sequence[str]
    failed: str = ""
    left: Sequence[str] = ()
    error: PlatformError | None = None


def deploy_in_order(
    waiting: Sequence[tuple[Service, Release]], deploy: Callable[[Service, Release], object]
) -> GroupOutcome:
    """Deploy services in the order given.

    What is done already stays: a release works beside the one before of every other service, or
    could not be cut over at all.

    Args:
        waiting: The services and what they are to run.
        deploy: Deploys one; raises if it was undone.
    """
    names = [service.name for service, _ in waiting]
    for place, (service, release) in enumerate(waiting):
        try:
            deploy(service, release)
        except PlatformError as error:
            return GroupOutcome(
                done=names[:place], failed=service.name, left=names[place + 1 :], error=error
            )
    return GroupOutcome(done=names)
