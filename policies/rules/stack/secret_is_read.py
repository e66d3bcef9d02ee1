"""Every secret is read by something."""

from collections.abc import Iterator

from platformctl.policies import tokens
from platformctl.policies.rule import ADVISORY, LOW, Problem, StackRule, Violation
from platformctl.policies.settings import Settings
from platformctl.policies.view import StackView

_READERS_NOT = (
    tokens.SECRET_VERSION,
    tokens.ROLE_POLICY,
    "aws:secretsmanager/secretRotation:SecretRotation",
    "aws:secretsmanager/secretPolicy:SecretPolicy",
)
"""What refers to a secret without reading it: a grant alone reads nothing."""


def _read(stack: StackView, settings: Settings) -> Iterator[Problem]:
    del settings
    for secret in stack.all(tokens.SECRET):
        # What a service reads may be told by the version, so that it starts after that exists.
        told_by = [secret, *stack.users(secret, tokens.SECRET_VERSION)]
        users = [each for told in told_by for each in stack.users(told)]
        if not any(each.custom and each.type not in _READERS_NOT for each in users):
            yield Violation(found="nothing", expected="something that reads it", urn=secret.urn)


RULE = StackRule(
    id="secret-is-read",
    title="Every secret is read by something",
    why="A secret that nothing reads is only there to be stolen.",
    fix="remove the StoredSecret, or give its reference to the service",
    severity=LOW,
    staging=ADVISORY,
    judge=_read,
    before='StoredSecret("old", …)',
    after='FargateServiceArgs(secrets={"TOKEN": stored.reference("token")}, …)',
)
