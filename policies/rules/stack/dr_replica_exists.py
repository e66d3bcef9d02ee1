"""Every data store has its replica in the recovery region."""

from collections.abc import Iterator

from platformctl.policies import tokens
from platformctl.policies.relations import in_recovery, known, tags_of, takes_logs
from platformctl.policies.rule import HIGH, OFF, Problem, StackRule, Violation
from platformctl.policies.settings import Settings
from platformctl.policies.values import MISSING
from platformctl.policies.view import ResourceView, StackView

_TIER = "RecoveryTier"
"""Tag of a store whose objective is met by its backups alone: `backup`."""


def _replicated(stack: StackView, settings: Settings) -> Iterator[Problem]:
    if not settings.recovery_region:
        return
    for kind, has_replica in _KINDS.items():
        for store in stack.all(kind):
            here = not in_recovery(store, settings)
            if here and _needs(store, stack) and not has_replica(store, stack, settings):
                expected = f"a replica in {settings.recovery_region}"
                yield Violation(expected=expected, urn=store.urn)


def _needs(store: ResourceView, stack: StackView) -> bool:
    """Tell whether a store holds what cannot be made again: no replica, cache, log or page."""
    tags = tags_of(store)
    if tags.get(_TIER) == "backup" or store.get("replicateSourceDb") is not MISSING:
        return False
    if store.type != tokens.BUCKET:
        return True
    return not takes_logs(store, stack) and tags.get("DataClass") != "public"


def _instance(store: ResourceView, stack: StackView, settings: Settings) -> bool:
    return any(
        each.get("replicateSourceDb") is not MISSING and in_recovery(each, settings)
        for each in stack.users(store, tokens.RDS_INSTANCE)
    )


def _table(store: ResourceView, stack: StackView, settings: Settings) -> bool:
    if settings.recovery_region in known(store.each("replicas[].regionName")):
        return True
    replicas = stack.users(store, "aws:dynamodb/tableReplica:TableReplica")
    return any(in_recovery(each, settings) for each in replicas)


def _documents(store: ResourceView, stack: StackView, settings: Settings) -> bool:
    del settings
    return store.get("globalClusterIdentifier") is not MISSING or bool(
        stack.users(store, "aws:docdb/globalCluster:GlobalCluster")
    )


def _bucket(store: ResourceView, stack: StackView, settings: Settings) -> bool:
    return any(
        target is not store and in_recovery(target, settings)
        for each in stack.users(store, tokens.BUCKET_REPLICATION)
        for target in stack.sources(each, "rules", tokens.BUCKET)
    )


def _kafka(store: ResourceView, stack: StackView, settings: Settings) -> bool:
    del settings
    return bool(stack.users(store, tokens.REPLICATOR))


_KINDS = {
    tokens.RDS_INSTANCE: _instance,
    tokens.DOCUMENTS: _documents,
    tokens.TABLE: _table,
    tokens.BUCKET: _bucket,
    tokens.KAFKA: _kafka,
}


RULE = StackRule(
    id="dr-replica-exists",
    title="Every data store has its replica in the recovery region",
    why="What has no replica there comes back from a backup: hours later, and older.",
    fix=(
        "add the replica (PostgresReplica, TableReplica, BucketReplication, "
        "KafkaReplicator), or tag the store `RecoveryTier: backup` where its objective "
        "allows that"
    ),
    severity=HIGH,
    staging=OFF,
    judge=_replicated,
    before="DynamoTable(…) in production",
    after='DynamoTableArgs(replicas=[TableReplica(region="us-west-2")], …)',
)
