"""Kinesis streams, Kafka for production, and its replication to another region."""

import pytest
from support.component_examples import EXAMPLES, KAFKA
from support.paper import document


def test_a_stream_is_encrypted_kept_for_a_week_and_on_demand(paper):
    stream = paper.up(EXAMPLES["KinesisStream"]).one("Stream", "it")

    assert stream.protect
    assert stream.inputs["encryptionType"] == "KMS"
    assert stream.inputs["retentionPeriod"] == 168
    assert stream.inputs["streamModeDetails"] == {"streamMode": "ON_DEMAND"}
    assert "shardCount" not in stream.inputs


def test_the_shards_of_a_stream_change_in_place(paper):
    source = 'KinesisStream("it", KinesisStreamArgs(stream_name="it", shards={shards}))'
    paper.up(source.format(shards=2))

    assert paper.preview(source.format(shards=4)).changes.keys() <= {"same", "update"}


def test_a_replicated_cluster_lets_kafka_in_from_elsewhere_and_nobody_else(paper):
    plan = paper.up(KAFKA.format(more="replicated=True"))
    connectivity = plan.one("msk/cluster:Cluster", "it").inputs["brokerNodeGroupInfo"]
    (statement,) = document(plan.one("ClusterPolicy", "it-policy").inputs["policy"])["Statement"]

    assert connectivity["connectivityInfo"] == {
        "publicAccess": {"type": "DISABLED"},
        "vpcConnectivity": {"clientAuthentication": {"sasl": {"iam": True}}},
    }
    assert statement["Principal"] == {"Service": "kafka.amazonaws.com"}
    assert "kafka:CreateVpcConnection" in statement["Action"]


def test_storage_that_grows_by_itself_is_not_shrunk_by_the_program(paper):
    paper.up(KAFKA.format(more="volume_size_maximum=1000"))
    grown = KAFKA.format(more="volume_size_maximum=1000, volume_size=200")

    assert paper.preview(grown).changes.keys() == {"same"}


def test_a_replicator_copies_names_settings_and_positions(paper):
    plan = paper.up(EXAMPLES["KafkaReplicator"])
    inputs = plan.one("Replicator", "it").inputs["replicationInfoList"]
    (topics,), (groups,) = inputs["topicReplications"], inputs["consumerGroupReplications"]

    assert topics["topicNameConfiguration"] == {"type": "IDENTICAL"}
    assert topics["startingPosition"] == {"type": "EARLIEST"}
    assert groups["synchroniseConsumerGroupOffsets"] is True
    policy = document(plan.one("RolePolicy", "it-role-policy").inputs["policy"])
    resources = [each for statement in policy["Statement"] for each in statement["Resource"]]
    assert "arn:aws:kafka:us-west-2:1:topic/a/2/*" in resources
    assert not any(each == "*" for each in resources)


@pytest.mark.parametrize(
    ("source", "sentence"),
    [
        ('KinesisStream("it", KinesisStreamArgs(stream_name="a b"))', "stream_name is 'a b'"),
        (
            'KinesisStream("it", KinesisStreamArgs(stream_name="it", retention_hours=12))',
            "retention_hours is 12: must be 24 to 8760",
        ),
        (
            KAFKA.format(more='replicated=True, authentication="tls"'),
            "replicated needs authentication 'iam', not 'tls'",
        ),
        (KAFKA.format(more="volume_size=20000"), "volume_size is 20000: must be 1 to 16384"),
    ],
)
def test_mistakes_are_named(paper, source, sentence):
    with pytest.raises(Exception, match="cannot be made") as caught:
        paper.up(source)

    assert sentence in str(caught.value)
