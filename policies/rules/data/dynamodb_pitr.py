"""Tables can go back to any second."""

from platformctl.policies.rule import ADVISORY, HIGH, Rule
from platformctl.policies.vocabulary import all_of, true

RULE = Rule(
    id="dynamodb-pitr",
    title="Tables can go back to any second",
    why="A bug that overwrites items needs a way back.",
    fix="leave point-in-time recovery to DynamoTable",
    severity=HIGH,
    staging=ADVISORY,
    types=("aws:dynamodb/table:Table",),
    judge=all_of(true("pointInTimeRecovery.enabled"), true("replicas[].pointInTimeRecovery")),
    before={"pointInTimeRecovery": {"enabled": False}},
    after={"pointInTimeRecovery": {"enabled": True}},
)
