"""Services and tables follow their load, and Pulumi lets them."""

from collections.abc import Iterator

from platformctl.policies import tokens
from platformctl.policies.relations import in_recovery
from platformctl.policies.rule import ADVISORY, MEDIUM, Problem, StackRule, Violation
from platformctl.policies.settings import Settings
from platformctl.policies.values import MISSING
from platformctl.policies.view import StackView

_TARGET = "aws:appautoscaling/target:Target"


def _scaled(stack: StackView, settings: Settings) -> Iterator[Problem]:
    for service in stack.all(tokens.SERVICE):
        if in_recovery(service, settings) or service.get("schedulingStrategy") == "DAEMON":
            continue
        targets = stack.users(service, _TARGET)
        waiting = service.get("tags.Release") == "awaiting-first-release"
        if not targets and not waiting:
            yield Violation(expected="a scalable target", urn=service.urn)
        if targets and "desiredCount" not in service.ignore_changes:
            path, expected = "desiredCount", "ignore_changes on it"
            yield Violation(path=path, found="fixed", expected=expected, urn=service.urn)
    for table in stack.all(tokens.TABLE):
        provisioned = table.get("billingMode") in ("PROVISIONED", MISSING)
        if provisioned and not stack.users(table, _TARGET):
            yield Violation(path="billingMode", expected="scalable targets", urn=table.urn)


RULE = StackRule(
    id="autoscaling-present-and-not-fought",
    title="Services and tables follow their load, and Pulumi lets them",
    why=(
        "Without autoscaling a peak is an outage; with a fixed count in the program, "
        "every update undoes it."
    ),
    fix="give FargateService a `scaling`, DynamoTable a `capacity`",
    severity=MEDIUM,
    staging=ADVISORY,
    judge=_scaled,
    before="FargateServiceArgs(desired_count=3, …)",
    after="FargateServiceArgs(scaling=Scaling(minimum=2, …), …)",
)
