"""Roles may read the secrets that their service reads, and no others."""

from collections.abc import Iterator
from fnmatch import fnmatchcase

from platformctl.policies import tokens
from platformctl.policies.relations import known
from platformctl.policies.rule import ADVISORY, MEDIUM, Problem, StackRule, Undetermined, Violation
from platformctl.policies.settings import Settings
from platformctl.policies.statements import statements
from platformctl.policies.values import UNKNOWN
from platformctl.policies.view import ResourceView, StackView


def _matching(stack: StackView, settings: Settings) -> Iterator[Problem]:
    del settings
    for definition in stack.all(tokens.TASK_DEFINITION):
        roles = stack.targets(definition, "executionRoleArn", tokens.ROLE)
        matches = definition.each("containerDefinitions[].secrets[].valueFrom")
        if any(match.value is UNKNOWN for match in matches):
            yield Undetermined(path="containerDefinitions", urn=definition.urn)
            continue
        needed = {":".join(str(each).split(":")[:7]) for each in known(matches)}
        granted = {arn for role in roles for arn in _granted(role, stack)}
        for secret in sorted(needed):
            if not any(fnmatchcase(secret, arn) for arn in granted) and roles:
                expected = f"a grant on {secret}"
                yield Violation(found=sorted(granted), expected=expected, urn=roles[0].urn)
        for arn in sorted(granted):
            if not any(fnmatchcase(secret, arn) for secret in needed):
                expected = "grants on what its containers read only"
                yield Violation(found=arn, expected=expected, urn=roles[0].urn)


def _granted(role: ResourceView, stack: StackView) -> Iterator[str]:
    for policy in stack.users(role, tokens.ROLE_POLICY):
        if role not in stack.targets(policy, "role", tokens.ROLE):
            continue
        for statement in statements(policy, "policy"):
            if isinstance(statement, Undetermined):
                continue
            if statement.allows_action("secretsmanager:GetSecretValue"):
                yield from statement.resources


RULE = StackRule(
    id="secrets-match-grants",
    title="Roles may read the secrets that their service reads, and no others",
    why=(
        "A role that may read more is worth more to a thief; one that may read less stops"
        " its service."
    ),
    fix=(
        "list the secret in `secret_arns` of FargateService if, and only if, `secrets` refers to it"
    ),
    severity=MEDIUM,
    staging=ADVISORY,
    production=ADVISORY,
    judge=_matching,
    before='secrets={"TOKEN": …} without secret_arns',
    after='secrets={"TOKEN": stored.reference("token")}, secret_arns=[stored.arn]',
)
