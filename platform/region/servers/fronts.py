"""The fronts of a service: in each region one program that lets clients in to what runs there."""

import asyncio
from collections.abc import Callable
from typing import Any

from platformctl.region.runtime import Runtime
from platformctl.region.servers.owner import ProgramOwner

_PROGRAM = "platformctl.region.servers.front"


class Fronts:
    """Starts the front of a region when something is first to be reached there.

    Args:
        runtime: The region.
        service: The service's name, such as `rds`.
        listeners: Returns what is to be listened on in a region now.
    """

    def __init__(
        self, runtime: Runtime, service: str, listeners: Callable[[str], list[dict[str, Any]]]
    ) -> None:
        self._runtime = runtime
        self._service = service
        self._listeners = listeners
        self._owners: dict[str, ProgramOwner] = {}

    def publish(self, region: str) -> None:
        """Have the front of a region follow what runs now."""
        if region in self._owners:
            self._owners[region].send()

    async def published(self, region: str) -> None:
        """Publish, and wait until the front has followed.

        Raises:
            RegionError: An address cannot be listened on.
        """
        if region not in self._owners:
            front = ProgramOwner(
                self._runtime,
                f"{self._service}/{region}/front",
                _PROGRAM,
                lambda: {"listeners": self._listeners(region)},
            )
            self._owners[region] = front
            front.start()
        await self._owners[region].apply()

    async def stop_region(self, region: str) -> None:
        """Stop the front of one region."""
        front = self._owners.pop(region, None)
        if front is not None:
            await front.stop()

    async def stop(self) -> None:
        """Stop every front."""
        await asyncio.gather(*(front.stop() for front in self._owners.values()))
