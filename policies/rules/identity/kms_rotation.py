"""Keys rotate every year."""

from platformctl.policies.rule import HIGH, Rule
from platformctl.policies.vocabulary import must, true

RULE = Rule(
    id="kms-rotation",
    title="Keys rotate every year",
    why="What was encrypted with a leaked key is bounded by the year.",
    fix="make the key with Keys",
    severity=HIGH,
    types=("aws:kms/key:Key",),
    judge=true("enableKeyRotation"),
    unless=must(
        "customerMasterKeySpec", lambda spec: spec != "SYMMETRIC_DEFAULT", "an asymmetric key"
    ),
    before={"enableKeyRotation": False},
    after={"enableKeyRotation": True},
)
