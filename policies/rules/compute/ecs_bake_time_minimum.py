"""A new side bakes before the old one goes."""

from platformctl.policies.rule import ADVISORY, MEDIUM, Rule
from platformctl.policies.vocabulary import at_least, one_of

RULE = Rule(
    id="ecs-bake-time-minimum",
    title="A new side bakes before the old one goes",
    why="Errors that need minutes to show must show while the way back is open.",
    fix="set the bake time to 5 minutes or more",
    severity=MEDIUM,
    staging=ADVISORY,
    types=("aws:ecs/service:Service",),
    judge=at_least("deploymentConfiguration.bakeTimeInMinutes", "bake_minutes"),
    unless=one_of("deploymentConfiguration.strategy", "ROLLING", missing=True),
    before={"deploymentConfiguration": {"strategy": "BLUE_GREEN", "bakeTimeInMinutes": "0"}},
    after={"deploymentConfiguration": {"strategy": "BLUE_GREEN", "bakeTimeInMinutes": "10"}},
)
