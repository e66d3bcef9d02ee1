"""Containers cannot change their own files."""

from platformctl.policies.rule import ADVISORY, HIGH, Rule
from platformctl.policies.vocabulary import true

RULE = Rule(
    id="ecs-container-readonly-root",
    title="Containers cannot change their own files",
    why="Whoever breaks in cannot leave tools behind.",
    fix="leave the root file system to FargateService, which makes it read-only",
    severity=HIGH,
    staging=ADVISORY,
    types=("aws:ecs/taskDefinition:TaskDefinition",),
    judge=true("containerDefinitions[].readonlyRootFilesystem"),
    before={"containerDefinitions": [{"name": "web", "readonlyRootFilesystem": False}]},
    after={"containerDefinitions": [{"name": "web", "readonlyRootFilesystem": True}]},
)
