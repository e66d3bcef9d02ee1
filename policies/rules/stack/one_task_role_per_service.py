"""Every service has a role of its own."""

from collections.abc import Iterator

from platformctl.policies import tokens
from platformctl.policies.rule import ADVISORY, MEDIUM, Problem, StackRule, Violation
from platformctl.policies.settings import Settings
from platformctl.policies.view import ResourceView, StackView

_OWNERS = (
    "platformctl:compute:FargateService",
    "platformctl:compute:ScheduledTask",
    "platformctl:compute:StandaloneTask",
)


def _own(stack: StackView, settings: Settings) -> Iterator[Problem]:
    del settings
    users: dict[str, dict[object, ResourceView]] = {}
    for definition in stack.all(tokens.TASK_DEFINITION):
        owner = stack.within(definition, _OWNERS)
        who = owner.urn if owner else definition.get("family")
        for role in stack.targets(definition, "taskRoleArn", tokens.ROLE):
            users.setdefault(role.urn, {})[who] = definition
    for role, definitions in users.items():
        names = [each.name for each in definitions.values()]
        if len(names) > 1:
            yield Violation(found=names, expected="one service", urn=role)


RULE = StackRule(
    id="one-task-role-per-service",
    title="Every service has a role of its own",
    why="With a shared role, each service may do what any of them needs.",
    fix="leave the role to FargateService",
    severity=MEDIUM,
    staging=ADVISORY,
    judge=_own,
    before="two task definitions with one task_role_arn",
    after="FargateService(…) twice",
)
