"""Secrets are not written into functions."""

from collections.abc import Iterator

from platformctl.policies.rule import CRITICAL, Problem, Rule, Undetermined, Violation, judge
from platformctl.policies.settings import Settings
from platformctl.policies.values import MISSING, UNKNOWN, is_credential, looks_secret, revealed
from platformctl.policies.view import ResourceView


@judge("environment.variables.*")
def _plain(resource: ResourceView, settings: Settings) -> Iterator[Problem]:
    del settings
    for match in resource.each("environment.variables.*"):
        name = match.path.rpartition(".")[2]
        value = revealed(match.value)
        if value is UNKNOWN:
            if not match.path.startswith("environment.variables.") or looks_secret(name):
                yield Undetermined(path=match.path)
        elif value not in ("", MISSING) and (looks_secret(name) or is_credential(value)):
            found = f"{name} in plain text"
            yield Violation(path=match.path, found=found, expected="the ARN of a secret")


RULE = Rule(
    id="lambda-no-plaintext-secrets",
    title="Secrets are not written into functions",
    why="Everybody who may describe a function can read its environment.",
    fix="pass the secret's ARN in `environment` and read it from Secrets Manager",
    severity=CRITICAL,
    types=("aws:lambda/function:Function",),
    judge=_plain,
    before={"environment": {"variables": {"DB_PASSWORD": "hunter2"}}},
    after={
        "environment": {
            "variables": {
                "DB_SECRET_ARN": "arn:aws:secretsmanager:us-east-1:000000000000:secret:db"
            }
        }
    },
)
