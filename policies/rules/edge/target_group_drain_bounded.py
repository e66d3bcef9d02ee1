"""Targets drain in bounded time."""

from platformctl.policies.rule import ADVISORY, MEDIUM, Rule
from platformctl.policies.vocabulary import all_of, at_least, at_most

RULE = Rule(
    id="target-group-drain-bounded",
    title="Targets drain in bounded time",
    why=(
        "AWS waits 300 seconds by default, which makes every deployment five minutes "
        "slower; too short cuts requests off."
    ),
    fix="leave `drain_seconds` of Route between 5 and 120",
    severity=MEDIUM,
    staging=ADVISORY,
    production=ADVISORY,
    types=("aws:lb/targetGroup:TargetGroup",),
    judge=all_of(
        at_least("deregistrationDelay", 5, missing=300),
        at_most("deregistrationDelay", 120, missing=300),
    ),
    before={"deregistrationDelay": 600},
    after={"deregistrationDelay": 30},
)
