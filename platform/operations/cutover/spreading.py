"""How the work of a service is spread over its sides, whatever kind of service it is."""

from collections.abc import Callable, Mapping
from importlib import import_module
from typing import Protocol

from platformctl.aws.clients import Clients
from platformctl.operations.cutover.balanced import TargetHealth, Weights
from platformctl.operations.services.model import Service, Side


class Spreading(Protocol):
    """Who gets how much of the work, and who could take any."""

    def shares(self) -> dict[str, float]:
        """Return the percentage that each side gets, as AWS says it at this moment."""
        ...

    def shift(self, shares: Mapping[str, int]) -> None:
        """Spread the work: side → percent."""
        ...

    def health(self, side: Side) -> dict[str, TargetHealth]:
        """Return what is known about each of those who would work on a side."""
        ...

    def healthy(self, side: Side) -> int:
        """Return how many on a side could work."""
        ...

    def point_tests(self, side: str) -> None:
        """Send requests for tests to a side, where there is a way to."""
        ...


_OTHERS: Mapping[str, str] = {
    "consumer": "platformctl.operations.cutover.intake:Intake",
    "function": "platformctl.operations.cutover.function_alias:AliasWeights",
    "kubernetes": "platformctl.operations.cutover.kubernetes_selector:Selector",
}
"""Kind of service → what spreads its work, imported when it is needed."""


def spreading_of(service: Service, clients: Clients) -> Spreading:
    """Return what spreads the work of a service.

    Args:
        service: The service.
        clients: Makes boto3 clients.
    """
    if service.kind not in _OTHERS:
        return Weights(service, clients)
    module, _, name = _OTHERS[service.kind].partition(":")
    make: Callable[[Service, Clients], Spreading] = getattr(import_module(module), name)
    return make(service, clients)
