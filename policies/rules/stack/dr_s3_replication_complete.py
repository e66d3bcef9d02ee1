"""Replication of buckets leaves nothing out."""

from collections.abc import Iterator, Mapping, Sequence

from platformctl.policies import tokens
from platformctl.policies.rule import HIGH, OFF, Problem, StackRule, Undetermined, Violation
from platformctl.policies.settings import Settings
from platformctl.policies.values import MISSING, UNKNOWN, Match, peek
from platformctl.policies.view import ResourceView, StackView

_DESTINATION = "destination.encryptionConfiguration.replicaKmsKeyId"
_WANTED: Mapping[str, Sequence[str]] = {
    "status": ("Enabled",),
    "sourceSelectionCriteria.sseKmsEncryptedObjects.status": ("Enabled",),
    "deleteMarkerReplication.status": ("Enabled", "Disabled"),
    "destination.metrics.status": ("Enabled",),
}


def _complete(stack: StackView, settings: Settings) -> Iterator[Problem]:
    del settings
    for replication in stack.all(tokens.BUCKET_REPLICATION):
        for rule in replication.each("rules[]"):
            yield from _rule(replication, rule)
        buckets = [
            *stack.targets(replication, "bucket", tokens.BUCKET),
            *stack.sources(replication, "rules", tokens.BUCKET),
        ]
        for bucket in {each.urn: each for each in buckets}.values():
            if not stack.users(bucket, tokens.BUCKET_VERSIONING):
                yield Violation(expected="versioning on both sides", urn=bucket.urn)


def _rule(replication: ResourceView, rule: Match) -> Iterator[Problem]:
    for path, allowed in _WANTED.items():
        (match,) = peek(rule.value, path)
        where = f"{rule.path}.{path}"
        if match.value is UNKNOWN:
            yield Undetermined(path=where, urn=replication.urn)
        elif match.value not in allowed:
            yield Violation(
                path=where, found=match.value, expected=" or ".join(allowed), urn=replication.urn
            )
    (key,) = peek(rule.value, _DESTINATION)
    if key.value is MISSING:
        where = f"{rule.path}.{_DESTINATION}"
        yield Violation(path=where, expected="a key in the other region", urn=replication.urn)


RULE = StackRule(
    id="dr-s3-replication-complete",
    title="Replication of buckets leaves nothing out",
    why=(
        "Encrypted objects are skipped unless the rule says otherwise, and a paused rule "
        "says nothing."
    ),
    fix="leave the rules to BucketReplication",
    severity=HIGH,
    staging=OFF,
    judge=_complete,
    before="rules[0].status = Disabled",
    after="BucketArgs(replication=BucketReplication(…))",
)
