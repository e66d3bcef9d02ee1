"""How far the group is behind: measured from offsets, published to CloudWatch."""

import threading
from collections.abc import Callable, Collection

import boto3
import structlog
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError
from confluent_kafka import Consumer, KafkaException, TopicPartition
from prometheus_client import Gauge
from stream.kafka import KafkaSettings

from consumer.worker import group_consumer

log = structlog.get_logger()

LAG = Gauge("consumer_lag_events", "Events that wait in the topic, by partition.", ["partition"])
METRIC = "ConsumerLag"
QUERY_SECONDS = 5.0


def measure_lag(consumer: Consumer, topic: str) -> dict[int, int]:
    """Return the number of events the group has not committed yet, by partition.

    Raises:
        KafkaException: Kafka does not answer.
    """
    metadata = consumer.list_topics(topic, timeout=QUERY_SECONDS).topics[topic]
    partitions = [TopicPartition(topic, number) for number in metadata.partitions]
    lag: dict[int, int] = {}
    for item in consumer.committed(partitions, timeout=QUERY_SECONDS):
        low, high = consumer.get_watermark_offsets(item, timeout=QUERY_SECONDS, cached=False)
        # A negative offset means that nothing has been committed yet.
        lag[item.partition] = high - max(item.offset, low)
    return lag


class LagReporter:
    """Measures the lag of the whole group at intervals, in a thread of its own.

    Only the member that has partition 0 does it, so that the group reports once, however many
    members it has, and the average of the metric is the lag. It asks through a handle of its own,
    which names the group and never joins it: on the member's, questions wait for as long as the
    loop waits for messages.

    Args:
        settings: The cluster and the group.
        partitions: Returns the partitions that this member has now.
        topic: The topic to measure.
        namespace: CloudWatch namespace to publish to; "" publishes nothing.
        region: AWS region to publish to.
        seconds: Time between two measurements.
    """

    def __init__(
        self,
        settings: KafkaSettings,
        *,
        partitions: Callable[[], Collection[int]],
        topic: str,
        namespace: str,
        region: str,
        seconds: int,
    ) -> None:
        self._settings = settings
        self._partitions = partitions
        self._topic = topic
        self._namespace = namespace
        self._seconds = seconds
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="lag")
        # The next measurement is better than a late one: few attempts, short waits.
        config = Config(connect_timeout=2, read_timeout=5, retries={"total_max_attempts": 2})
        self._cloudwatch = (
            boto3.client("cloudwatch", region_name=region, config=config) if namespace else None
        )

    def start(self) -> None:
        """Start measuring."""
        self._thread.start()

    def stop(self) -> None:
        """End measuring."""
        self._stopping.set()
        self._thread.join()

    def _run(self) -> None:
        observer = group_consumer(self._settings)
        try:
            while not self._stopping.wait(self._seconds):
                self._measure(observer)
        finally:
            observer.close()

    def _measure(self, observer: Consumer) -> None:
        if 0 not in self._partitions():
            LAG.clear()
            return
        try:
            self._report(measure_lag(observer, self._topic))
        except (KafkaException, BotoCoreError, ClientError) as error:
            log.warning("lag not reported", error=str(error))

    def _report(self, lag: dict[int, int]) -> None:
        for partition, events in lag.items():
            LAG.labels(partition).set(events)
        if self._cloudwatch is not None:
            self._cloudwatch.put_metric_data(
                Namespace=self._namespace,
                MetricData=[{"MetricName": METRIC, "Value": sum(lag.values()), "Unit": "Count"}],
            )
