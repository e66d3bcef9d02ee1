"""A copy of every new object of a bucket in another one."""

# pulumi_aws loads its modules when they are first named; annotations must not name them.
from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pulumi
import pulumi_aws as aws

from platformctl.components.base import Component
from platformctl.components.security.access import replicate_objects
from platformctl.components.security.roles import ServiceRole, ServiceRoleArgs

PROMISED_MINUTES = 15
"""The one time that S3 promises for replication."""


@dataclass(frozen=True, kw_only=True)
class BucketReplication:
    """A copy of every new object in another bucket, usually in another region.

    Attributes:
        bucket_arn: ARN of the other bucket, which must be versioned.
        key_arn: KMS key of the other bucket; needed where this bucket has a key of its own.
        prefix: Objects it is about; all without it.
        delete_markers: Whether deleting an object hides the copy too.
        time_control: Whether S3 promises 15 minutes, and measures it.
    """

    bucket_arn: pulumi.Input[str]
    key_arn: pulumi.Input[str] | None = None
    prefix: str = ""
    delete_markers: bool = True
    time_control: bool = False


def replicate(
    component: Component,
    source: aws.s3.Bucket,
    replication: BucketReplication,
    key_arn: pulumi.Input[str] | None,
    tags: Mapping[str, str],
    versioning: aws.s3.BucketVersioning,
) -> None:
    """Have every new object of a bucket copied, with a role that may do nothing else."""
    role = ServiceRole(
        f"{component.name}-replication",
        ServiceRoleArgs(
            service="s3.amazonaws.com",
            statements=replicate_objects(
                source.arn, replication.bucket_arn, key_arn, replication.key_arn
            ),
            tags=tags,
        ),
        component.options(),
    )
    destination: dict[str, Any] = {"bucket": replication.bucket_arn}
    if replication.time_control:
        within = {"minutes": PROMISED_MINUTES}
        destination["replication_time"] = {"status": "Enabled", "time": within}
        destination["metrics"] = {"status": "Enabled", "event_threshold": within}
    rule: dict[str, Any] = {
        "id": "copy",
        "priority": 1,
        "status": "Enabled",
        "filter": {"prefix": replication.prefix},
        "delete_marker_replication": {
            "status": "Enabled" if replication.delete_markers else "Disabled"
        },
        "destination": destination,
    }
    if replication.key_arn is not None:
        destination["encryption_configuration"] = {"replica_kms_key_id": replication.key_arn}
        rule["source_selection_criteria"] = {"sse_kms_encrypted_objects": {"status": "Enabled"}}
    component.child(
        "replication",
        aws.s3.BucketReplicationConfig,
        bucket=source.id,
        role=role.arn,
        rules=[rule],
        options=pulumi.ResourceOptions(depends_on=[versioning]),
    )
