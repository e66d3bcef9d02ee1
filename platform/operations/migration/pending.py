"""Which databases a deployment of the stack has brought new migrations for."""

from collections.abc import Iterable

from platformctl.operations.kernel.operation import Operation
from platformctl.operations.kernel.states import State
from platformctl.operations.migration.find import Migrator
from platformctl.operations.migration.steps import UP


def waiting(migrators: Iterable[Migrator], operations: Iterable[Operation]) -> list[Migrator]:
    """Return those whose deployed revision has never expanded its database.

    Args:
        migrators: What was deployed.
        operations: The operations of the environment.
    """
    expanded = {
        operation.plan.parameters["migrator"]["task_definition_arn"]
        for operation in operations
        if operation.plan.kind == "migration"
        and operation.plan.parameters["direction"] == UP
        and operation.plan.parameters["to"] is None
        and operation.state == State.SUCCEEDED
    }
    return [each for each in migrators if each.task_definition_arn not in expanded]
