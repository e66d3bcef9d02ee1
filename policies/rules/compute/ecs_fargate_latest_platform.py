"""Services run on the current Fargate platform."""

from platformctl.policies.rule import ADVISORY, MEDIUM, Rule
from platformctl.policies.vocabulary import one_of

RULE = Rule(
    id="ecs-fargate-latest-platform",
    title="Services run on the current Fargate platform",
    why="Old platforms miss security updates.",
    fix="leave `platform_version` unset, as FargateService does",
    severity=MEDIUM,
    staging=ADVISORY,
    types=("aws:ecs/service:Service",),
    judge=one_of("platformVersion", "LATEST", missing=True),
    before={"platformVersion": "1.3.0"},
    after={"platformVersion": "LATEST"},
)
