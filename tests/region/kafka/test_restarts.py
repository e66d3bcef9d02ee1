"""What a stop of the region and an outage of one region name leave of a stream."""

from pathlib import Path

import pytest
from confluent_kafka import KafkaException
from confluent_kafka.admin import AdminClient
from support.databases import unique
from support.region import running_region
from support.streams import active, consumer, make_cluster, make_topic, produce, read


def test_unread_messages_topics_and_addresses_outlast_a_stop_of_the_region(tmp_path: Path):
    with running_region(tmp_path) as region:
        cluster = make_cluster(region, unique("kept"))
        make_topic(region, cluster, "events", partitions=3)
        produce(cluster, "events", ["read-1", "read-2", "read-3"])
        reader = consumer(cluster, "readers", "events")
        read(reader, lambda values: len(values) == 3)
        reader.commit(asynchronous=False)
        reader.close()
        produce(cluster, "events", ["unread-1", "unread-2"])

        region.stop()
        region.start()

        again = active(region, cluster["ClusterArn"])
        assert again["bootstrap"] == cluster["bootstrap"]
        metadata = AdminClient({"bootstrap.servers": again["bootstrap"]}).list_topics(timeout=10)
        assert len(metadata.topics["events"].partitions) == 3
        reader = consumer(again, "readers", "events")
        assert sorted(read(reader, lambda values: len(values) >= 2)) == ["unread-1", "unread-2"]
        reader.close()


def test_an_outage_of_one_region_leaves_the_other_and_ends_with_the_unread_messages(tmp_path: Path):
    with running_region(tmp_path) as region:
        east = make_cluster(region, "east")
        west = make_cluster(region, "west", "us-west-2")
        produce(east, "events", ["from the east"])
        produce(west, "events", ["from the west"])
        region.controller.stop_region("us-east-1")
        with pytest.raises(KafkaException):
            AdminClient({"bootstrap.servers": east["bootstrap"]}).list_topics(timeout=0.5)
        reader = consumer(west, "readers", "events")
        assert read(reader, bool) == ["from the west"]
        reader.close()
        region.controller.start_region("us-east-1")
        reader = consumer(active(region, east["ClusterArn"]), "readers", "events")
        assert read(reader, bool) == ["from the east"]
        reader.close()
