"""Not everybody may call a function."""

from collections.abc import Iterator

from platformctl.policies.rule import CRITICAL, Problem, Rule, Undetermined, Violation, judge
from platformctl.policies.settings import Settings
from platformctl.policies.values import UNKNOWN
from platformctl.policies.view import ResourceView
from platformctl.policies.vocabulary import given


@judge("principal", "sourceArn", "sourceAccount", "principalOrgId")
def _scoped(resource: ResourceView, settings: Settings) -> Iterator[Problem]:
    principal = resource.get("principal")
    if principal is UNKNOWN:
        yield Undetermined(path="principal")
    elif principal == "*" or str(principal).endswith(".amazonaws.com"):
        narrowed = given("sourceArn", "sourceAccount", "principalOrgId")
        if any(narrowed(resource, settings)):
            yield Violation(path="principal", found=principal, expected="a source ARN or account")


RULE = Rule(
    id="lambda-no-public-permission",
    title="Not everybody may call a function",
    why="A service principal without a source lets any account's bucket or topic call it.",
    fix="name the caller in `source_arn` of the permission",
    severity=CRITICAL,
    types=("aws:lambda/permission:Permission",),
    judge=_scoped,
    before={"action": "lambda:InvokeFunction", "principal": "*"},
    after={
        "action": "lambda:InvokeFunction",
        "principal": "s3.amazonaws.com",
        "sourceArn": "arn:aws:s3:::uploads",
    },
)
