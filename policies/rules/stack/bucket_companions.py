"""Every bucket has what makes it safe."""

from collections.abc import Iterator, Mapping

from platformctl.policies import tokens
from platformctl.policies.relations import tags_of
from platformctl.policies.rule import ADVISORY, HIGH, Problem, StackRule, Violation
from platformctl.policies.settings import Settings
from platformctl.policies.view import StackView

_COMPANIONS: Mapping[str, str] = {
    "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock": "a public access block",
    "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration": (
        "encryption"
    ),
    "aws:s3/bucketOwnershipControls:BucketOwnershipControls": "ownership controls",
    tokens.BUCKET_POLICY: "a policy that refuses plain HTTP",
    tokens.BUCKET_VERSIONING: "versioning",
    "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration": "a lifecycle",
}


def _accompanied(stack: StackView, settings: Settings) -> Iterator[Problem]:
    del settings
    for bucket in stack.all(tokens.BUCKET):
        present = {each.type for each in stack.users(bucket)}
        absent = [what for kind, what in _COMPANIONS.items() if kind not in present]
        confidential = tags_of(bucket).get("DataClass") == "confidential"
        if confidential and tokens.BUCKET_LOGGING not in present:
            absent.append("an access log")
        if absent:
            found = f"none of: {', '.join(absent)}"
            yield Violation(found=found, expected="all of them", urn=bucket.urn)


RULE = StackRule(
    id="bucket-companions",
    title="Every bucket has what makes it safe",
    why=(
        "Version 7 of the provider splits a bucket into eight resources; the one that is "
        "forgotten is the hole."
    ),
    fix="make the bucket with Bucket",
    severity=HIGH,
    staging=ADVISORY,
    judge=_accompanied,
    before='aws.s3.Bucket("files")',
    after='Bucket("files", BucketArgs())',
)
