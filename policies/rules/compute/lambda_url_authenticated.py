"""Function URLs ask who calls."""

from platformctl.policies.rule import CRITICAL, Rule
from platformctl.policies.vocabulary import one_of

RULE = Rule(
    id="lambda-url-authenticated",
    title="Function URLs ask who calls",
    why="A function URL without authentication is an open endpoint without firewall or limit.",
    fix="set `authorization_type` to `AWS_IAM`",
    severity=CRITICAL,
    types=("aws:lambda/functionUrl:FunctionUrl",),
    judge=one_of("authorizationType", "AWS_IAM"),
    before={"authorizationType": "NONE"},
    after={"authorizationType": "AWS_IAM"},
)
