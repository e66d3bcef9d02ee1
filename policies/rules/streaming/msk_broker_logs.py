"""Brokers write logs."""

from platformctl.policies.rule import ADVISORY, MEDIUM, Rule
from platformctl.policies.vocabulary import any_of, true

RULE = Rule(
    id="msk-broker-logs",
    title="Brokers write logs",
    why="Without them nobody can tell why a partition moved.",
    fix="leave the broker logs to KafkaCluster",
    severity=MEDIUM,
    staging=ADVISORY,
    types=("aws:msk/cluster:Cluster",),
    judge=any_of(
        true("loggingInfo.brokerLogs.cloudwatchLogs.enabled"),
        true("loggingInfo.brokerLogs.s3.enabled"),
        true("loggingInfo.brokerLogs.firehose.enabled"),
    ),
    before={"clusterName": "events"},
    after={
        "loggingInfo": {
            "brokerLogs": {"cloudwatchLogs": {"enabled": True, "logGroup": "/msk/events"}}
        }
    },
)
