"""Tables refuse to be deleted."""

from platformctl.policies.rule import MEDIUM, OFF, Rule
from platformctl.policies.vocabulary import true

RULE = Rule(
    id="dynamodb-deletion-protection",
    title="Tables refuse to be deleted",
    why="A renamed resource deletes the table.",
    fix="keep `deletion_protection=True` of DynamoTable",
    severity=MEDIUM,
    staging=OFF,
    types=("aws:dynamodb/table:Table",),
    judge=true("deletionProtectionEnabled"),
    before={"deletionProtectionEnabled": False},
    after={"deletionProtectionEnabled": True},
)
