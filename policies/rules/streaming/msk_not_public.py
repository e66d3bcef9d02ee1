"""Kafka has no public address."""

from platformctl.policies.rule import CRITICAL, Rule
from platformctl.policies.vocabulary import one_of

RULE = Rule(
    id="msk-not-public",
    title="Kafka has no public address",
    why="Brokers on the internet are found and tried.",
    fix="leave the connectivity to KafkaCluster",
    severity=CRITICAL,
    types=("aws:msk/cluster:Cluster",),
    judge=one_of(
        "brokerNodeGroupInfo.connectivityInfo.publicAccess.type", "DISABLED", missing=True
    ),
    before={
        "brokerNodeGroupInfo": {
            "connectivityInfo": {"publicAccess": {"type": "SERVICE_PROVIDED_EIPS"}}
        }
    },
    after={"brokerNodeGroupInfo": {"connectivityInfo": {"publicAccess": {"type": "DISABLED"}}}},
)
