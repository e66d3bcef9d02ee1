"""MSK as the region serves it."""

import asyncio
import contextlib
import logging
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from platformctl.errors import RegionError
from platformctl.region import environment
from platformctl.region.cancellation import end_tasks
from platformctl.region.servers.owner import ProgramOwner
from platformctl.region.services.cloudwatch.service import Monitoring
from platformctl.region.services.kafka.access import IAM, PLAINTEXT, access_of
from platformctl.region.services.kafka.catalog import CatalogOperations

if TYPE_CHECKING:
    from platformctl.region.runtime import Runtime

_LOG = logging.getLogger(__name__)
_MODULE = "platformctl.region.servers.kafka"
_STOP_SECONDS = 20.0


class Streaming(CatalogOperations):
    """Kafka clusters that run.

    The service has to stop after the tasks that use it: only then it is known what they left
    unread, and that is kept.
    """

    def __init__(self, runtime: "Runtime") -> None:
        super().__init__(runtime)
        self._owners: dict[tuple[str, str], ProgramOwner] = {}
        self._work: dict[tuple[str, str], asyncio.Task[Any]] = {}

    async def start(self) -> None:
        """Start the brokers of every cluster."""
        for region in self.runtime.store.regions("kafka"):
            if not self.runtime.is_stopped(region):
                await self.start_region(region)

    async def stop(self) -> None:
        """Stop all brokers; each saves what is unread."""
        await self._stop([*self._owners])

    async def stop_region(self, region: str) -> None:
        """Stop the brokers of one region; each saves what is unread."""
        await self._stop([key for key in self._owners if key[0] == region])

    async def start_region(self, region: str) -> None:
        """Start the brokers of one region."""
        for record in self.table(region, "clusters").values():
            if record["info"]["State"] == "DELETING":
                self.retire(region, record)
            else:
                self.bring_up(region, record)

    def bring_up(self, region: str, record: dict[str, Any], *, restart: bool = False) -> None:
        """Have the brokers run and the cluster become active."""
        self._do(region, record, self._run(region, record["info"]["ClusterArn"], restart))

    def retire(self, region: str, record: dict[str, Any]) -> None:
        """Stop the brokers and remove the cluster."""
        self._do(region, record, self._remove(region, record["info"]["ClusterArn"]))

    async def changed_topics(self, region: str, arn: str) -> None:
        """Have a cluster's brokers follow its topics.

        Raises:
            RegionError: They do not.
        """
        owner = self._owners.get((region, arn))
        if owner is None:
            raise RegionError("the brokers are not running")
        await owner.apply()

    def _do(self, region: str, record: Mapping[str, Any], work: Any) -> None:
        """Do something to a cluster after what is done to it already."""
        key = (region, record["info"]["ClusterArn"])
        before = self._work.get(key)

        async def in_turn() -> None:
            if before is not None:
                await asyncio.wait([before])
            await work

        name = f"kafka/{region}/{record['info']['ClusterName']}/work"
        self._work[key] = self.runtime.spawn(name, in_turn())

    async def _run(self, region: str, arn: str, restart: bool) -> None:
        record = self.table(region, "clusters").get(arn)
        if record is None:
            return
        key = (region, arn)
        if restart and key in self._owners:
            await self._owners.pop(key).stop()
        if key not in self._owners:
            self._owners[key] = self._make_owner(region, arn, record["info"]["ClusterName"])
            self._owners[key].start()
        try:
            await self._owners[key].apply()
        except RegionError as error:
            _LOG.error("%s does not run: %s", arn, error)
            self._settle(region, record, "FAILED", str(error))
        else:
            self._settle(region, record, "ACTIVE")

    def _settle(self, region: str, record: dict[str, Any], state: str, reason: str = "") -> None:
        info = record["info"]
        info["State"] = state
        record["failure"] = {"Code": "LOCAL_BROKERS_FAILED", "Message": reason} if reason else None
        operation = info.pop("ActiveOperationArn", None)
        if operation is not None:
            outcome = "UPDATE_FAILED" if reason else "UPDATE_COMPLETE"
            self.finish_operation(region, operation, outcome, reason)
        self.put_cluster(region, record)

    async def _remove(self, region: str, arn: str) -> None:
        record = self.table(region, "clusters").get(arn)
        if record is None:
            return
        owner = self._owners.pop((region, arn), None)
        if owner is not None:
            await owner.stop()
        self._backlog(region, arn).unlink(missing_ok=True)
        for topic in self.topics_of(region, arn).values():
            self.forget_tags(region, topic["TopicArn"])
            del self.table(region, "topics")[topic["TopicArn"]]
        for number in range(1, len(record["brokers"]) + 1):
            self.runtime.addresses.release(self.owner(region, record, number))
        self.forget_tags(region, arn)
        del self.table(region, "clusters")[arn]

    async def _stop(self, keys: list[tuple[str, str]]) -> None:
        working = [self._work[key] for key in keys if key in self._work]
        await end_tasks(*working)
        await asyncio.gather(*(self._owners.pop(key).stop() for key in keys))

    def _make_owner(self, region: str, arn: str, name: str) -> ProgramOwner:
        return ProgramOwner(
            self.runtime,
            f"kafka/{region}/{name}",
            _MODULE,
            lambda: self._configuration(region, arn),
            lambda message: self._hear(region, arn, message),
            stop_timeout=_STOP_SECONDS,
        )

    def _configuration(self, region: str, arn: str) -> dict[str, Any]:
        backlog = self._backlog(region, arn)
        backlog.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        record = self.cluster(region, arn)
        return {
            "brokers": record["brokers"],
            "front": self._front(region, record),
            "backlog": str(backlog),
            "topics": {
                name: {
                    "partitions": topic["PartitionCount"],
                    "replication": topic["ReplicationFactor"],
                }
                for name, topic in self.topics_of(region, arn).items()
            },
        }

    def _front(self, region: str, record: Mapping[str, Any]) -> dict[str, Any] | None:
        """Return what clients need to get in, None where they need nothing."""
        access = access_of(record["info"])
        if access is PLAINTEXT:
            return None
        owner = f"kafka/{region}/{record['info']['ClusterArn'].rpartition('/')[2]}"
        hosts = [host for host, _ in record["brokers"]]
        issued = self.runtime.certificates.issue(owner, hosts)
        keys = {"access_key": environment.ACCESS_KEY, "secret_key": environment.SECRET_KEY}
        return {
            "certificate": str(issued.certificate),
            "key": str(issued.key),
            "signer": {"region": region, **keys} if access is IAM else None,
        }

    def _backlog(self, region: str, arn: str) -> Path:
        return self.runtime.root / "kafka" / region / f"{arn.rpartition('/')[2]}.jsonl"

    # What the brokers report.

    def _hear(self, region: str, arn: str, message: Mapping[str, Any]) -> None:
        record = self.table(region, "clusters").get(arn)
        if record is None:
            return
        name = record["info"]["ClusterName"]
        if message.get("restored"):
            _LOG.info("kafka/%s/%s: %d unread messages are back", region, name, message["restored"])
        figures = message.get("figures")
        if figures is not None:
            self._adopt(region, arn, figures["topics"])
            with contextlib.suppress(RegionError):
                self._record(region, name, figures, message["seconds"])

    def _adopt(self, region: str, arn: str, topics: Mapping[str, Any]) -> None:
        """Record topics that clients made by using them."""
        known = self.topics_of(region, arn)
        for name in topics.keys() - known.keys():
            if topics[name]["partitions"]:
                topic_arn = self.topic_arn(arn, name)
                self.table(region, "topics")[topic_arn] = {
                    "ClusterArn": arn,
                    "TopicArn": topic_arn,
                    "TopicName": name,
                    "PartitionCount": topics[name]["partitions"],
                    "ReplicationFactor": topics[name]["replication"],
                    "Configs": None,
                }

    def _record(self, region: str, name: str, figures: Mapping[str, Any], seconds: float) -> None:
        """Give the figures to CloudWatch under the names MSK uses."""
        monitoring = self.runtime.service(Monitoring)
        for topic, row in figures["topics"].items():
            if row["dropped"]:
                _LOG.warning(
                    "kafka/%s/%s: %d messages of %s were dropped before everybody had read them",
                    region,
                    name,
                    row["dropped"],
                    topic,
                )
            dimensions = {"Cluster Name": name, "Topic": topic}
            for metric, key, unit in (
                ("MessagesInPerSec", "messages", "Count/Second"),
                ("BytesInPerSec", "bytes", "Bytes/Second"),
            ):
                rate = row[key] / seconds
                monitoring.record(region, "AWS/Kafka", metric, dimensions, [rate], unit)
        for group, topics in figures["lags"].items():
            for topic, lags in topics.items():
                dimensions = {"Cluster Name": name, "Consumer Group": group, "Topic": topic}
                for metric, value in (
                    ("SumOffsetLag", sum(lags)),
                    ("MaxOffsetLag", max(lags, default=0)),
                ):
                    monitoring.record(
                        region, "AWS/Kafka", metric, dimensions, [float(value)], "Count"
                    )
