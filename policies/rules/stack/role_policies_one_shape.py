"""The policies of a role have one shape."""

from collections.abc import Iterator

from platformctl.policies import tokens
from platformctl.policies.rule import MEDIUM, Problem, StackRule, Violation
from platformctl.policies.settings import Settings
from platformctl.policies.view import StackView


def _one(stack: StackView, settings: Settings) -> Iterator[Problem]:
    del settings
    for role in stack.all(tokens.ROLE):
        for path, kinds in (
            ("managedPolicyArns", (tokens.ROLE_ATTACHMENT,)),
            ("inlinePolicies", (tokens.ROLE_POLICY,)),
        ):
            separate = stack.users(role, *kinds)
            if role.each(f"{path}[]") and separate:
                found = f"{path}, and {separate[0].name}"
                expected = "separate policies only"
                yield Violation(path=path, found=found, expected=expected, urn=role.urn)


RULE = StackRule(
    id="role-policies-one-shape",
    title="The policies of a role have one shape",
    why="Exclusive lists on the role detach what separate resources attach.",
    fix="use ServiceRole, which makes separate policies only",
    severity=MEDIUM,
    judge=_one,
    before="managed_policy_arns=[…] and a RolePolicyAttachment of the same role",
    after="ServiceRole(…)",
)
