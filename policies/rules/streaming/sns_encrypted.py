"""Topics are encrypted."""

from platformctl.policies.rule import ADVISORY, MEDIUM, Rule
from platformctl.policies.vocabulary import given

RULE = Rule(
    id="sns-encrypted",
    title="Topics are encrypted",
    why="Alarms name systems and people.",
    fix="give Alerts a `key_arn`",
    severity=MEDIUM,
    staging=ADVISORY,
    types=("aws:sns/topic:Topic",),
    judge=given("kmsMasterKeyId"),
    before={"name": "alerts"},
    after={"kmsMasterKeyId": "alias/aws/sns"},
)
