"""A private bucket."""

# pulumi_aws loads its modules when they are first named; annotations must not name them.
from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import pulumi
import pulumi_aws as aws

from platformctl.components.base import Args, Component

ABANDONED_UPLOAD_DAYS = 7


@dataclass(frozen=True, kw_only=True)
class LifecycleRule:
    """When objects move on or go.

    Attributes:
        key: Stable name of the rule.
        prefix: Objects it is about; all without it.
        expire_days: Days until an object is deleted; never without it.
        infrequent_days: Days until it moves to cheaper storage; never without it.
        expire_old_versions_days: Days until a replaced version is deleted; never without it.
    """

    key: str
    prefix: str = ""
    expire_days: int | None = None
    infrequent_days: int | None = None
    expire_old_versions_days: int | None = None


@dataclass(frozen=True, kw_only=True)
class BucketArgs(Args):
    """What a bucket is.

    Attributes:
        bucket: Its name in S3, which is global; made from the logical name without it.
        key_arn: KMS key of its objects; S3's own (SSE-S3) without it, which is what load
            balancers and CloudFront need.
        versioned: Whether replaced and deleted objects are kept.
        lifecycle: Lifecycle rules; abandoned uploads are always removed after 7 days.
        statements: What others may do besides, as statements of the bucket policy.
        own_policy: Whether to attach a bucket policy. A bucket has only one: turn it off where
            the caller attaches `bucket_policy` itself, since it needs what comes later.
        force_destroy: Whether deleting the bucket deletes what is in it.
    """

    bucket: pulumi.Input[str] | None = None
    key_arn: pulumi.Input[str] | None = None
    versioned: bool = True
    lifecycle: Sequence[LifecycleRule] = ()
    statements: Sequence[pulumi.Input[dict[str, Any]]] = ()
    own_policy: bool = True
    force_destroy: bool = False

    def mistakes(self) -> Iterator[str]:
        """Yield one sentence for each argument that cannot be."""
        keys = [rule.key for rule in self.lifecycle]
        for key in sorted(set(keys)):
            if keys.count(key) > 1:
                yield f"lifecycle has two rules named {key!r}"
        if self.statements and not self.own_policy:
            yield "statements need own_policy"


class Bucket(Component):
    """A private, encrypted, versioned S3 bucket that refuses plain HTTP.

    Example::

        Bucket("reports", BucketArgs(lifecycle=[LifecycleRule(key="old", expire_days=365)]))
        Bucket("audit", BucketArgs(key_arn=keys.arns["data"]))

    Monthly cost in us-east-1: $0.023/GB, so 10 GB are $0.23; the estimate counts $1 with
    requests.

    Attributes:
        bucket_name: Name in S3.
        arn: ARN.
        regional_domain_name: Host name for CloudFront's origin.
    """

    bucket_name: pulumi.Output[str]
    arn: pulumi.Output[str]
    regional_domain_name: pulumi.Output[str]

    def __init__(
        self, name: str, args: BucketArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("data:Bucket", name, args, opts)
        self.args = args
        self.bucket = self.child(
            "", aws.s3.Bucket, bucket=args.bucket, force_destroy=args.force_destroy
        )
        self.access_block = _close(self)
        self.child(
            "versioning",
            aws.s3.BucketVersioning,
            bucket=self.bucket.id,
            versioning_configuration={"status": "Enabled" if args.versioned else "Suspended"},
        )
        _encrypt(self)
        _lifecycle(self)
        if args.own_policy:
            self.child(
                "policy",
                aws.s3.BucketPolicy,
                bucket=self.bucket.id,
                policy=bucket_policy(self.bucket.arn, args.statements),
                # S3 refuses two changes of a bucket's access at the same time.
                options=pulumi.ResourceOptions(depends_on=[self.access_block]),
            )
        self.bucket_name = self.bucket.bucket
        self.arn = self.bucket.arn
        self.regional_domain_name = self.bucket.bucket_regional_domain_name
        self.finish("bucket_name", "arn", "regional_domain_name")


def bucket_policy(
    arn: pulumi.Input[str], statements: Sequence[pulumi.Input[dict[str, Any]]] = ()
) -> pulumi.Output[str]:
    """Return a bucket policy that refuses plain HTTP, and has the given statements."""
    return pulumi.Output.json_dumps(
        {
            "Version": "2012-10-17",
            "Statement": [
                {
                    "Sid": "RefusePlainHttp",
                    "Effect": "Deny",
                    "Principal": "*",
                    "Action": "s3:*",
                    "Resource": [arn, pulumi.Output.concat(arn, "/*")],
                    "Condition": {"Bool": {"aws:SecureTransport": "false"}},
                },
                *statements,
            ],
        }
    )


def _close(bucket: Bucket) -> aws.s3.BucketPublicAccessBlock:
    bucket.child(
        "ownership",
        aws.s3.BucketOwnershipControls,
        bucket=bucket.bucket.id,
        rule={"object_ownership": "BucketOwnerEnforced"},
    )
    return bucket.child(
        "access",
        aws.s3.BucketPublicAccessBlock,
        bucket=bucket.bucket.id,
        block_public_acls=True,
        block_public_policy=True,
        ignore_public_acls=True,
        restrict_public_buckets=True,
    )


def _encrypt(bucket: Bucket) -> None:
    key = bucket.args.key_arn
    default = {"sse_algorithm": "AES256"}
    managed = {"sse_algorithm": "aws:kms", "kms_master_key_id": key}
    bucket.child(
        "encryption",
        aws.s3.BucketServerSideEncryptionConfiguration,
        bucket=bucket.bucket.id,
        rules=[
            {
                "apply_server_side_encryption_by_default": managed if key is not None else default,
                "bucket_key_enabled": key is not None,
            }
        ],
    )


def _lifecycle(bucket: Bucket) -> None:
    rules: list[dict[str, Any]] = [
        {
            "id": "abandoned-uploads",
            "status": "Enabled",
            "filter": {"prefix": ""},
            "abort_incomplete_multipart_upload": {"days_after_initiation": ABANDONED_UPLOAD_DAYS},
        }
    ]
    for rule in bucket.args.lifecycle:
        entry: dict[str, Any] = {
            "id": rule.key,
            "status": "Enabled",
            "filter": {"prefix": rule.prefix},
        }
        if rule.expire_days is not None:
            entry["expiration"] = {"days": rule.expire_days}
        if rule.infrequent_days is not None:
            entry["transitions"] = [{"days": rule.infrequent_days, "storage_class": "STANDARD_IA"}]
        if rule.expire_old_versions_days is not None:
            entry["noncurrent_version_expiration"] = {
                "noncurrent_days": rule.expire_old_versions_days
            }
        rules.append(entry)
    bucket.child(
        "lifecycle", aws.s3.BucketLifecycleConfiguration, bucket=bucket.bucket.id, rules=rules
    )
