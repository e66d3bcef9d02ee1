"""Topics, really created on the brokers with their partitions and replication factor."""

import base64
import binascii
import json
import re
from typing import Any

from platformctl.errors import RegionError
from platformctl.region.services.base import Call, ServiceError
from platformctl.region.services.kafka.configurations import ConfigurationOperations
from platformctl.region.services.kafka.records import wrong

_NAME = re.compile(r"^[A-Za-z0-9._-]{1,249}$")
_MOST_PARTITIONS = 1000


class TopicOperations(ConfigurationOperations):
    """The operations on topics."""

    async def create_topic(self, call: Call) -> dict[str, Any]:
        """Create a topic."""
        asked = call.parameters
        cluster = self.active_cluster(call.region, asked["ClusterArn"])
        arn, name = asked["ClusterArn"], asked["TopicName"]
        if not _NAME.match(name):
            raise wrong(f"Topic name {name!r} is not valid: letters, digits, '.', '_' and '-'.")
        if name in self.topics_of(call.region, arn):
            raise ServiceError("TopicExistsException", f"Topic '{name}' already exists.", 409)
        _check_count(asked["PartitionCount"])
        brokers = cluster["info"]["NumberOfBrokerNodes"]
        if not 1 <= asked["ReplicationFactor"] <= brokers:
            raise wrong(
                f"Replication factor {asked['ReplicationFactor']} does not fit {brokers} brokers."
            )
        topic_arn = self.topic_arn(arn, name)
        self.table(call.region, "topics")[topic_arn] = {
            "ClusterArn": arn,
            "TopicArn": topic_arn,
            "TopicName": name,
            "PartitionCount": asked["PartitionCount"],
            "ReplicationFactor": asked["ReplicationFactor"],
            "Configs": _checked_configs(asked.get("Configs")),
        }
        try:
            await self.changed_topics(call.region, arn)
        except RegionError as error:
            del self.table(call.region, "topics")[topic_arn]
            raise ServiceError("KafkaRequestException", str(error), 400) from error
        return {"TopicArn": topic_arn, "TopicName": name, "Status": "CREATING"}

    def describe_topic(self, call: Call) -> dict[str, Any]:
        """Describe a topic."""
        topic = self._topic(call)
        kept = ("TopicArn", "TopicName", "PartitionCount", "ReplicationFactor", "Configs")
        return {**{key: topic[key] for key in kept}, "Status": "ACTIVE"}

    def list_topics(self, call: Call) -> dict[str, Any]:
        """List the topics of a cluster, those whose name contains the filter."""
        arn = call.parameters["ClusterArn"]
        self.cluster(call.region, arn)
        wanted = call.parameters.get("TopicNameFilter") or ""
        kept = ("TopicArn", "TopicName", "PartitionCount", "ReplicationFactor")
        return {
            "Topics": [
                {**{key: topic[key] for key in kept}, "OutOfSyncReplicaCount": 0}
                for name, topic in sorted(self.topics_of(call.region, arn).items())
                if wanted in name
            ]
        }

    async def update_topic(self, call: Call) -> dict[str, Any]:
        """Change a topic's settings, or give it more partitions."""
        topic = dict(self._topic(call))
        count = call.parameters.get("PartitionCount")
        if count is not None:
            _check_count(count)
            if count < topic["PartitionCount"]:
                raise wrong(
                    f"Topic {topic['TopicName']} has {topic['PartitionCount']} partitions; their "
                    "number cannot be reduced."
                )
            topic["PartitionCount"] = count
        if call.parameters.get("Configs") is not None:
            topic["Configs"] = _checked_configs(call.parameters["Configs"])
        before = self.table(call.region, "topics")[topic["TopicArn"]]
        self.table(call.region, "topics")[topic["TopicArn"]] = topic
        try:
            await self.changed_topics(call.region, topic["ClusterArn"])
        except RegionError as error:
            self.table(call.region, "topics")[topic["TopicArn"]] = before
            raise ServiceError("KafkaRequestException", str(error), 400) from error
        name = topic["TopicName"]
        return {"TopicArn": topic["TopicArn"], "TopicName": name, "Status": "UPDATING"}

    async def delete_topic(self, call: Call) -> dict[str, Any]:
        """Delete a topic with its messages."""
        topic = self._topic(call)
        del self.table(call.region, "topics")[topic["TopicArn"]]
        await self.changed_topics(call.region, topic["ClusterArn"])
        name = topic["TopicName"]
        return {"TopicArn": topic["TopicArn"], "TopicName": name, "Status": "DELETING"}

    def describe_topic_partitions(self, call: Call) -> dict[str, Any]:
        """Describe where the partitions of a topic are; the brokers share them out in turn."""
        topic = self._topic(call)
        cluster = self.cluster(call.region, topic["ClusterArn"])
        brokers = cluster["info"]["NumberOfBrokerNodes"]
        rows = []
        for number in range(topic["PartitionCount"]):
            replicas = [(number + step) % brokers + 1 for step in range(topic["ReplicationFactor"])]
            rows.append(
                {"Partition": number, "Leader": replicas[0], "Replicas": replicas, "Isr": replicas}
            )
        return {"Partitions": rows}

    def _topic(self, call: Call) -> dict[str, Any]:
        """Return the record of the topic that a request names.

        Raises:
            ServiceError: There is none.
        """
        arn, name = call.parameters["ClusterArn"], call.parameters["TopicName"]
        self.cluster(call.region, arn)
        topic = self.topics_of(call.region, arn).get(name)
        if topic is None:
            raise ServiceError("NotFoundException", f"Topic '{name}' doesn't exist.", 404)
        return topic


def _check_count(count: int) -> None:
    if not 1 <= count <= _MOST_PARTITIONS:
        raise wrong(f"The partition count {count} must be between 1 and {_MOST_PARTITIONS}.")


def _checked_configs(configs: str | None) -> str | None:
    """Return a topic's settings, Base64 of a JSON object or of `name=value` lines.

    Raises:
        ServiceError: They are neither.
    """
    if not configs:
        return None
    try:
        text = base64.b64decode(configs, validate=True).decode()
    except (binascii.Error, UnicodeDecodeError) as error:
        raise wrong("Configs must be encoded as a Base64 string.") from error
    try:
        valid = isinstance(json.loads(text), dict)
    except ValueError:
        valid = all("=" in line for line in text.splitlines() if line.strip())
    if not valid:
        raise wrong("Configs must be names with values.")
    return configs
