"""The data plane of every load balancer: one process each, told what the records say.

Records come first: an operation writes them and calls `changed`, which sends the whole
configuration to the process and waits until it is in force. A process that died is started again
with the same configuration, and the start of the region is the same thing for all of them.
"""

import asyncio
import logging
import time
from collections.abc import Callable, Mapping
from typing import Any

from botocore.exceptions import ClientError

from platformctl.region.balancer.owner import BalancerOwner
from platformctl.region.ports import listening
from platformctl.region.runtime import Runtime
from platformctl.region.services.base import ServiceError
from platformctl.region.services.elbv2 import access_logs, desired
from platformctl.region.services.elbv2.load_balancers import LoadBalancerOperations, owner_of
from platformctl.region.services.elbv2.metrics import record_metrics
from platformctl.region.services.elbv2.records import Record, label, region_of
from platformctl.region.services.elbv2.targets import TargetOperations

log = logging.getLogger(__name__)


class DataPlanes(LoadBalancerOperations, TargetOperations):
    """Keeps reality in line with the records."""

    def __init__(self, runtime: Runtime) -> None:
        super().__init__(runtime)
        self._owners: dict[str, BalancerOwner] = {}
        self._logs: dict[str, list[str]] = {}
        self._log_writer: asyncio.Task[Any] | None = None
        self._timers: set[asyncio.TimerHandle] = set()
        self._hearing: set[asyncio.Task[None]] = set()

    # -- life

    async def start(self) -> None:
        """Start the process of every load balancer on record."""
        for region in self.runtime.store.regions(self.name):
            await self.start_region(region)
        self._log_writer = self.runtime.spawn("elbv2/access-logs", self._write_logs())

    async def stop(self) -> None:
        """Stop every process; requests in flight may finish."""
        for timer in self._timers:
            timer.cancel()
        if self._log_writer is not None:
            self._log_writer.cancel()
        await asyncio.gather(*(owner.stop() for owner in self._owners.values()))
        self._owners.clear()

    async def start_region(self, region: str) -> None:
        """Start the processes of one region name."""
        for record in self.load_balancers(region).values():
            if record["LoadBalancerArn"] not in self._owners:
                self.created(record)
        for group in self.groups(region).values():
            for target in group["Targets"]:
                if until := target.get("DrainUntil"):
                    left = max(until - self.runtime.now(), 0.0)
                    arn = group["TargetGroupArn"]
                    self.drain_later(arn, target["Id"], target["Port"], left)

    async def stop_region(self, region: str) -> None:
        """Stop the processes of one region name: an outage."""
        leaving = [arn for arn in self._owners if region_of(arn) == region]
        await asyncio.gather(*(self._owners.pop(arn).stop() for arn in leaving))

    # -- what the operations ask for

    def created(self, record: Record) -> None:
        """Start the process of a load balancer."""
        arn = record["LoadBalancerArn"]
        owner = BalancerOwner(
            self.runtime,
            owner_of(arn, region_of(arn)),
            lambda: desired.configuration(self, arn),
            self._listener_for(arn),
        )
        self._owners[arn] = owner
        owner.start()

    async def deleted(self, record: Record) -> None:
        """Stop the process of a load balancer that is gone."""
        owner = self._owners.pop(record["LoadBalancerArn"], None)
        if owner is not None:
            await owner.stop()

    async def changed(self, load_balancer_arn: str) -> None:
        """Send the configuration and wait until it is in force."""
        owner = self._owners.get(load_balancer_arn)
        if owner is not None and not await owner.apply():
            # It is sent again as soon as the process is back, so nothing is lost but the wait.
            log.warning("%s has not confirmed its configuration yet", load_balancer_arn)

    def state_of(self, load_balancer_arn: str) -> Mapping[str, str]:
        """Return the state of a load balancer: impaired when a listener cannot listen."""
        owner = self._owners.get(load_balancer_arn)
        if owner is None or not owner.ready:
            return {"Code": "provisioning"}
        if owner.errors:
            return {"Code": "active_impaired", "Reason": "; ".join(owner.errors.values())}
        ports = [listener["Port"] for listener in self.listeners_of(load_balancer_arn)]
        moved = [f"{port} at {listening(port)}" for port in ports if listening(port) != port]
        # AWS gives reasons for failures only; this one says where to connect instead.
        return {"Code": "active", **({"Reason": f"active, {', '.join(moved)}"} if moved else {})}

    def listener_error(self, record: Record) -> str:
        """Return why a listener cannot listen; "" while it can."""
        owner = self._owners.get(record["LoadBalancerArn"])
        return owner.errors.get(record["ListenerArn"], "") if owner else ""

    def drain_later(self, target_group_arn: str, target_id: str, port: int, delay: float) -> None:
        """Forget a draining target after its delay, even if no process reports it drained."""

        def finish() -> None:
            self._timers.discard(timer)
            self._hear(self.drained(target_group_arn, target_id, port))

        timer = asyncio.get_running_loop().call_later(delay, finish)
        self._timers.add(timer)

    # -- what the processes report

    def _listener_for(self, arn: str) -> Callable[[dict[str, Any]], None]:
        def hear(message: dict[str, Any]) -> None:
            for report in message.get("health", ()):
                for target_id, port, *health in report["targets"]:
                    state, reason, description = health
                    self.health[report["group"], target_id, port] = (state, reason, description)
            if drained := message.get("drained"):
                self._hear(self.drained(*drained))
            if metrics := message.get("metrics"):
                # The region may hear of it late; what was counted belongs to when it was.
                at = self.runtime.now() - (time.time() - message["at"])
                record_metrics(self.runtime, region_of(arn), label(arn), metrics, at)
            if entries := message.get("logs"):
                lines = self._logs.setdefault(arn, [])
                lines += [access_logs.line(entry, label(arn)) for entry in entries]
                del lines[: -access_logs.MOST_ENTRIES]

        return hear

    def _hear(self, work: Any) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._hearing.add(task)
        task.add_done_callback(self._hearing.discard)

    async def _write_logs(self) -> None:
        while True:
            await asyncio.sleep(access_logs.BATCH_SECONDS)
            for arn in list(self._logs):
                await self._write_log(arn, self._logs.pop(arn))

    async def _write_log(self, arn: str, lines: list[str]) -> None:
        try:
            attributes = self.load_balancer(arn)["Attributes"]
        except ServiceError:
            return  # deleted meanwhile
        key, content = access_logs.file(
            lines,
            attributes["access_logs.s3.prefix"],
            self.runtime.account,
            region_of(arn),
            label(arn),
            self.runtime.now(),
        )
        bucket = attributes["access_logs.s3.bucket"]
        try:
            await self.runtime.call(
                "s3", region_of(arn), "put_object", {"Bucket": bucket, "Key": key, "Body": content}
            )
        except ClientError as error:
            log.warning("cannot write access logs of %s to %s: %s", arn, bucket, error)
            kept = lines + self._logs.get(arn, [])
            self._logs[arn] = kept[-access_logs.MOST_ENTRIES :]
