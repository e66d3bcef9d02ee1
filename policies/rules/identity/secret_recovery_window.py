"""Deleted secrets can be brought back."""

from platformctl.policies.rule import MEDIUM, OFF, Rule
from platformctl.policies.vocabulary import at_least

RULE = Rule(
    id="secret-recovery-window",
    title="Deleted secrets can be brought back",
    why="A secret deleted at once takes every service that reads it down.",
    fix="leave the recovery window to StoredSecret",
    severity=MEDIUM,
    staging=OFF,
    types=("aws:secretsmanager/secret:Secret",),
    judge=at_least("recoveryWindowInDays", 7, missing=30),
    before={"recoveryWindowInDays": 0},
    after={"recoveryWindowInDays": 30},
)
