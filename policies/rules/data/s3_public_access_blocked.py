"""Buckets cannot be made public."""

from platformctl.policies.rule import HIGH, Rule
from platformctl.policies.vocabulary import all_of, true

RULE = Rule(
    id="s3-public-access-blocked",
    title="Buckets cannot be made public",
    why="A policy or ACL added later would open the bucket to everybody.",
    fix="make the bucket with Bucket",
    severity=HIGH,
    types=("aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock",),
    judge=all_of(
        true("blockPublicAcls"),
        true("blockPublicPolicy"),
        true("ignorePublicAcls"),
        true("restrictPublicBuckets"),
    ),
    before={
        "blockPublicAcls": True,
        "blockPublicPolicy": False,
        "ignorePublicAcls": True,
        "restrictPublicBuckets": True,
    },
    after={
        "blockPublicAcls": True,
        "blockPublicPolicy": True,
        "ignorePublicAcls": True,
        "restrictPublicBuckets": True,
    },
)
