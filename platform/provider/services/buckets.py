"""Buckets and the settings that Pulumi keeps as resources of their own."""

from typing import Any

from platformctl.plugin.provider import ResourceOperationError
from platformctl.provider.context import Context
from platformctl.provider.identity import parameter
from platformctl.provider.spec import (
    Ask,
    Fidelity,
    Function,
    Name,
    ResourceSpec,
    Send,
    Tagging,
    Update,
)

BUCKET = {"Bucket": "{id}"}
OWN_RESOURCES = (
    "accelerationStatus",
    "acl",
    "corsRules.*",
    "grants.*",
    "lifecycleRules.*",
    "logging.*",
    "objectLockConfiguration.*",
    "policy",
    "replicationConfiguration.*",
    "requestPayer",
    "serverSideEncryptionConfiguration.*",
    "versioning.*",
    "website.*",
)
"""Inputs of a bucket that are deprecated in favour of resources of their own."""


def _create(context: Context) -> Any:
    """Create a bucket; us-east-1 is the one region that must not be named."""
    own = [key for key in OWN_RESOURCES if context.inputs.get(key.removesuffix(".*"))]
    if own:
        raise ResourceOperationError(
            f"{own[0].removesuffix('.*')} of a bucket is not supported here: use the resource of "
            "its own (BucketVersioning, BucketPolicy, …)"
        )
    extra: dict[str, Any] = {}
    if context.region != "us-east-1":
        extra["CreateBucketConfiguration"] = {"LocationConstraint": context.region}
    if context.inputs.get("objectLockEnabled"):
        extra["ObjectLockEnabledForBucket"] = True
    return context.call("create_bucket", Bucket=context.inputs["bucket"], **extra)


def _read(context: Context) -> Any:
    """Tell whether a bucket exists and where."""
    head = context.find(Ask("head_bucket", BUCKET))
    return None if head is None else {"Bucket": context.id}


def _delete(context: Context) -> None:
    """Delete a bucket, with everything in it when `forceDestroy` says so."""
    if context.inputs.get("forceDestroy"):
        pages = context.client().get_paginator("list_object_versions").paginate(Bucket=context.id)
        for page in pages:
            entries = [*page.get("Versions", ()), *page.get("DeleteMarkers", ())]
            objects = [{"Key": each["Key"], "VersionId": each["VersionId"]} for each in entries]
            if objects:
                context.call("delete_objects", Bucket=context.id, Delete={"Objects": objects})
        for page in context.client().get_paginator("list_objects_v2").paginate(Bucket=context.id):
            objects = [{"Key": each["Key"]} for each in page.get("Contents", ())]
            if objects:
                context.call("delete_objects", Bucket=context.id, Delete={"Objects": objects})
    context.call("delete_bucket", Bucket=context.id)


def _tag_set(context: Context) -> None:
    """Set all tags of a bucket: S3 knows no adding of one."""
    tags = [{"Key": key, "Value": value} for key, value in context.tags.items()]
    if tags:
        context.call("put_bucket_tagging", Bucket=context.id, Tagging={"TagSet": tags})
    else:
        context.call("delete_bucket_tagging", Bucket=context.id)


def setting(
    kind: str,
    put: str,
    get: str,
    path: str,
    delete: str | Function = "",
    *,
    fidelity: Fidelity = Fidelity.LIVE,
    **more: Any,
) -> ResourceSpec:
    """Return the row of a setting of a bucket: put whole, read whole, removed whole."""
    return ResourceSpec(
        type=f"aws:s3/{kind[0].lower()}{kind[1:]}:{kind}",
        service="s3",
        identity=parameter("bucket"),
        fidelity=fidelity,
        create=Send(put),
        read=Ask(get, BUCKET, path),
        updates=(Update(Send(put, BUCKET)),),
        delete=Ask(delete, BUCKET) if isinstance(delete, str) else delete,
        replace=("bucket",),
        **more,
    )


def _delete_versioning(context: Context) -> None:
    """Suspend versioning, which is all that S3 allows."""
    suspended = {"Status": "Suspended"}
    context.call("put_bucket_versioning", Bucket=context.id, VersioningConfiguration=suspended)


def _delete_logging(context: Context) -> None:
    """Log no more: S3 has no call that removes the setting."""
    context.call("put_bucket_logging", Bucket=context.id, BucketLoggingStatus={})


def _read_lifecycle(context: Context) -> Any:
    """Return the lifecycle rules of a bucket."""
    found = context.find(Ask("get_bucket_lifecycle_configuration", BUCKET))
    return found if found and found.get("Rules") else None


SPECS = (
    ResourceSpec(
        type="aws:s3/bucket:Bucket",
        service="s3",
        identity=parameter("bucket"),
        fidelity=Fidelity.LIVE,
        create=_create,
        read=_read,
        delete=_delete,
        outputs={
            "arn": "arn:aws:s3:::{id}",
            "bucketDomainName": "{id}.s3.amazonaws.com",
            "bucketRegionalDomainName": "{id}.s3.{region}.amazonaws.com",
            "bucketRegion": "{region}",
            "hostedZoneId": "Z3AQBSTGFYJSTF",
        },
        defaults={"forceDestroy": False},
        name=Name("bucket", 63, lower=True),
        handled=("bucket", "bucketPrefix", "forceDestroy", "objectLockEnabled"),
        replace=("bucket", "bucketPrefix", "objectLockEnabled"),
        unread=("objectLockEnabled",),
        no_local_effect=(*OWN_RESOURCES, "bucketNamespace"),
        tags=Tagging(
            member="",
            form="list",
            add=_tag_set,
            remove="",
            resource={},
            read=Ask("get_bucket_tagging", BUCKET, "TagSet"),
        ),
        note="objects are stored and served",
    ),
    setting(
        "BucketVersioning",
        "put_bucket_versioning",
        "get_bucket_versioning",
        "{VersioningConfiguration: {Status: Status || 'Suspended', MFADelete: MFADelete}}",
        delete=_delete_versioning,
        names={"mfa": "MFA"},
    ),
    setting(
        "BucketServerSideEncryptionConfiguration",
        "put_bucket_encryption",
        "get_bucket_encryption",
        "@",
        "delete_bucket_encryption",
        names={
            "rules": "ServerSideEncryptionConfiguration.Rules",
            "rules.applyServerSideEncryptionByDefault.kmsMasterKeyId": "KMSMasterKeyID",
        },
        no_local_effect=("rules.blockedEncryptionTypes",),
    ),
    setting(
        "BucketPublicAccessBlock",
        "put_public_access_block",
        "get_public_access_block",
        "@",
        "delete_public_access_block",
        names={
            key: f"PublicAccessBlockConfiguration.{key[0].upper()}{key[1:]}"
            for key in (
                "blockPublicAcls",
                "blockPublicPolicy",
                "ignorePublicAcls",
                "restrictPublicBuckets",
            )
        },
        defaults={
            "blockPublicAcls": False,
            "blockPublicPolicy": False,
            "ignorePublicAcls": False,
            "restrictPublicBuckets": False,
        },
        no_local_effect=("skipDestroy",),
    ),
    setting(
        "BucketOwnershipControls",
        "put_bucket_ownership_controls",
        "get_bucket_ownership_controls",
        "@",
        "delete_bucket_ownership_controls",
        names={"rule": "OwnershipControls.Rules"},
    ),
    setting(
        "BucketPolicy",
        "put_bucket_policy",
        "get_bucket_policy",
        "@",
        "delete_bucket_policy",
    ),
    setting(
        "BucketReplicationConfig",
        "put_bucket_replication",
        "get_bucket_replication",
        "@",
        "delete_bucket_replication",
        names={
            "role": "ReplicationConfiguration.Role",
            "rules": "ReplicationConfiguration.Rules",
            "rules.id": "ID",
            "rules.destination.encryptionConfiguration.replicaKmsKeyId": "ReplicaKmsKeyID",
        },
        no_local_effect=("token", "rules.filter.and.*"),
        note="new objects and delete markers arrive in the other bucket, also in another region",
    ),
    setting(
        "BucketLogging",
        "put_bucket_logging",
        "get_bucket_logging",
        "LoggingEnabled && {BucketLoggingStatus: {LoggingEnabled: LoggingEnabled}}",
        _delete_logging,
        fidelity=Fidelity.API,
        names={
            key: f"BucketLoggingStatus.LoggingEnabled.{key[0].upper()}{key[1:]}"
            for key in ("targetBucket", "targetPrefix", "targetGrants", "targetObjectKeyFormat")
        }
        | {"targetGrants.grantee.id": "ID", "targetGrants.grantee.uri": "URI"},
        no_local_effect=("expectedBucketOwner",),
        note="recorded; no log is written",
    ),
    ResourceSpec(
        type="aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration",
        service="s3",
        identity=parameter("bucket"),
        fidelity=Fidelity.API,
        create=Send("put_bucket_lifecycle_configuration"),
        read=_read_lifecycle,
        updates=(Update(Send("put_bucket_lifecycle_configuration", BUCKET)),),
        delete=Ask("delete_bucket_lifecycle", BUCKET),
        names={
            "rules": "LifecycleConfiguration.Rules",
            "rules.filter.and": "And",
            "rules.id": "ID",
        },
        reads={"rules": "Rules"},
        replace=("bucket",),
        no_local_effect=("timeouts.*",),
        note="recorded; nothing expires",
    ),
)
