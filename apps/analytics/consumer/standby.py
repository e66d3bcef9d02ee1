"""Standing by: what consuming needs is checked, and nothing is consumed.

A side that is about to take over is only worth trusting when its own database connection, its own
sign-in to Kafka and the table it writes to were seen to work. Nothing here changes anything: no
table is made and no group is joined.
"""

from confluent_kafka import Consumer, KafkaException, TopicPartition

from consumer.store import Store, StoreUnavailable

KAFKA_SECONDS = 5.0


class Standby:
    """Checks what the other side of the consumer would need.

    Args:
        consumer: The member of the group that would subscribe.
        store: The connection that would be written to.
        topic: The topic that would be read.
    """

    def __init__(self, consumer: Consumer, store: Store, *, topic: str) -> None:
        self._consumer = consumer
        self._store = store
        self._topic = topic

    def problems(self) -> dict[str, str]:
        """Check everything once; tell what does not work, and why."""
        found = {"database": self._database(), "kafka": self._kafka()}
        return {name: problem for name, problem in found.items() if problem}

    def _database(self) -> str:
        try:
            return "" if self._store.accepts_events() else "the table events takes no rows of ours"
        except StoreUnavailable as error:
            return str(error)

    def _kafka(self) -> str:
        """Look the topic up and read the group's offsets, which needs the rights of a member."""
        try:
            topic = self._consumer.list_topics(self._topic, timeout=KAFKA_SECONDS).topics[
                self._topic
            ]
            if topic.error is not None:
                return f"topic {self._topic}: {topic.error.str()}"
            partitions = [TopicPartition(self._topic, number) for number in topic.partitions]
            offsets = self._consumer.committed(partitions, timeout=KAFKA_SECONDS)
        except KafkaException as error:
            return error.args[0].str()
        refused = [offset.error for offset in offsets if offset.error is not None]
        return f"consumer group: {refused[0].str()}" if refused else ""
