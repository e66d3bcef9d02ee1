"""Document stores are encrypted on disk."""

from platformctl.policies.rule import HIGH, Rule
from platformctl.policies.vocabulary import given, true

RULE = Rule(
    id="docdb-encrypted",
    title="Document stores are encrypted on disk",
    why="It cannot be switched on later.",
    fix="make the cluster with DocumentDatabase",
    severity=HIGH,
    types=("aws:docdb/cluster:Cluster",),
    judge=true("storageEncrypted"),
    unless=given("snapshotIdentifier"),
    before={"storageEncrypted": False},
    after={"storageEncrypted": True},
)
