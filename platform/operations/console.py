"""Everything that operations on one environment are run and looked at with."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from platformctl.aws.clients import Clients
from platformctl.naming.names import operations_table
from platformctl.operations.cutover.surroundings import Surroundings
from platformctl.operations.kernel.events import Observer
from platformctl.operations.kernel.identity import whoami
from platformctl.operations.kernel.journal import Journal
from platformctl.operations.kernel.lease import Leases
from platformctl.operations.kernel.operation import Actor
from platformctl.operations.kernel.runner import Runner
from platformctl.operations.kernel.table import OperationsTable
from platformctl.operations.kernel.tools import Tools
from platformctl.operations.kinds import steps_within
from platformctl.operations.load.places import Connect

TABLE = "aws:dynamodb/table:Table"


def is_operated(checkpoint: Mapping[str, Any], project: str, environment: str) -> bool:
    """Tell whether what was deployed has an operations table: else there are no operations."""
    name = operations_table(project, environment)
    resources = checkpoint["deployment"].get("resources") or ()
    return any(
        each["type"] == TABLE and (each.get("outputs") or {}).get("name") == name
        for each in resources
    )


@dataclass(frozen=True, kw_only=True)
class OperationsConsole:
    """The place from which an environment is operated.

    Attributes:
        project: Name of the project.
        environment: The environment.
        region: Its primary region.
        clients: Makes boto3 clients.
        connect: Makes an HTTP client for a URL of the environment.
    """

    project: str
    environment: str
    region: str
    clients: Clients
    connect: Connect

    @property
    def table(self) -> OperationsTable:
        """The operations table."""
        name = operations_table(self.project, self.environment)
        return OperationsTable(self.clients("dynamodb", self.region), name)

    @property
    def journal(self) -> Journal:
        """What operations there were and are."""
        return Journal(self.table)

    @property
    def leases(self) -> Leases:
        """Who may change what."""
        return Leases(self.table, environment=self.environment)

    def actor(self) -> Actor:
        """Return who is at the keyboard.

        Raises:
            AuthenticationError: AWS refuses the credentials.
        """
        return whoami(self.clients, self.region)

    def runner(self, observer: Observer = lambda _: None) -> Runner:
        """Return what runs operations.

        Args:
            observer: Is told what happens.
        """
        tools = Tools(
            journal=self.journal, clients=self.clients, actor=self.actor(), observer=observer
        )
        surroundings = Surroundings(connect=self.connect, table=self.table)
        return Runner(tools, self.leases, steps_within(surroundings))
