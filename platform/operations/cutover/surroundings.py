"""What the steps of a cutover need besides AWS's API."""

from dataclasses import dataclass

from platformctl.operations.kernel.table import OperationsTable
from platformctl.operations.load.places import Connect


@dataclass(frozen=True, kw_only=True)
class Surroundings:
    """What the steps work with.

    Attributes:
        connect: Makes an HTTP client for a URL of the environment.
        table: The operations table, which holds what each service runs.
    """

    connect: Connect
    table: OperationsTable
