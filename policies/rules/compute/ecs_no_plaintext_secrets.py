"""Secrets are not written into task definitions."""

from collections.abc import Iterator

from platformctl.policies.rule import CRITICAL, Problem, Rule, Undetermined, Violation, judge
from platformctl.policies.settings import Settings
from platformctl.policies.values import MISSING, UNKNOWN, is_credential, looks_secret, peek
from platformctl.policies.view import ResourceView


@judge("containerDefinitions[].environment[]")
def _plain(resource: ResourceView, settings: Settings) -> Iterator[Problem]:
    del settings
    for match in resource.each("containerDefinitions[].environment[]"):
        if match.value is UNKNOWN:
            yield Undetermined(path=match.path)
            continue
        name, value = (peek(match.value, key)[0].value for key in ("name", "value"))
        if name is UNKNOWN:
            yield Undetermined(path=f"{match.path}.name")
        elif value not in ("", MISSING) and (looks_secret(name) or is_credential(value)):
            found = f"{name} in plain text"
            yield Violation(path=match.path, found=found, expected="a reference in `secrets`")


RULE = Rule(
    id="ecs-no-plaintext-secrets",
    title="Secrets are not written into task definitions",
    why=(
        "Everybody who may describe a task definition can read its environment, and old "
        "revisions stay for ever."
    ),
    fix="move the variable from `environment` to `secrets` of FargateService",
    severity=CRITICAL,
    types=("aws:ecs/taskDefinition:TaskDefinition",),
    judge=_plain,
    before={
        "containerDefinitions": [
            {"name": "web", "environment": [{"name": "DB_PASSWORD", "value": "hunter2"}]}
        ]
    },
    after={
        "containerDefinitions": [
            {
                "name": "web",
                "secrets": [
                    {
                        "name": "DB_PASSWORD",
                        "valueFrom": "arn:aws:secretsmanager:us-east-1:000000000000:secret:db",
                    }
                ],
            }
        ]
    },
)
