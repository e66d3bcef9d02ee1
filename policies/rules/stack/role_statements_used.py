"""Every role is taken on by something, and every statement of it is of use there."""

from collections.abc import Iterator, Mapping, Sequence

from platformctl.policies import tokens
from platformctl.policies.rule import ADVISORY, MEDIUM, Problem, StackRule, Violation
from platformctl.policies.settings import Settings
from platformctl.policies.statements import Statement, statements
from platformctl.policies.values import revealed
from platformctl.policies.view import ResourceView, StackView

_GRANTS = (
    tokens.ROLE_POLICY,
    tokens.ROLE_ATTACHMENT,
    "aws:iam/policyAttachment:PolicyAttachment",
)
"""What gives a role its rights; nothing of it takes the role on."""

_NAMED = (tokens.TABLE, tokens.BUCKET, tokens.QUEUE, tokens.STREAM)
"""What a program must be told the name of before it can use its right."""

SCHEDULER = "scheduler.amazonaws.com"

_PROGRAMS = (tokens.TASK_DEFINITION, tokens.FUNCTION)


def _used(stack: StackView, settings: Settings) -> Iterator[Problem]:
    del settings
    for role in stack.all(tokens.ROLE):
        takers = [each for each in stack.users(role) if each.custom and each.type not in _GRANTS]
        if not takers and not _taken_elsewhere(role):
            expected = "something that takes it on"
            yield Violation(found="nothing", expected=expected, urn=role.urn)
        for policy in stack.users(role, tokens.ROLE_POLICY):
            if role in stack.targets(policy, "role", tokens.ROLE):
                yield from _unmentioned(policy, takers, stack)


def _taken_elsewhere(role: ResourceView) -> bool:
    """Tell whether somebody outside of the stack takes it on.

    A pipeline does so by OIDC, and the scheduler for schedules that operations make and that are
    gone after they have run once.
    """
    trust = [each for each in statements(role, "assumeRolePolicy") if isinstance(each, Statement)]
    taken = [principal for each in trust for principal in each.principals]
    return any(kind == "Federated" or who == SCHEDULER for kind, who in taken)


def _unmentioned(
    policy: ResourceView, takers: Sequence[ResourceView], stack: StackView
) -> Iterator[Problem]:
    programs = [each for each in takers if each.type in _PROGRAMS]
    if not programs or len(programs) < len(takers):
        return  # what AWS itself does with a role is not written down
    for granted in stack.sources(policy, "policy", *_NAMED):
        if not any(_mentions(program, granted, stack) for program in programs):
            yield Violation(
                path="policy",
                found=f"{granted.name}, which {programs[0].name} is not told of",
                expected="rights on what it uses only",
                urn=policy.urn,
            )


def _mentions(program: ResourceView, granted: ResourceView, stack: StackView) -> bool:
    if any(granted.urn in urns for urns in program.sources.values()):
        return True
    if any(granted in handed for handed in _triggers(program, stack)):
        return True
    text = _text(program.properties)
    names = (granted.get("name"), granted.get("bucket"), *granted.identities())
    return any(isinstance(name, str) and name in text for name in names)


def _triggers(program: ResourceView, stack: StackView) -> Iterator[list[ResourceView]]:
    """Yield what hands a function its work, and takes what it could not do."""
    for invoked in (program, *stack.users(program, "aws:lambda/alias:Alias")):
        for mapping in stack.users(invoked, tokens.EVENT_SOURCE):
            yield stack.sources(mapping, "eventSourceArn")
            yield stack.sources(mapping, "destinationConfig")


def _text(value: object) -> str:
    value = revealed(value)
    if isinstance(value, Mapping):
        return "\n".join(_text(each) for each in value.values())
    if isinstance(value, list):
        return "\n".join(_text(each) for each in value)
    return value if isinstance(value, str) else ""


RULE = StackRule(
    id="role-statements-used",
    title="Every role is taken on, and all of its statements are used",
    why="Rights that nobody uses are missed by nobody but a thief.",
    fix="remove the statement or the role, or tell the program (`environment`) what it may use",
    severity=MEDIUM,
    staging=ADVISORY,
    judge=_used,
    before="FargateServiceArgs(statements=[read of a table], environment={}, …)",
    after='FargateServiceArgs(statements=[read of a table], environment={"TABLE": table.name}, …)',
)
