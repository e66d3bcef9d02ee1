"""Restores of every kind of store are tested."""

from collections.abc import Iterator

from platformctl.policies import tokens
from platformctl.policies.rule import ADVISORY, MEDIUM, OFF, Problem, StackRule, Violation
from platformctl.policies.settings import Settings
from platformctl.policies.values import MISSING
from platformctl.policies.view import StackView

_SELECTION = "aws:backup/restoreTestingSelection:RestoreTestingSelection"
_NAMES = {
    tokens.RDS_INSTANCE: "RDS",
    tokens.DOCUMENTS: "DocumentDB",
    tokens.TABLE: "DynamoDB",
    "aws:efs/fileSystem:FileSystem": "EFS",
}


def _tested(stack: StackView, settings: Settings) -> Iterator[Problem]:
    del settings
    if not stack.all(tokens.BACKUP_PLAN):
        return
    tested = {
        selection.get("protectedResourceType")
        for selection in stack.all(_SELECTION)
        if selection.get("validationWindowHours") not in (MISSING, 0)
    }
    for kind, name in _NAMES.items():
        stores = stack.all(kind)
        if stores and name not in tested:
            expected = f"a restore testing selection for {name} with a validation window"
            yield Violation(expected=expected, urn=stores[0].urn)


RULE = StackRule(
    id="restore-test-covers-every-type",
    title="Restores of every kind of store are tested",
    why="A backup that was never restored is a hope.",
    fix="add a restore testing plan with a selection for each type",
    severity=MEDIUM,
    staging=OFF,
    production=ADVISORY,
    judge=_tested,
    before="a plan without restore tests",
    after="a restore testing selection with protectedResourceType RDS and a validation window",
)
