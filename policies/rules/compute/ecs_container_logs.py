"""Containers write logs."""

from platformctl.policies.rule import HIGH, Rule
from platformctl.policies.vocabulary import given_each

RULE = Rule(
    id="ecs-container-logs",
    title="Containers write logs",
    why="Without logs nobody can tell why a task stopped.",
    fix="leave the log group to FargateService",
    severity=HIGH,
    types=("aws:ecs/taskDefinition:TaskDefinition",),
    judge=given_each("containerDefinitions[].logConfiguration"),
    before={"containerDefinitions": [{"name": "web"}]},
    after={"containerDefinitions": [{"name": "web", "logConfiguration": {"logDriver": "awslogs"}}]},
)
