"""Streams keep records long enough to repair their reader."""

from platformctl.policies.rule import ADVISORY, MEDIUM, Rule
from platformctl.policies.vocabulary import at_least

RULE = Rule(
    id="kinesis-retention",
    title="Streams keep records long enough to repair their reader",
    why="What expires before the reader works again is lost.",
    fix="raise `retention_hours` of KinesisStream",
    severity=MEDIUM,
    staging=ADVISORY,
    types=("aws:kinesis/stream:Stream",),
    judge=at_least("retentionPeriod", "stream_retention_hours", missing=24),
    before={"retentionPeriod": 12},
    after={"retentionPeriod": 168},
)
