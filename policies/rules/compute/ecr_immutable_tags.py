"""Tags of images never move."""

from platformctl.policies.rule import ADVISORY, MEDIUM, Rule
from platformctl.policies.vocabulary import one_of

RULE = Rule(
    id="ecr-immutable-tags",
    title="Tags of images never move",
    why="Where tags move, a rollback to `1.4.2` can bring anything.",
    fix="make the repository with ImageRepository",
    severity=MEDIUM,
    staging=ADVISORY,
    types=("aws:ecr/repository:Repository",),
    judge=one_of("imageTagMutability", "IMMUTABLE", "IMMUTABLE_WITH_EXCLUSION"),
    before={"imageTagMutability": "MUTABLE"},
    after={"imageTagMutability": "IMMUTABLE"},
)
