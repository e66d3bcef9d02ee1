"""Queues are encrypted."""

from platformctl.policies.rule import MEDIUM, Rule
from platformctl.policies.vocabulary import any_of, given, not_false

RULE = Rule(
    id="sqs-encrypted",
    title="Queues are encrypted",
    why="Messages lie on disk until somebody reads them.",
    fix="leave the encryption to Queue",
    severity=MEDIUM,
    types=("aws:sqs/queue:Queue",),
    judge=any_of(given("kmsMasterKeyId"), not_false("sqsManagedSseEnabled")),
    before={"sqsManagedSseEnabled": False},
    after={"sqsManagedSseEnabled": True},
)
