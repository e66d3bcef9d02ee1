"""How far a database is migrated, asked by a task next to it; nothing changes."""

import time
import uuid
from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from platformctl.aws.clients import Clients
from platformctl.errors import OperationTimeoutError, ResourceError
from platformctl.operations.migration.find import Migrator
from platformctl.operations.migration.task import OneOffTask

COMMAND = ("python", "-m", "database", "status")
POLL_SECONDS = 0.25
"""Pause between two questions to ECS and its log: AWS is asked, it does not call back."""
Found = TypeVar("Found")


class _Patient:
    """Waits, outside of an operation, and says nothing."""

    def tell(self, text: str, *details: str) -> None:
        """Say nothing: what is asked for is the result."""

    def until(self, condition: Callable[[], Found | None], *, within: float, what: str) -> Found:
        """Wait until something is so.

        Raises:
            OperationTimeoutError: It was not so in time.
        """
        deadline = time.monotonic() + within
        while not (found := condition()):
            if time.monotonic() > deadline:
                raise OperationTimeoutError(f"{what} took longer than {within:g} s")
            time.sleep(POLL_SECONDS)
        return found


def read_status(clients: Clients, migrator: Migrator) -> Mapping[str, Any]:
    """Return what the database of a product says about its migrations.

    Args:
        clients: Makes boto3 clients.
        migrator: What migrates it.

    Raises:
        ResourceError: The task that asks could not, and says why.
    """
    task = OneOffTask(clients, migrator, f"status-{uuid.uuid4()}")
    ending = task.follow(_Patient(), task.start(migrator.task_definition_arn, COMMAND, {}))
    if ending.exit_code != 0 or not ending.result:
        why = str(ending.result.get("why", "")) or "; ".join((ending.reason, *ending.lines))
        raise ResourceError(
            f"the database of {migrator.product} does not say how far it is migrated",
            why=why,
            remedy="platformctl logs ENV --service migrations --since 5m",
        )
    return ending.result
