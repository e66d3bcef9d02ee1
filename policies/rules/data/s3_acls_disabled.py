"""Buckets have no ACLs."""

from platformctl.policies.rule import ADVISORY, MEDIUM, Rule
from platformctl.policies.vocabulary import one_of

RULE = Rule(
    id="s3-acls-disabled",
    title="Buckets have no ACLs",
    why="Who may read is said in one place, the policy.",
    fix="make the bucket with Bucket",
    severity=MEDIUM,
    staging=ADVISORY,
    types=("aws:s3/bucketOwnershipControls:BucketOwnershipControls",),
    judge=one_of("rule.objectOwnership", "BucketOwnerEnforced"),
    before={"rule": {"objectOwnership": "ObjectWriter"}},
    after={"rule": {"objectOwnership": "BucketOwnerEnforced"}},
)
