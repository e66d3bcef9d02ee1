"""Deleting a bucket does not delete its objects."""

from platformctl.policies.rule import HIGH, OFF, Rule
from platformctl.policies.vocabulary import not_true

RULE = Rule(
    id="s3-no-force-destroy",
    title="Deleting a bucket does not delete its objects",
    why="A wrong stack name would take years of data with it.",
    fix="keep `force_destroy=False` of Bucket",
    severity=HIGH,
    staging=OFF,
    types=("aws:s3/bucket:Bucket",),
    judge=not_true("forceDestroy"),
    before={"forceDestroy": True},
    after={"forceDestroy": False},
)
