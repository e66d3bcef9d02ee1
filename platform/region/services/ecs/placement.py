"""Where tasks run: the subnet with the fewest of the same service, in a zone that has room."""

import logging
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from botocore.exceptions import BotoCoreError, ClientError

from platformctl.region.services.ecs.failures import NO_CAPACITY, PlacementError

if TYPE_CHECKING:
    from platformctl.region.runtime import Runtime

log = logging.getLogger(__name__)

ZONES = ("a", "b", "c")


class Placement:
    """Chooses places; Fargate has room in every zone from which none was taken."""

    def __init__(self, runtime: "Runtime") -> None:
        self._runtime = runtime
        self._zone_of: dict[str, str] = {}
        self._full: set[str] = set()

    def take_room(self, zone: str) -> None:
        """Have no room for new tasks in a zone, such as `us-east-1a`; those there go on."""
        self._full.add(zone)

    def give_room(self, zone: str) -> None:
        """Have room in a zone again."""
        self._full.discard(zone)

    def choose(self, region: str, subnets: Sequence[str], used: Iterable[str]) -> tuple[str, str]:
        """Choose a subnet and its zone.

        Args:
            region: Name of the region.
            subnets: Where it may run; anywhere if none of them is known.
            used: Zones of the other tasks that it is spread with.

        Raises:
            PlacementError: None of the zones has room.
        """
        places = [(subnet, self._zone_of.get(subnet, "")) for subnet in subnets]
        places = [(subnet, zone) for subnet, zone in places if zone]
        places = places or [("subnet-00000000", f"{region}{letter}") for letter in ZONES]
        places = [(subnet, zone) for subnet, zone in places if zone not in self._full]
        if not places:
            raise PlacementError(NO_CAPACITY)
        tasks = Counter(used)
        return min(places, key=lambda place: tasks[place[1]])

    async def learn_subnets(self, region: str, subnets: Sequence[str]) -> None:
        """Find out in which availability zones subnets are; unknown ones count as anywhere."""
        unknown = [subnet for subnet in subnets if subnet not in self._zone_of]
        if not unknown:
            return
        try:
            answer = await self._runtime.call(
                "ec2", region, "describe_subnets", {"SubnetIds": unknown}
            )
        except (ClientError, BotoCoreError) as error:
            log.debug("subnets %s are not known: %s", unknown, error)
            return
        for subnet in answer["Subnets"]:
            self._zone_of[subnet["SubnetId"]] = subnet["AvailabilityZone"]
