"""Databases are encrypted on disk."""

from platformctl.policies.rule import HIGH, Rule
from platformctl.policies.vocabulary import given, true

RULE = Rule(
    id="rds-storage-encrypted",
    title="Databases are encrypted on disk",
    why=(
        "Snapshots and discarded disks carry everything in the clear; it cannot be "
        "switched on later."
    ),
    fix="give PostgresDatabase a `key_arn`",
    severity=HIGH,
    types=("aws:rds/instance:Instance", "aws:rds/cluster:Cluster"),
    judge=true("storageEncrypted"),
    unless=given("replicateSourceDb", "snapshotIdentifier"),
    before={"storageEncrypted": False},
    after={"storageEncrypted": True},
)
