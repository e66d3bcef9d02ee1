"""Logs are kept for a set time."""

from platformctl.policies.rule import MEDIUM, Rule
from platformctl.policies.vocabulary import at_least, one_of

RULE = Rule(
    id="log-group-retention",
    title="Logs are kept for a set time",
    why=(
        "Without a retention period logs cost for ever; with too short a one there is "
        "nothing left to look into."
    ),
    fix="raise `retention_days` of LogGroup (`log_retention_days` elsewhere)",
    severity=MEDIUM,
    types=("aws:cloudwatch/logGroup:LogGroup",),
    judge=at_least("retentionInDays", "log_retention_days"),
    unless=one_of("logGroupClass", "DELIVERY"),
    before={"name": "/ecs/web"},
    after={"retentionInDays": 365},
)
