"""Buckets and what is said about them; objects."""

from platformctl.plugin.provider import CheckFailure
from platformctl.provider.validation.formats import arn, resource_policy
from platformctl.provider.validation.paths import block, is_given, objects, values
from platformctl.provider.validation.rules import (
    AtLeastOne,
    AtMostOne,
    Count,
    Custom,
    Distinct,
    Failures,
    Follows,
    Inputs,
    Length,
    OneOf,
    Pattern,
    Range,
    Requires,
    Row,
    When,
)

BUCKET = (
    r"(?!xn--|sthree-|amzn-s3-demo-|(\d+\.){3}\d+$)(?!.*\.\.)"
    r"[a-z0-9][a-z0-9.-]{1,61}[a-z0-9](?<!-s3alias)(?<!--ol-s3)(?<!--x-s3)(?<!\.mrap)"
)
NAMED = "3 to 63 small letters, digits, hyphens and dots"
OWN = Pattern("bucket", BUCKET, NAMED)
STATUS = ("Enabled", "Disabled")
INFREQUENT = 30
"""Days before objects may go to infrequent access, and that they stay there at least."""
CLASSES = (
    "GLACIER",
    "STANDARD_IA",
    "ONEZONE_IA",
    "INTELLIGENT_TIERING",
    "DEEP_ARCHIVE",
    "GLACIER_IR",
)
EFFECTS = (
    "abortIncompleteMultipartUpload",
    "expiration",
    "noncurrentVersionExpiration",
    "noncurrentVersionTransitions",
    "transitions",
)


def _lifecycle(inputs: Inputs) -> Failures:
    """Objects go to colder classes and end in order of days."""
    for place, move in objects(inputs, "rules[].transitions[]"):
        days, kind = move.get("days"), move.get("storageClass")
        if kind in ("STANDARD_IA", "ONEZONE_IA") and isinstance(days, int) and days < INFREQUENT:
            yield CheckFailure(
                f"{place}.days",
                f"{place}.days must be at least {INFREQUENT} for {kind}, not {days}",
            )
    for place, rule in objects(inputs, "rules[]"):
        moved = [days for _, days in values(rule, "transitions[].days") if isinstance(days, int)]
        ends, last = block(rule, "expiration").get("days"), max(moved, default=-1)
        if isinstance(ends, int) and ends <= last:
            yield CheckFailure(
                f"{place}.expiration.days",
                f"{place}.expiration.days {ends} must be after the last transition ({last})",
            )


def _replicated_keys(inputs: Inputs) -> Failures:
    """What KMS encrypts is replicated where there is a key for it; a key needs such objects."""
    criteria = "sourceSelectionCriteria.sseKmsEncryptedObjects"
    key = "destination.encryptionConfiguration"
    for place, rule in objects(inputs, "rules[]"):
        missing = None
        if is_given(rule, key) and not is_given(rule, criteria):
            missing = criteria
        if not is_given(rule, key):
            statuses = [status for _, status in values(rule, f"{criteria}.status")]
            missing = key if statuses == ["Enabled"] else None
        if missing:
            yield CheckFailure(f"{place}.{missing}", f"{place}.{missing} is missing")


FILTER = ("and", "objectSizeGreaterThan", "objectSizeLessThan", "prefix", "tag")

ROWS = {
    "aws:s3/bucket:Bucket": Row(
        "s3/bucket.go",
        (
            AtMostOne(("bucket", "bucketPrefix")),
            OWN,
            Length("bucketPrefix", 0, 37),
            AtMostOne(("acl", "grants")),
        ),
    ),
    "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration": Row(
        "s3/bucket_lifecycle_configuration.go",
        (
            OWN,
            Count("rules", 1, 1000),
            Distinct("rules[].id"),
            Length("rules[].id", 1, 255),
            OneOf("rules[].status", STATUS),
            AtLeastOne(EFFECTS, "rules[]"),
            AtMostOne(("filter", "prefix"), "rules[]"),
            AtMostOne(FILTER, "rules[].filter"),
            AtMostOne(("date", "days"), "rules[].expiration"),
            AtMostOne(("date", "days"), "rules[].transitions[]"),
            OneOf("rules[].transitions[].storageClass", CLASSES),
            Range("rules[].transitions[].days", 0),
            Range("rules[].expiration.days", 1),
            Range("rules[].noncurrentVersionExpiration.noncurrentDays", 1),
            Range("rules[].noncurrentVersionTransitions[].noncurrentDays", 0),
            Range("rules[].noncurrentVersionTransitions[].newerNoncurrentVersions", 1, 100),
            Range("rules[].filter.and.objectSizeGreaterThan", 0),
            Range("rules[].filter.and.objectSizeLessThan", 1),
            Count("rules[].filter.and.tags", 1),
            Range("rules[].noncurrentVersionExpiration.newerNoncurrentVersions", 1, 100),
            Range("rules[].abortIncompleteMultipartUpload.daysAfterInitiation", 1),
            Custom(_lifecycle),
        ),
    ),
    "aws:s3/bucketLogging:BucketLogging": Row(
        "s3/bucket_logging.go", (OWN, Pattern("targetBucket", BUCKET, NAMED))
    ),
    "aws:s3/bucketOwnershipControls:BucketOwnershipControls": Row(
        "s3/bucket_ownership_controls.go",
        (
            OWN,
            OneOf(
                "rule.objectOwnership",
                ("BucketOwnerEnforced", "BucketOwnerPreferred", "ObjectWriter"),
            ),
        ),
    ),
    "aws:s3/bucketPolicy:BucketPolicy": Row(
        "s3/bucket_policy.go",
        (OWN, Follows("policy", resource_policy), Length("policy", 1, 20_480)),
    ),
    "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock": Row(
        "s3/bucket_public_access_block.go", (OWN,)
    ),
    "aws:s3/bucketReplicationConfig:BucketReplicationConfig": Row(
        "s3/bucket_replication_configuration.go",
        (
            OWN,
            Follows("role", arn),
            Count("rules", 1, 1000),
            OneOf("rules[].status", STATUS),
            Follows("rules[].destination.bucket", arn),
            Length("rules[].id", 0, 255),
            Distinct("rules[].priority"),
            AtMostOne(("and", "prefix", "tag"), "rules[].filter"),
            Length("rules[].prefix", 0, 1024),
            Length("rules[].filter.prefix", 0, 1024),
            Pattern("rules[].destination.account", r"\d{12}"),
            Follows("rules[].destination.encryptionConfiguration.replicaKmsKeyId", arn),
            Requires("replicationTime", ("metrics",), within="rules[].destination"),
            Custom(_replicated_keys),
            When(
                "filter",
                (None,),
                otherwise=True,
                within="rules[]",
                needs=("deleteMarkerReplication",),
                excludes=("prefix",),
            ),
            OneOf("rules[].deleteMarkerReplication.status", STATUS),
            OneOf("rules[].sourceSelectionCriteria.sseKmsEncryptedObjects.status", STATUS),
        ),
    ),
    "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration": Row(
        "s3/bucket_server_side_encryption_configuration.go",
        (
            OWN,
            Count("rules", 1, 1),
            OneOf(
                "rules[].applyServerSideEncryptionByDefault.sseAlgorithm",
                ("aws:kms", "AES256", "aws:kms:dsse"),
            ),
            When(
                "sseAlgorithm",
                ("AES256",),
                excludes=("kmsMasterKeyId",),
                within="rules[].applyServerSideEncryptionByDefault",
            ),
        ),
    ),
    "aws:s3/bucketVersioning:BucketVersioning": Row(
        "s3/bucket_versioning.go",
        (
            OWN,
            OneOf("versioningConfiguration.status", ("Enabled", "Suspended", "Disabled")),
            OneOf("versioningConfiguration.mfaDelete", STATUS),
        ),
    ),
    "aws:s3/bucketObjectv2:BucketObjectv2": Row(
        "s3/object.go",
        (
            OWN,
            Length("key", 1, 1024),
            AtMostOne(("source", "content", "contentBase64")),
            AtMostOne(("etag", "kmsKeyId")),
            OneOf("serverSideEncryption", ("AES256", "aws:kms", "aws:kms:dsse", "aws:fsx")),
            Follows("kmsKeyId", arn),
            # An object has fewer tags than other resources.
            Count("tags", 0, 10),
        ),
    ),
}
