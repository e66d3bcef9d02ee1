"""What is known about resource types that rules need in common."""

import json
from functools import cache
from importlib.resources import files

DATA_STORES = (
    "aws:rds/instance:Instance",
    "aws:rds/cluster:Cluster",
    "aws:docdb/cluster:Cluster",
    "aws:dynamodb/table:Table",
    "aws:elasticache/replicationGroup:ReplicationGroup",
    "aws:msk/cluster:Cluster",
    "aws:kinesis/stream:Stream",
    "aws:s3/bucket:Bucket",
    "aws:efs/fileSystem:FileSystem",
    "aws:kms/key:Key",
)
"""Types whose loss is the loss of data (a key takes with it what it encrypted)."""


@cache
def _taggable() -> frozenset[str]:
    text = files("platformctl.policies").joinpath("taggable.json").read_text()
    return frozenset(json.loads(text))


def is_taggable(token: str) -> bool:
    """Tell whether a type of package `aws` can carry tags."""
    return token in _taggable()
