"""Keys can be saved for two weeks."""

from platformctl.policies.rule import ADVISORY, HIGH, Rule
from platformctl.policies.vocabulary import at_least

RULE = Rule(
    id="kms-deletion-window",
    title="Keys can be saved for two weeks",
    why="A deleted key takes everything encrypted with it along.",
    fix="raise `deletion_window_days` of Keys",
    severity=HIGH,
    staging=ADVISORY,
    types=("aws:kms/key:Key", "aws:kms/replicaKey:ReplicaKey"),
    judge=at_least("deletionWindowInDays", "key_deletion_days", missing=30),
    before={"deletionWindowInDays": 2},
    after={"deletionWindowInDays": 30},
)
