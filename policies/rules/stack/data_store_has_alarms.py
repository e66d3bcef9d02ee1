"""Every data store has alarms on how it runs out."""

from collections.abc import Iterator, Mapping, Sequence

from platformctl.policies import tokens
from platformctl.policies.relations import in_recovery, watched
from platformctl.policies.rule import ADVISORY, HIGH, Problem, StackRule, Violation
from platformctl.policies.settings import Settings
from platformctl.policies.values import MISSING
from platformctl.policies.view import ResourceView, StackView

_METRICS: Mapping[str, Sequence[Sequence[str]]] = {
    tokens.RDS_INSTANCE: (("CPUUtilization",), ("FreeStorageSpace",), ("DatabaseConnections",)),
    tokens.KAFKA: (("KafkaDataLogsDiskUsed",), ("OfflinePartitionsCount",)),
    tokens.STREAM: (("GetRecords.IteratorAgeMilliseconds", "IteratorAge"),),
    tokens.TABLE: (
        ("ThrottledRequests", "ReadThrottleEvents", "ReadThrottledRequests", "UserErrors"),
    ),
    tokens.FUNCTION: (("Errors",), ("Throttles",)),
    tokens.CACHE: (("Evictions",),),
    tokens.DOCUMENTS: (("CPUUtilization",), ("DatabaseConnections",)),
}
"""Type → metrics, of which one of each group needs an alarm."""


def _watched(stack: StackView, settings: Settings) -> Iterator[Problem]:
    for kind, groups in _METRICS.items():
        for store in stack.all(kind):
            if in_recovery(store, settings):
                continue
            has = watched(store, stack)
            wanted = [*groups, ("ReplicaLag",)] if _is_replica(store) else groups
            absent = [group[0] for group in wanted if not has.intersection(group)]
            if absent:
                found = f"none on {', '.join(absent)}"
                yield Violation(found=found, expected="an alarm on each", urn=store.urn)


def _is_replica(store: ResourceView) -> bool:
    return store.type == tokens.RDS_INSTANCE and store.get("replicateSourceDb") is not MISSING


RULE = StackRule(
    id="data-store-has-alarms",
    title="Every data store has alarms on how it runs out",
    why="Storage, connections and lag end slowly, then all at once.",
    fix="give Alarms the metrics that are named",
    severity=HIGH,
    staging=ADVISORY,
    judge=_watched,
    before="KafkaCluster(…) without Alarms",
    after="Alarms(…) on KafkaDataLogsDiskUsed and OfflinePartitionsCount",
)
