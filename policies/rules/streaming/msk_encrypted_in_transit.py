"""Kafka speaks TLS only."""

from platformctl.policies.rule import HIGH, Rule
from platformctl.policies.vocabulary import all_of, not_false, one_of

RULE = Rule(
    id="msk-encrypted-in-transit",
    title="Kafka speaks TLS only",
    why="Events would travel in the clear.",
    fix="keep `authentication` of KafkaCluster at `iam` or `tls`",
    severity=HIGH,
    types=("aws:msk/cluster:Cluster",),
    judge=all_of(
        one_of("encryptionInfo.encryptionInTransit.clientBroker", "TLS", missing=True),
        not_false("encryptionInfo.encryptionInTransit.inCluster"),
    ),
    before={
        "encryptionInfo": {
            "encryptionInTransit": {"clientBroker": "TLS_PLAINTEXT", "inCluster": True}
        }
    },
    after={"encryptionInfo": {"encryptionInTransit": {"clientBroker": "TLS", "inCluster": True}}},
)
