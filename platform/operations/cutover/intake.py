"""The intake of a consumer: a parameter of Systems Manager that says which side takes messages in.

Tasks of the other side stand by: they are well while they could take over, and consume nothing.
"""

from collections.abc import Mapping

from platformctl.aws.clients import Clients
from platformctl.errors import InvocationError, ResourceError
from platformctl.operations.cutover.balanced import ALL, HEALTHY, TargetHealth
from platformctl.operations.cutover.fargate import FargateSide, address_of
from platformctl.operations.services.model import Service, Side
from platformctl.operations.services.traffic import NOBODY, active

RUNNING = "RUNNING"
_WELL = "HEALTHY"


class Intake:
    """Which side of a consumer takes messages in: all of them, or none.

    Args:
        service: The consumer.
        clients: Makes boto3 clients.
    """

    def __init__(self, service: Service, clients: Clients) -> None:
        self._service = service
        self._clients = clients

    @property
    def parameter(self) -> str:
        """Name of the parameter.

        Raises:
            ResourceError: There is none.
        """
        if self._service.intake_parameter is None:
            raise ResourceError(
                f"{self._service.name} takes messages in as soon as it runs",
                why="it has no parameter that says which side may",
                remedy="deploy the stack by this platformctl: platformctl up ENV",
            )
        return self._service.intake_parameter

    def shares(self) -> dict[str, float]:
        """Return 100 for the side that takes messages in, 0 for the other."""
        return dict(active(self._service, self._clients).shares)

    def shift(self, shares: Mapping[str, int]) -> None:
        """Have a side take all messages in, or nobody any.

        Raises:
            InvocationError: Both would.
        """
        taking = [side for side, share in shares.items() if share]
        if any(share not in (0, ALL) for share in shares.values()) or len(taking) > 1:
            raise InvocationError(
                f"the messages of {self._service.name} cannot be shared out",
                why="the partitions of a topic go to one side as a whole",
                remedy="use the preset allAtOnce",
            )
        self._clients("ssm", self._service.region).put_parameter(
            Name=self.parameter, Value=taking[0] if taking else NOBODY, Overwrite=True
        )

    def health(self, side: Side) -> dict[str, TargetHealth]:
        """Return what the health checks of a side's containers say, by the tasks' addresses."""
        tasks = FargateSide(self._service, side, self._clients).tasks()
        return {
            address_of(task): TargetHealth(
                state=HEALTHY if task.get("healthStatus") == _WELL else _state(task),
                why=f"its health check says {task.get('healthStatus', 'nothing').lower()}",
            )
            for task in tasks
            if task["lastStatus"] == RUNNING
        }

    def healthy(self, side: Side) -> int:
        """Return how many tasks of a side are well."""
        return sum(each.state == HEALTHY for each in self.health(side).values())

    def point_tests(self, side: str) -> None:
        """Do nothing: nobody sends requests to a consumer."""


def _state(task: Mapping[str, str]) -> str:
    return str(task.get("healthStatus", "UNKNOWN")).lower()
