"""Nothing refers to another environment."""

import re
from collections.abc import Iterator

from platformctl.policies.rule import HIGH, Problem, StackRule, Violation
from platformctl.policies.settings import Settings
from platformctl.policies.values import revealed
from platformctl.policies.view import ResourceView, StackView

_ARN = re.compile(r"arn:aws[\w-]*:[\w-]*:[\w-]*:(\d{12}):[^\s\"',]+")


def _own(stack: StackView, settings: Settings) -> Iterator[Problem]:
    account = _account(stack)
    pattern = re.compile(rf"(?<![a-z0-9])({'|'.join(settings.other_environments)})(?![a-z0-9])")
    for resource in stack.resources:
        if not resource.type.startswith("aws:"):
            continue
        for path, text in _references(resource):
            for match in _ARN.finditer(text):
                other = pattern.search(match[0].lower()) if settings.other_environments else None
                stranger = account and match[1] != account and match[1] not in _AWS_ACCOUNTS
                if other or stranger:
                    found = match[0]
                    expected = "resources of this environment and account"
                    yield Violation(path=path, found=found, expected=expected, urn=resource.urn)


def _account(stack: StackView) -> str:
    """Return the account that most ARNs of the stack's own resources name."""
    accounts = [
        match[1]
        for each in stack.resources
        if isinstance(arn := each.outputs.get("arn"), str) and (match := _ARN.match(arn))
    ]
    return max(set(accounts), key=accounts.count) if accounts else ""


def _references(resource: ResourceView) -> Iterator[tuple[str, str]]:
    for match in resource.each("*"):
        if not match.path.startswith("tags"):
            yield from _texts(match.path, revealed(match.value))


def _texts(path: str, value: object) -> Iterator[tuple[str, str]]:
    if isinstance(value, str):
        if "arn:aws" in value:
            yield path, value
    elif isinstance(value, list):
        for index, each in enumerate(value):
            yield from _texts(f"{path}[{index}]", each)
    elif isinstance(value, dict):
        for key, each in value.items():
            yield from _texts(f"{path}.{key}", each)


# Accounts in which AWS keeps what everybody may use: who writes load balancers' logs, images.
_AWS_ACCOUNTS = ("127311923021", "797873946194", "027434742980", "763104351884", "602401143452")


RULE = StackRule(
    id="no-cross-environment-references",
    title="Nothing refers to another environment",
    why="A test that writes to production's queue is an incident.",
    fix="take the value from this environment's configuration or outputs",
    severity=HIGH,
    judge=_own,
    before='"arn:aws:sqs:us-east-1:000000000000:staging-orders" in production',
    after="an output of this stack",
)
