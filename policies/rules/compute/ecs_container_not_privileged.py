"""Containers are not privileged."""

from platformctl.policies.rule import HIGH, Rule
from platformctl.policies.vocabulary import not_true

RULE = Rule(
    id="ecs-container-not-privileged",
    title="Containers are not privileged",
    why="A privileged container is root on its host.",
    fix="leave `privileged` out; FargateService never sets it",
    severity=HIGH,
    types=("aws:ecs/taskDefinition:TaskDefinition",),
    judge=not_true("containerDefinitions[].privileged"),
    before={"containerDefinitions": [{"name": "web", "privileged": True}]},
    after={"containerDefinitions": [{"name": "web"}]},
)
