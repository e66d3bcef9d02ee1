"""What the journal knows about the schema of a product's database."""

from collections.abc import Mapping, Sequence
from typing import Any

from platformctl.operations.kernel.journal import Journal
from platformctl.operations.kernel.states import StepState


def last_known(journal: Journal, product: str) -> Sequence[Mapping[str, Any]]:
    """Return the migrations as the last task on a product's database reported them.

    Args:
        journal: The journal.
        product: The product.
    """
    for operation in journal.all():
        migrator = operation.plan.parameters.get("migrator")
        if not migrator or migrator["product"] != product:
            continue
        for step in reversed(operation.steps):
            if step.state is StepState.DONE and step.facts.get("migrations"):
                return step.facts["migrations"]
    return ()
