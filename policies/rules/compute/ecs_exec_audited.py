"""What is typed into containers is logged."""

from platformctl.policies.rule import ADVISORY, MEDIUM, Rule
from platformctl.policies.vocabulary import one_of

RULE = Rule(
    id="ecs-exec-audited",
    title="What is typed into containers is logged",
    why="ECS Exec without logs is a shell that leaves no trace.",
    fix="leave the exec configuration to ContainerCluster",
    severity=MEDIUM,
    staging=ADVISORY,
    types=("aws:ecs/cluster:Cluster",),
    judge=one_of(
        "configuration.executeCommandConfiguration.logging", "DEFAULT", "OVERRIDE", missing=True
    ),
    before={"configuration": {"executeCommandConfiguration": {"logging": "NONE"}}},
    after={"configuration": {"executeCommandConfiguration": {"logging": "DEFAULT"}}},
)
