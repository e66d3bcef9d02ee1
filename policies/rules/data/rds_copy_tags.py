"""Snapshots carry their database's tags."""

from platformctl.policies.rule import ADVISORY, LOW, Rule
from platformctl.policies.vocabulary import true

RULE = Rule(
    id="rds-copy-tags",
    title="Snapshots carry their database's tags",
    why="Backup plans and cost reports choose by tag.",
    fix="leave `copy_tags_to_snapshot` to PostgresDatabase",
    severity=LOW,
    staging=ADVISORY,
    types=("aws:rds/instance:Instance", "aws:rds/cluster:Cluster"),
    judge=true("copyTagsToSnapshot"),
    before={"copyTagsToSnapshot": False},
    after={"copyTagsToSnapshot": True},
)
