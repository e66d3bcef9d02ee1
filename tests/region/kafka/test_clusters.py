"""Clusters, configurations and topics with plain boto3; messages with confluent-kafka."""

import base64
import datetime as dt
import json
import os
import signal
from typing import Any

import pytest
from botocore.exceptions import ClientError
from confluent_kafka import Producer, TopicPartition
from confluent_kafka.admin import AdminClient
from support.databases import eventually, unique
from support.streams import active, consumer, make_cluster, make_topic, produce, read


def refused(call: Any, **parameters: Any) -> tuple[str, str]:
    with pytest.raises(ClientError) as caught:
        call(**parameters)
    error = caught.value.response["Error"]
    return error["Code"], error["Message"]


def test_a_cluster_has_a_broker_on_port_9092_for_each_node(region, cluster):
    assert cluster["ClusterArn"].startswith("arn:aws:kafka:us-east-1:000000000000:cluster/")
    brokers = cluster["bootstrap"].split(",")
    assert len(set(brokers)) == 3
    assert all(one.endswith(":9092") for one in brokers)
    metadata = AdminClient({"bootstrap.servers": brokers[0]}).list_topics(timeout=10)
    assert sorted(f"{one.host}:{one.port}" for one in metadata.brokers.values()) == sorted(brokers)
    nodes = region.client("kafka").list_nodes(ClusterArn=cluster["ClusterArn"])["NodeInfoList"]
    assert [node["BrokerNodeInfo"]["Endpoints"][0] for node in nodes] == brokers


def test_a_topic_has_the_partitions_and_replicas_that_were_asked_for(region, cluster):
    name = unique("events")
    make_topic(region, cluster, name)
    metadata = AdminClient({"bootstrap.servers": cluster["bootstrap"]}).list_topics(timeout=10)
    partitions = metadata.topics[name].partitions
    assert len(partitions) == 10
    assert {len(partition.replicas) for partition in partitions.values()} == {3}
    kafka = region.client("kafka")
    described = kafka.describe_topic(ClusterArn=cluster["ClusterArn"], TopicName=name)
    assert (described["PartitionCount"], described["ReplicationFactor"]) == (10, 3)
    pages = kafka.get_paginator("list_topics").paginate(ClusterArn=cluster["ClusterArn"])
    assert name in {topic["TopicName"] for page in pages for topic in page["Topics"]}
    rows = kafka.describe_topic_partitions(ClusterArn=cluster["ClusterArn"], TopicName=name)
    assert len(rows["Partitions"]) == 10


def test_every_message_is_read_once_by_a_group_of_two(region, cluster):
    name = unique("events")
    make_topic(region, cluster, name)
    sent = [f"event-{number}" for number in range(2000)]
    members = [consumer(cluster, f"group-{name}", name) for _ in range(2)]
    got: list[str] = []

    def step() -> list[int]:
        for member in members:
            got.extend(
                (message.value() or b"").decode()
                for message in member.consume(500, 0.2)
                if message.error() is None
            )
        return [len(member.assignment()) for member in members]

    # A rebalance in the middle would rightly deliver what was not committed yet again.
    assert eventually(step, lambda counts: counts == [5, 5]) == [5, 5]
    assert len(set(produce(cluster, name, sent))) == 10
    eventually(lambda: (step(), len(got))[1] >= 2000)
    assert sorted(got) == sorted(sent)
    for member in members:
        member.close()


def test_committed_offsets_are_remembered(region, cluster):
    name = unique("events")
    make_topic(region, cluster, name, partitions=1)
    produce(cluster, name, ["a", "b", "c"])
    first = consumer(cluster, f"group-{name}", name)
    read(first, lambda values: len(values) == 3)
    first.commit(asynchronous=False)
    first.close()
    produce(cluster, name, ["d"])
    second = consumer(cluster, f"group-{name}", name)
    assert read(second, bool) == ["d"]
    second.close()


def test_transactions_are_committed_whole(region, cluster):
    name = unique("events")
    make_topic(region, cluster, name, partitions=2)
    producer = Producer({"bootstrap.servers": cluster["bootstrap"], "transactional.id": name})
    producer.init_transactions(10)
    producer.begin_transaction()
    producer.produce(name, value="one")
    producer.produce(name, value="two")
    producer.commit_transaction(10)
    reader = consumer(cluster, f"group-{name}", name)
    assert sorted(read(reader, lambda values: len(values) == 2)) == ["one", "two"]
    reader.close()


def test_a_topic_gets_more_partitions_and_keeps_what_is_unread(region, cluster):
    name = unique("events")
    make_topic(region, cluster, name, partitions=2)
    produce(cluster, name, ["a", "b", "c", "d"])
    kafka = region.client("kafka")
    kafka.update_topic(ClusterArn=cluster["ClusterArn"], TopicName=name, PartitionCount=4)
    metadata = AdminClient({"bootstrap.servers": cluster["bootstrap"]}).list_topics(timeout=10)
    assert len(metadata.topics[name].partitions) == 4
    reader = consumer(cluster, f"group-{name}", name)
    assert sorted(read(reader, lambda values: len(values) == 4)) == ["a", "b", "c", "d"]
    reader.close()
    code, message = refused(
        kafka.update_topic, ClusterArn=cluster["ClusterArn"], TopicName=name, PartitionCount=1
    )
    assert code == "BadRequestException"
    assert "cannot be reduced" in message


def test_a_deleted_topic_is_gone_from_the_brokers(region, cluster):
    name = unique("events")
    make_topic(region, cluster, name)
    kafka = region.client("kafka")
    kafka.delete_topic(ClusterArn=cluster["ClusterArn"], TopicName=name)
    code, _ = refused(kafka.describe_topic, ClusterArn=cluster["ClusterArn"], TopicName=name)
    assert code == "NotFoundException"
    metadata = AdminClient({"bootstrap.servers": cluster["bootstrap"]}).list_topics(timeout=10)
    assert name not in metadata.topics


@pytest.mark.parametrize(
    ("change", "code", "words"),
    [
        ({"PartitionCount": 1001}, "BadRequestException", "partition count"),
        ({"ReplicationFactor": 4}, "BadRequestException", "Replication factor 4"),
        ({"TopicName": "not valid"}, "BadRequestException", "not valid"),
        ({"Configs": "{}"}, "BadRequestException", "Base64"),
    ],
)
def test_a_wrong_topic_is_refused(region, cluster, change, code, words):
    parameters = {
        "ClusterArn": cluster["ClusterArn"],
        "TopicName": unique("wrong"),
        "PartitionCount": 1,
        "ReplicationFactor": 1,
        **change,
    }
    got, message = refused(region.client("kafka").create_topic, **parameters)
    assert got == code
    assert words in message


def test_a_second_topic_of_the_same_name_is_refused(region, cluster):
    name = unique("events")
    make_topic(region, cluster, name)
    code, _ = refused(
        region.client("kafka").create_topic,
        ClusterArn=cluster["ClusterArn"],
        TopicName=name,
        PartitionCount=1,
        ReplicationFactor=1,
    )
    assert code == "TopicExistsException"


def test_topic_settings_are_kept(region, cluster):
    name = unique("events")
    configs = base64.b64encode(json.dumps({"retention.ms": "259200000"}).encode()).decode()
    kafka = region.client("kafka")
    kafka.create_topic(
        ClusterArn=cluster["ClusterArn"],
        TopicName=name,
        PartitionCount=1,
        ReplicationFactor=1,
        Configs=configs,
    )
    described = kafka.describe_topic(ClusterArn=cluster["ClusterArn"], TopicName=name)
    assert described["Configs"] == configs


def test_a_configuration_has_revisions_and_cannot_go_while_it_is_used(region):
    kafka = region.client("kafka")
    made = kafka.create_configuration(
        Name=unique("config"), ServerProperties=b"auto.create.topics.enable=false\n"
    )
    kafka.update_configuration(Arn=made["Arn"], ServerProperties=b"num.partitions=10\n")
    revisions = kafka.list_configuration_revisions(Arn=made["Arn"])["Revisions"]
    assert [one["Revision"] for one in revisions] == [1, 2]
    second = kafka.describe_configuration_revision(Arn=made["Arn"], Revision=2)
    assert second["ServerProperties"] == b"num.partitions=10\n"
    using = make_cluster(
        region, unique("configured"), ConfigurationInfo={"Arn": made["Arn"], "Revision": 1}
    )
    assert using["CurrentBrokerSoftwareInfo"]["ConfigurationArn"] == made["Arn"]
    code, _ = refused(kafka.delete_configuration, Arn=made["Arn"])
    assert code == "BadRequestException"
    kafka.delete_cluster(ClusterArn=using["ClusterArn"])
    eventually(
        lambda: (
            using["ClusterArn"]
            not in {one["ClusterArn"] for one in kafka.list_clusters()["ClusterInfoList"]}
        )
    )
    kafka.delete_configuration(Arn=made["Arn"])


def test_a_wrong_cluster_is_refused(region):
    kafka = region.client("kafka")
    group = {"InstanceType": "kafka.m5.large", "ClientSubnets": ["subnet-a", "subnet-b"]}
    code, message = refused(
        kafka.create_cluster,
        ClusterName=unique("odd"),
        KafkaVersion="3.6.0",
        NumberOfBrokerNodes=3,
        BrokerNodeGroupInfo=group,
    )
    assert (code, "multiple" in message) == ("BadRequestException", True)
    code, message = refused(
        kafka.create_cluster,
        ClusterName=unique("old"),
        KafkaVersion="0.8",
        NumberOfBrokerNodes=2,
        BrokerNodeGroupInfo=group,
    )
    assert (code, "0.8" in message) == ("BadRequestException", True)


def test_more_brokers_can_be_added_and_unread_messages_stay(region):
    cluster = make_cluster(region, unique("growing"))
    make_topic(region, cluster, "events")
    produce(cluster, "events", [f"event-{number}" for number in range(100)])
    kafka = region.client("kafka")
    answer = kafka.update_broker_count(
        ClusterArn=cluster["ClusterArn"],
        CurrentVersion=cluster["CurrentVersion"],
        TargetNumberOfBrokerNodes=6,
    )
    operation = eventually(
        lambda: kafka.describe_cluster_operation(ClusterOperationArn=answer["ClusterOperationArn"])[
            "ClusterOperationInfo"
        ],
        lambda seen: seen["OperationState"] != "UPDATE_IN_PROGRESS",
    )
    assert operation["OperationState"] == "UPDATE_COMPLETE"
    grown = active(region, cluster["ClusterArn"])
    assert len(grown["bootstrap"].split(",")) == 6
    assert grown["bootstrap"].startswith(cluster["bootstrap"])
    reader = consumer(grown, "readers", "events")
    assert len(read(reader, lambda values: len(values) == 100)) == 100
    reader.close()
    kafka.delete_cluster(ClusterArn=cluster["ClusterArn"])


def test_killed_brokers_come_back_where_they_were_with_their_topics(region):
    name = unique("killed")
    cluster = make_cluster(region, name)
    make_topic(region, cluster, "events")
    process = next(
        one for one in region.controller.processes() if one["name"] == f"kafka/us-east-1/{name}"
    )
    os.kill(process["pid"], signal.SIGKILL)
    produce(cluster, "events", ["after"])
    reader = consumer(cluster, "readers", "events")
    assert read(reader, bool) == ["after"]
    reader.close()
    region.client("kafka").delete_cluster(ClusterArn=cluster["ClusterArn"])


def test_lag_and_traffic_reach_cloudwatch(region, cluster):
    name, group = unique("events"), unique("readers")
    make_topic(region, cluster, name, partitions=2)
    produce(cluster, name, [f"event-{number}" for number in range(50)])
    reader = consumer(cluster, group, name)
    read(reader, lambda values: len(values) == 50)
    reader.commit(
        offsets=[TopicPartition(name, 0, 1), TopicPartition(name, 1, 1)], asynchronous=False
    )
    reader.close()
    cloudwatch = region.client("cloudwatch")

    def latest(metric: str, dimensions: dict[str, str]) -> list[float]:
        answer = cloudwatch.get_metric_data(
            MetricDataQueries=[
                {
                    "Id": "one",
                    "MetricStat": {
                        "Metric": {
                            "Namespace": "AWS/Kafka",
                            "MetricName": metric,
                            "Dimensions": [
                                {"Name": key, "Value": value} for key, value in dimensions.items()
                            ],
                        },
                        "Period": 60,
                        "Stat": "Maximum",
                    },
                }
            ],
            StartTime=cluster["CreationTime"],
            EndTime=cluster["CreationTime"] + dt.timedelta(hours=1),
        )
        return answer["MetricDataResults"][0]["Values"]

    place = {"Cluster Name": cluster["ClusterName"], "Topic": name}
    eventually(lambda: 48.0 in latest("SumOffsetLag", {**place, "Consumer Group": group}))
    eventually(lambda: any(value > 0 for value in latest("MessagesInPerSec", place)))


def test_tags_can_be_added_listed_and_removed(region, cluster):
    kafka, arn = region.client("kafka"), cluster["ClusterArn"]
    kafka.tag_resource(ResourceArn=arn, Tags={"team": "data", "tier": "one"})
    kafka.untag_resource(ResourceArn=arn, TagKeys=["tier"])
    assert kafka.list_tags_for_resource(ResourceArn=arn)["Tags"] == {"team": "data"}
    assert kafka.describe_cluster(ClusterArn=arn)["ClusterInfo"]["Tags"] == {"team": "data"}
