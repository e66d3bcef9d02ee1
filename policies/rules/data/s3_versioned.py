"""Buckets keep replaced objects."""

from platformctl.policies.rule import ADVISORY, HIGH, Rule
from platformctl.policies.vocabulary import one_of

RULE = Rule(
    id="s3-versioned",
    title="Buckets keep replaced objects",
    why=(
        "An overwritten or deleted object can be brought back, and only versioned buckets"
        " can be replicated."
    ),
    fix="keep `versioned=True` of Bucket",
    severity=HIGH,
    staging=ADVISORY,
    types=("aws:s3/bucketVersioning:BucketVersioning",),
    judge=one_of("versioningConfiguration.status", "Enabled"),
    before={"versioningConfiguration": {"status": "Suspended"}},
    after={"versioningConfiguration": {"status": "Enabled"}},
)
