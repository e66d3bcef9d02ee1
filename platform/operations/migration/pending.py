"""Which databases a deployment of the stack has brought new migrations for."""

from collections.abc import Iterable

from platformctl.operations.kernel.operation import Operation
from platformctl.operations.kernel.states import StepState
from platformctl.operations.migration.find import Migrator
from platformctl.operations.migration.steps import Expand


def waiting(migrators: Iterable[Migrator], operations: Iterable[Operation]) -> list[Migrator]:
    """Return those whose deployed revision has never expanded its database.

    Args:
        migrators: What was deployed.
        operations: The operations of the environment.
    """
    expanded = {
        operation.plan.parameters["migrator"]["task_definition_arn"]
        for operation in operations
        if operation.plan.parameters.get("migrator") and _expanded(operation)
    }
    return [each for each in migrators if each.task_definition_arn not in expanded]


def _expanded(operation: Operation) -> bool:
    """Tell whether an operation, such as a deployment, has run all that its stack brought."""
    asked = operation.plan.parameters
    if any(asked.get(key) for key in ("to", "image", "migration_image")):
        return False
    return any(
        step.name == Expand.name and step.state is StepState.DONE for step in operation.steps
    )
