"""Kafka asks who connects."""

from platformctl.policies.rule import HIGH, Rule
from platformctl.policies.vocabulary import all_of, any_of, given, not_true, true

RULE = Rule(
    id="msk-authenticated",
    title="Kafka asks who connects",
    why="Whatever gets into the network can read and write every topic.",
    fix="keep `authentication` of KafkaCluster at `iam`",
    severity=HIGH,
    types=("aws:msk/cluster:Cluster",),
    judge=all_of(
        not_true("clientAuthentication.unauthenticated"),
        any_of(
            true("clientAuthentication.sasl.iam"),
            true("clientAuthentication.sasl.scram"),
            given("clientAuthentication.tls.certificateAuthorityArns"),
        ),
    ),
    before={"clientAuthentication": {"unauthenticated": True}},
    after={"clientAuthentication": {"unauthenticated": False, "sasl": {"iam": True}}},
)
