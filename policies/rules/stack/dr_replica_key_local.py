"""Replicas are encrypted with a key of their own region."""

from collections.abc import Iterator, Mapping

from platformctl.policies import tokens
from platformctl.policies.relations import region_of
from platformctl.policies.rule import HIGH, OFF, Problem, StackRule, Undetermined, Violation
from platformctl.policies.settings import Settings
from platformctl.policies.values import MISSING
from platformctl.policies.view import ResourceView, StackView

_KEYS: Mapping[str, str] = {
    tokens.RDS_INSTANCE: "kmsKeyId",
    tokens.DOCUMENTS: "kmsKeyId",
    tokens.CACHE: "kmsKeyId",
    tokens.BACKUP_VAULT: "kmsKeyArn",
    tokens.SECRET: "kmsKeyId",
    tokens.KAFKA: "encryptionInfo.encryptionAtRestKmsKeyArn",
}


def _local(stack: StackView, settings: Settings) -> Iterator[Problem]:
    del settings
    for kind, path in _KEYS.items():
        for store in stack.all(kind):
            home = region_of(store)
            replica = kind == tokens.RDS_INSTANCE and store.get("replicateSourceDb") is not MISSING
            if stack.undecided(store, path):
                yield Undetermined(path=path, urn=store.urn)
            for key in stack.targets(store, path, tokens.KEY, "aws:kms/replicaKey:ReplicaKey"):
                if home and region_of(key) and region_of(key) != home:
                    found = f"{key.name} in {region_of(key)}"
                    expected = f"a key in {home}"
                    yield Violation(path=path, found=found, expected=expected, urn=store.urn)
            if replica and store.get(path) is MISSING and _crosses(store, stack):
                yield Violation(path=path, expected=f"a key in {home}", urn=store.urn)


def _crosses(store: ResourceView, stack: StackView) -> bool:
    sources = stack.targets(store, "replicateSourceDb", tokens.RDS_INSTANCE)
    return any(region_of(each) != region_of(store) for each in sources)


RULE = StackRule(
    id="dr-replica-key-local",
    title="Replicas are encrypted with a key of their own region",
    why="A key of the region that was lost opens nothing.",
    fix="give the replica the `key_arn` of the Keys in its region",
    severity=HIGH,
    staging=OFF,
    judge=_local,
    before='PostgresReplicaArgs(key_arn=keys.arns["data"]) in us-west-2',
    after='PostgresReplicaArgs(key_arn=recovery_keys.arns["data"])',
)
