"""The alias of a function: which version is invoked, or which two in which proportion."""

from collections.abc import Mapping
from typing import Any

from platformctl.aws.clients import Clients
from platformctl.errors import ResourceError
from platformctl.operations.cutover.balanced import ALL, HEALTHY, TargetHealth, told
from platformctl.operations.cutover.function_versions import find_version
from platformctl.operations.kernel.failures import InconclusiveError
from platformctl.operations.services.model import Service, Side

_ACTIVE = "Active"


class AliasWeights:
    """How the invocations of a function are spread over two versions, which are its sides.

    Args:
        service: The function, with the versions as its sides.
        clients: Makes boto3 clients.
    """

    def __init__(self, service: Service, clients: Clients) -> None:
        self._service = service
        self._clients = clients
        self._lambda = clients("lambda", service.region)
        self._seen: Mapping[str, Any] = {}

    def shares(self) -> dict[str, float]:
        """Return the percentage of the invocations that each version gets.

        Raises:
            ResourceError: A version gets some that is neither of the two.
        """
        self._seen = self._lambda.get_alias(
            FunctionName=self._service.function_name, Name=self._service.alias
        )
        found = _shares(self._seen)
        if others := found.keys() - self._service.sides.keys():
            raise ResourceError(
                f"{self._service.alias} of {self._service.name} leads elsewhere",
                why=f"invocations go to {told(found)}; version {', '.join(sorted(others))} is not "
                "part of this cutover",
                remedy="point the alias at the version that it had before",
            )
        return {version: found.get(version, 0.0) for version in self._service.sides}

    def shift(self, shares: Mapping[str, int]) -> None:
        """Spread invocations: version → percent. Somebody else's change is never overwritten.

        Raises:
            InconclusiveError: Somebody else changed the alias since it was looked at.
        """
        if not self._seen:
            self.shares()
        whole = [version for version, share in shares.items() if share == ALL]
        first = whole[0] if whole else self._seen["FunctionVersion"]
        weights = {
            version: share / ALL for version, share in shares.items() if share and version != first
        }
        client = self._lambda
        try:
            self._seen = client.update_alias(
                FunctionName=self._service.function_name,
                Name=self._service.alias,
                FunctionVersion=first,
                RoutingConfig={"AdditionalVersionWeights": weights},
                RevisionId=self._seen["RevisionId"],
            )
        except client.exceptions.PreconditionFailedException as error:
            now = self.shares()
            if now != dict(shares):  # else the answer to the first attempt was lost
                raise InconclusiveError(
                    f"somebody else changed the alias {self._service.alias} of "
                    f"{self._service.name}",
                    why=f"invocations go to {told(now)} now",
                    remedy="decide which version is to serve, then resume the operation or abort "
                    "it",
                ) from error

    def health(self, side: Side) -> dict[str, TargetHealth]:
        """Return whether a version can be invoked."""
        version = find_version(self._clients, self._service, side.key)
        state = HEALTHY if version.state == _ACTIVE else version.state.lower()
        return {side.key: TargetHealth(state=state, why=version.reason)}

    def healthy(self, side: Side) -> int:
        """Return 1 if a version can be invoked, else 0."""
        return sum(each.state == HEALTHY for each in self.health(side).values())

    def point_tests(self, side: str) -> None:
        """Do nothing: each version can be invoked by its number."""

    def sticky_seconds(self) -> int:
        """Return 0: each invocation is spread by itself."""
        return 0


def _shares(alias: Mapping[str, Any]) -> dict[str, float]:
    weights = (alias.get("RoutingConfig") or {}).get("AdditionalVersionWeights") or {}
    further = {version: round(ALL * share, 6) for version, share in weights.items() if share}
    return {alias["FunctionVersion"]: ALL - sum(further.values()), **further}
