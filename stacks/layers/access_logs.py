"""Who read what: the bucket in which buckets with confidential data log every access."""

from platformctl.components import AccessLogs, Bucket, BucketArgs, LifecycleRule
from platformctl.naming.tags import component_tags
from platformctl.stacks.layers.shared import SHARED, Place, Shared, tags


def access_log_layer(place: Place) -> Bucket:
    """Make the bucket of one side: S3 delivers access logs within a region only."""
    config = place.config
    return Bucket(
        place.name("access-logs"),
        BucketArgs(
            accepts_access_logs=True,
            lifecycle=[LifecycleRule(key="old", expire_days=config.logs.retention_days)],
            force_destroy=not config.deletion_protection,
            tags=component_tags(tags(config, SHARED), "access-logs"),
        ),
        place.options,
    )


def logged(shared: Shared, name: str) -> AccessLogs:
    """Return where a bucket logs its accesses; each has a prefix of its own."""
    return AccessLogs(bucket=shared.access_logs.bucket_name, prefix=f"{name}/")
