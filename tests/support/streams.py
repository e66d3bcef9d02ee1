"""What tests of Kafka in the local region share."""

import time
from collections.abc import Callable, Sequence
from typing import Any

from confluent_kafka import Consumer, Message, Producer
from support.databases import eventually
from support.region import RunningRegion


def make_cluster(
    region: RunningRegion, name: str, where: str = "us-east-1", brokers: int = 3, **more: Any
) -> dict[str, Any]:
    """Create a cluster and wait until it is active; `bootstrap` is what clients need."""
    kafka = region.client("kafka", where)
    arn = kafka.create_cluster(
        ClusterName=name,
        KafkaVersion="3.6.0",
        NumberOfBrokerNodes=brokers,
        BrokerNodeGroupInfo={
            "InstanceType": "kafka.m5.large",
            "ClientSubnets": ["subnet-a", "subnet-b", "subnet-c"],
            "StorageInfo": {"EbsStorageInfo": {"VolumeSize": 100}},
        },
        **more,
    )["ClusterArn"]
    return active(region, arn, where)


def active(region: RunningRegion, arn: str, where: str = "us-east-1") -> dict[str, Any]:
    """Wait until a cluster is active; return its description with `bootstrap`."""
    kafka = region.client("kafka", where)
    info = eventually(
        lambda: kafka.describe_cluster(ClusterArn=arn)["ClusterInfo"],
        lambda seen: seen["State"] in {"ACTIVE", "FAILED"},
    )
    assert info["State"] == "ACTIVE", info["StateInfo"]
    answer = kafka.get_bootstrap_brokers(ClusterArn=arn)
    (bootstrap,) = (answer[key] for key in answer if key.startswith("BootstrapBrokerString"))
    return {**info, "bootstrap": bootstrap}


def make_topic(
    region: RunningRegion, cluster: dict[str, Any], name: str, partitions: int = 10
) -> None:
    """Create a topic with three replicas through the MSK API."""
    region.client("kafka").create_topic(
        ClusterArn=cluster["ClusterArn"],
        TopicName=name,
        PartitionCount=partitions,
        ReplicationFactor=3,
    )


def produce(cluster: dict[str, Any], topic: str, values: Sequence[str], **more: Any) -> list[int]:
    """Send messages as a careful producer does; return the partitions they went to."""
    failures: list[Any] = []
    partitions: list[int] = []

    def delivered(error: Any, message: Message) -> None:
        if error is not None:
            failures.append(error)
        partitions.append(message.partition() or 0)

    producer = Producer(
        {
            "bootstrap.servers": cluster["bootstrap"],
            "enable.idempotence": True,
            "compression.type": "lz4",
            **more,
        }
    )
    for value in values:
        producer.produce(topic, value=value, key=value, on_delivery=delivered)
    assert producer.flush(30) == 0
    assert failures == []
    return partitions


def consumer(cluster: dict[str, Any], group: str, topic: str, **more: Any) -> Consumer:
    """Return a member of a group that commits by hand."""
    made = Consumer(
        {
            "bootstrap.servers": cluster["bootstrap"],
            "group.id": group,
            "auto.offset.reset": "earliest",
            "enable.auto.commit": False,
            # The brokers let a group rebalance for a second less than this.
            "session.timeout.ms": 2000,
            "heartbeat.interval.ms": 500,
            **more,
        }
    )
    made.subscribe([topic])
    return made


def read(member: Consumer, enough: Callable[[list[str]], bool], seconds: float = 90.0) -> list[str]:
    """Read values until there are enough.

    Raises:
        AssertionError: There never were.
    """
    values: list[str] = []
    deadline = time.monotonic() + seconds
    while not enough(values):
        assert time.monotonic() < deadline, f"only {len(values)} messages after {seconds} s"
        good = [one for one in member.consume(500, 0.5) if one.error() is None]
        values.extend((message.value() or b"").decode() for message in good)
    return values
