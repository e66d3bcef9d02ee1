"""Tasks share nothing with their host."""

from platformctl.policies.rule import HIGH, Rule
from platformctl.policies.vocabulary import all_of, none_of

RULE = Rule(
    id="ecs-task-no-host-namespaces",
    title="Tasks share nothing with their host",
    why="In the host's network or process namespace a container sees its neighbours.",
    fix="leave the modes to FargateService (`awsvpc`)",
    severity=HIGH,
    types=("aws:ecs/taskDefinition:TaskDefinition",),
    judge=all_of(
        none_of("networkMode", "host"), none_of("pidMode", "host"), none_of("ipcMode", "host")
    ),
    before={"networkMode": "host"},
    after={"networkMode": "awsvpc"},
)
