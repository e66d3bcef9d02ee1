"""Streams are encrypted."""

from platformctl.policies.rule import HIGH, Rule
from platformctl.policies.vocabulary import all_of, given, one_of

RULE = Rule(
    id="kinesis-encrypted",
    title="Streams are encrypted",
    why="Records lie on disk for as long as the stream keeps them.",
    fix="give KinesisStream a `key_arn`",
    severity=HIGH,
    types=("aws:kinesis/stream:Stream",),
    judge=all_of(one_of("encryptionType", "KMS"), given("kmsKeyId")),
    before={"encryptionType": "NONE"},
    after={"encryptionType": "KMS", "kmsKeyId": "alias/aws/kinesis"},
)
