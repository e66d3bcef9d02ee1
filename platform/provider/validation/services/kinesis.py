"""Kinesis streams."""

from platformctl.provider.validation.rules import Length, OneOf, Pattern, Range, Row, When

METRICS = (
    "ALL",
    "IncomingBytes",
    "IncomingRecords",
    "OutgoingBytes",
    "OutgoingRecords",
    "WriteProvisionedThroughputExceeded",
    "ReadProvisionedThroughputExceeded",
    "IteratorAgeMilliseconds",
)

ROWS = {
    "aws:kinesis/stream:Stream": Row(
        "kinesis/stream.go",
        (
            Length("name", 1, 128),
            Pattern("name", r"[\w.-]+"),
            Range("retentionPeriod", 24, 8760),
            OneOf("shardLevelMetrics[]", METRICS),
            OneOf("encryptionType", ("NONE", "KMS")),
            When("encryptionType", ("KMS",), needs=("kmsKeyId",)),
            OneOf("streamModeDetails.streamMode", ("PROVISIONED", "ON_DEMAND")),
            When("streamModeDetails.streamMode", ("ON_DEMAND",), excludes=("shardCount",)),
            When("streamModeDetails.streamMode", ("PROVISIONED", None), needs=("shardCount",)),
            Range("shardCount", 1),
        ),
    ),
}
