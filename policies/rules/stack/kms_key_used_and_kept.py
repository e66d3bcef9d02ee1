"""Every key is used, and somebody can manage it."""

from collections.abc import Iterator

from platformctl.policies import tokens
from platformctl.policies.rule import ADVISORY, MEDIUM, Problem, StackRule, Undetermined, Violation
from platformctl.policies.settings import Settings
from platformctl.policies.statements import Statement, statements
from platformctl.policies.view import StackView

_NOT_USES = ("aws:kms/alias:Alias", "aws:kms/keyPolicy:KeyPolicy")


def _used(stack: StackView, settings: Settings) -> Iterator[Problem]:
    del settings
    for key in stack.all(tokens.KEY):
        users = [each for each in stack.users(key) if each.custom and each.type not in _NOT_USES]
        if not users:
            yield Violation(found="nothing", expected="something that uses it", urn=key.urn)
        documents = list(statements(key, "policy"))
        told = [each for each in documents if not isinstance(each, Undetermined)]
        if len(told) < len(documents):
            yield Undetermined(path="policy", urn=key.urn)
        elif told and not any(_administers(each) for each in told):
            expected = "a statement that lets the account manage it"
            yield Violation(path="policy", expected=expected, urn=key.urn)


def _administers(statement: Statement) -> bool:
    return statement.allows_action("kms:PutKeyPolicy") and bool(statement.principals)


RULE = StackRule(
    id="kms-key-used-and-kept",
    title="Every key is used, and somebody can manage it",
    why=(
        "A key that nothing uses costs a dollar and hides a mistake; one without an "
        "administrator cannot be mended."
    ),
    fix="remove the class from Keys, or give its ARN to what should use it",
    severity=MEDIUM,
    staging=ADVISORY,
    judge=_used,
    before='KeysArgs(classes={"unused": []})',
    after='KeysArgs(classes={"data": []}) and a store with that key',
)
