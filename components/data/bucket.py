"""A private bucket."""

# pulumi_aws loads its modules when they are first named; annotations must not name them.
from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import pulumi
import pulumi_aws as aws

from platformctl.components.base import Args, Component
from platformctl.components.data.bucket_lifecycle import LifecycleRule, lifecycle_rules
from platformctl.components.data.bucket_replication import BucketReplication, replicate


@dataclass(frozen=True, kw_only=True)
class AccessLogs:
    """Where S3 writes who asked a bucket for what.

    Attributes:
        bucket: Name of the bucket for the logs; it has `accepts_access_logs`.
        prefix: First part of the logs' names, such as `reports/`.
    """

    bucket: pulumi.Input[str]
    prefix: str


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
        replication: Another bucket that gets a copy of every new object, if wanted.
        access_logs: Where accesses are logged, if wanted.
        accepts_access_logs: Whether other buckets of the account may log their accesses here.
    """

    bucket: pulumi.Input[str] | None = None
    key_arn: pulumi.Input[str] | None = None
    versioned: bool = True
    lifecycle: Sequence[LifecycleRule] = ()
    statements: Sequence[pulumi.Input[dict[str, Any]]] = ()
    own_policy: bool = True
    force_destroy: bool = False
    replication: BucketReplication | None = None
    access_logs: AccessLogs | None = None
    accepts_access_logs: bool = False

    def mistakes(self) -> Iterator[str]:
        """Yield one sentence for each argument that cannot be."""
        keys = [rule.key for rule in self.lifecycle]
        for key in sorted(set(keys)):
            if keys.count(key) > 1:
                yield f"lifecycle has two rules named {key!r}"
        for rule in self.lifecycle:
            yield from rule.mistakes()
        if (self.statements or self.accepts_access_logs) and not self.own_policy:
            yield "statements and accepts_access_logs need own_policy"
        if self.accepts_access_logs and self.access_logs is not None:
            yield "access_logs cannot go with accepts_access_logs: it would log itself for ever"
        if self.accepts_access_logs and self.key_arn is not None:
            yield "key_arn cannot go with accepts_access_logs: S3 delivers logs with its own key"
        if self.replication is not None:
            if not self.versioned:
                yield "versioned is false: replication needs versions"
            if (self.replication.key_arn is None) != (self.key_arn is None):
                yield "replication needs a key_arn exactly where the bucket has one"


class Bucket(Component):
    """A private, encrypted, versioned S3 bucket that refuses plain HTTP.

    Example::

        Bucket("reports", BucketArgs(lifecycle=[LifecycleRule(key="old", expire_days=365)]))
        Bucket("audit", BucketArgs(key_arn=keys.arns["data"]))
        Bucket("events", BucketArgs(
            key_arn=keys.arns["data"], access_logs=AccessLogs(bucket=logs.bucket_name, prefix="e/"),
            replication=BucketReplication(bucket_arn=west.arn, key_arn=west_keys.arns["data"])))

    Monthly cost in us-east-1: $0.023/GB, so 10 GB are $0.23; the estimate counts $1 with
    requests. A replica costs the same again and $0.02 for each GB that is carried over.

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
        self.versioning = self.child(
            "versioning",
            aws.s3.BucketVersioning,
            bucket=self.bucket.id,
            versioning_configuration={"status": "Enabled" if args.versioned else "Suspended"},
        )
        _encrypt(self)
        self.child(
            "lifecycle",
            aws.s3.BucketLifecycleConfiguration,
            bucket=self.bucket.id,
            rules=lifecycle_rules(args.lifecycle),
            options=pulumi.ResourceOptions(depends_on=[self.versioning]),
        )
        if args.own_policy:
            self.child(
                "policy",
                aws.s3.BucketPolicy,
                bucket=self.bucket.id,
                policy=bucket_policy(self.bucket.arn, _statements(self)),
                # S3 refuses two changes of a bucket's access at the same time.
                options=pulumi.ResourceOptions(depends_on=[self.access_block]),
            )
        if args.replication is not None:
            replicate(self, self.bucket, args.replication, args.key_arn, args.tags, self.versioning)
        if args.access_logs is not None:
            self.child(
                "logging",
                aws.s3.BucketLogging,
                bucket=self.bucket.id,
                target_bucket=args.access_logs.bucket,
                target_prefix=args.access_logs.prefix,
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


def _statements(bucket: Bucket) -> list[pulumi.Input[dict[str, Any]]]:
    """Return the statements of the bucket policy besides the one about plain HTTP."""
    if not bucket.args.accepts_access_logs:
        return list(bucket.args.statements)
    account = aws.get_caller_identity_output(
        opts=pulumi.InvokeOutputOptions(parent=bucket)
    ).account_id
    accept: dict[str, Any] = {
        "Sid": "AcceptAccessLogs",
        "Effect": "Allow",
        "Principal": {"Service": "logging.s3.amazonaws.com"},
        "Action": "s3:PutObject",
        "Resource": pulumi.Output.concat(bucket.bucket.arn, "/*"),
        "Condition": {"StringEquals": {"aws:SourceAccount": account}},
    }
    return [*bucket.args.statements, accept]
