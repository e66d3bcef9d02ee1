"""Rule, answer, properties, and the type where it is not the rule's first."""

import json

UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9"
TRANSIT, ENTRY = "msk-encrypted-in-transit", "msk-authenticated"


def policy(**said):
    statement = {"Effect": "Allow", "Principal": "*", "Action": "*", "Resource": "*", **said}
    return {"policy": json.dumps({"Statement": [statement]})}


CASES = [
    ("kinesis-encrypted", "violates", {}, ""),
    ("kinesis-encrypted", "violates", {"encryptionType": "KMS"}, ""),
    ("kinesis-encrypted", "complies", {"encryptionType": "KMS", "kmsKeyId": UNKNOWN}, ""),
    ("kinesis-encrypted", "unknown", {"encryptionType": UNKNOWN, "kmsKeyId": "k"}, ""),
    ("kinesis-retention", "complies", {}, ""),
    ("kinesis-retention", "unknown", {"retentionPeriod": UNKNOWN}, ""),
    (TRANSIT, "complies", {}, ""),
    (TRANSIT, "violates", {"encryptionInfo": {"encryptionInTransit": {"inCluster": False}}}, ""),
    (TRANSIT, "unknown", {"encryptionInfo": UNKNOWN}, ""),
    ("msk-not-public", "complies", {}, ""),
    ("msk-not-public", "unknown", {"brokerNodeGroupInfo": UNKNOWN}, ""),
    (ENTRY, "violates", {}, ""),
    (
        ENTRY,
        "violates",
        {"clientAuthentication": {"unauthenticated": True, "sasl": {"iam": True}}},
        "",
    ),
    (ENTRY, "unknown", {"clientAuthentication": UNKNOWN}, ""),
    ("msk-broker-logs", "complies", {"loggingInfo": {"brokerLogs": {"s3": {"enabled": True}}}}, ""),
    ("msk-broker-logs", "unknown", {"loggingInfo": UNKNOWN}, ""),
    ("sqs-encrypted", "complies", {}, ""),
    ("sqs-encrypted", "complies", {"sqsManagedSseEnabled": False, "kmsMasterKeyId": "k"}, ""),
    ("sqs-encrypted", "unknown", {"sqsManagedSseEnabled": UNKNOWN}, ""),
    ("sqs-policy-not-public", "violates", policy(), "aws:sqs/queue:Queue"),
    ("sqs-policy-not-public", "complies", {}, "aws:sqs/queue:Queue"),
    ("sqs-policy-not-public", "unknown", {"policy": UNKNOWN}, ""),
    ("sns-encrypted", "violates", {}, ""),
    ("sns-encrypted", "complies", {"kmsMasterKeyId": UNKNOWN}, ""),
    ("sns-policy-not-public", "violates", policy(), "aws:sns/topic:Topic"),
    (
        "sns-policy-not-public",
        "complies",
        policy(Condition={"StringEquals": {"AWS:SourceOwner": "000000000000"}}),
        "",
    ),
    ("sns-policy-not-public", "unknown", {"policy": UNKNOWN}, ""),
]
