"""Buckets are encrypted with our keys, unless what is in them is public, or AWS cannot."""

from collections.abc import Iterator

from platformctl.policies.relations import takes_logs
from platformctl.policies.rule import ADVISORY, MEDIUM, Problem, StackRule, Undetermined, Violation
from platformctl.policies.settings import Settings
from platformctl.policies.values import UNKNOWN
from platformctl.policies.view import ResourceView, StackView

_BUCKET = "aws:s3/bucket:Bucket"
_ENCRYPTION = (
    "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration"
)
_ALGORITHM = "rules[].applyServerSideEncryptionByDefault.sseAlgorithm"


def _encrypted(stack: StackView, settings: Settings) -> Iterator[Problem]:
    del settings
    for encryption in stack.all(_ENCRYPTION):
        if any(_exempt(bucket, stack) for bucket in stack.targets(encryption, "bucket", _BUCKET)):
            continue
        for match in encryption.each(_ALGORITHM):
            if match.value is UNKNOWN:
                yield Undetermined(path=match.path, urn=encryption.urn)
            elif match.value not in ("aws:kms", "aws:kms:dsse"):
                yield Violation(
                    path=match.path, found=match.value, expected="aws:kms", urn=encryption.urn
                )


def _exempt(bucket: ResourceView, stack: StackView) -> bool:
    """Public files, and access logs, which AWS delivers with SSE-S3 only."""
    return bucket.get("tags.DataClass") == "public" or takes_logs(bucket, stack)


RULE = StackRule(
    id="s3-kms-default",
    title="Buckets are encrypted with our keys",
    why="Who may decrypt is then said by the key, and told by its log.",
    fix="give Bucket a `key_arn`, or say that its data is public (`component_tags`)",
    severity=MEDIUM,
    staging=ADVISORY,
    judge=_encrypted,
    before="Bucket(…, BucketArgs())",
    after='Bucket(…, BucketArgs(key_arn=keys.arns["data"]))',
)
