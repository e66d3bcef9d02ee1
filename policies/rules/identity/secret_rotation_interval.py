"""Secrets rotate every 90 days."""

from platformctl.policies.rule import ADVISORY, MEDIUM, Rule
from platformctl.policies.vocabulary import any_of, at_most, given

RULE = Rule(
    id="secret-rotation-interval",
    title="Secrets rotate every 90 days",
    why="A stolen password stops working by itself.",
    fix="set the days of SecretRotation to 90 or less",
    severity=MEDIUM,
    staging=ADVISORY,
    types=("aws:secretsmanager/secretRotation:SecretRotation",),
    judge=any_of(
        at_most("rotationRules.automaticallyAfterDays", "secret_rotation_days"),
        given("rotationRules.scheduleExpression"),
    ),
    before={"rotationRules": {"automaticallyAfterDays": 365}},
    after={"rotationRules": {"automaticallyAfterDays": 30}},
)
