"""Kafka replication takes consumer groups along."""

from collections.abc import Iterator

from platformctl.policies import tokens
from platformctl.policies.rule import ADVISORY, HIGH, OFF, Problem, StackRule, Violation
from platformctl.policies.settings import Settings
from platformctl.policies.values import MISSING, peek
from platformctl.policies.view import StackView

_LIST = "replicationInfoList"
_GROUPS = f"{_LIST}.consumerGroupReplications[]"
_TOPICS = f"{_LIST}.topicReplications[]"


def _covered(stack: StackView, settings: Settings) -> Iterator[Problem]:
    del settings
    for replicator in stack.all(tokens.REPLICATOR):
        groups = replicator.each(_GROUPS)
        if not groups:
            yield Violation(path=_GROUPS, expected="the groups to replicate", urn=replicator.urn)
        for match in groups:
            (synchronised,) = peek(match.value, "synchroniseConsumerGroupOffsets")
            if synchronised.value is False:
                path = f"{match.path}.synchroniseConsumerGroupOffsets"
                yield Violation(path=path, found=False, expected="true", urn=replicator.urn)
        for match in replicator.each(_TOPICS):
            (position,) = peek(match.value, "startingPosition")
            if position.value is MISSING:
                path = f"{match.path}.startingPosition"
                yield Violation(path=path, expected="EARLIEST or LATEST", urn=replicator.urn)


RULE = StackRule(
    id="msk-replication-covers-groups",
    title="Kafka replication takes consumer groups along",
    why="Without their offsets, consumers start over, or at the end.",
    fix="leave topics and groups to KafkaReplicator",
    severity=HIGH,
    staging=OFF,
    production=ADVISORY,
    judge=_covered,
    before="topics only",
    after="KafkaReplicator(…)",
)
