"""One task from PROVISIONING to STOPPED.

Stages, in order; a stop may be asked for in any of them, and every one ends in `_wind_down`:

1. PROVISIONING: the task gets its loopback address.
2. PENDING: images, secrets and log streams are fetched, containers start as `dependsOn` says.
3. ACTIVATING, RUNNING: it is registered in its target groups and serves.
4. DEACTIVATING: it leaves its target groups and what is in flight is finished.
5. STOPPING: SIGTERM, and SIGKILL after `stopTimeout`.
6. DEPROVISIONING, STOPPED: the address is given back, the record says why.
"""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from platformctl.errors import RegionError
from platformctl.region.services.base import ServiceError
from platformctl.region.services.ecs import failures, health
from platformctl.region.services.ecs.containers import ContainerPlan, ContainerRun
from platformctl.region.services.ecs.failures import StopReason, TaskStartError
from platformctl.region.services.ecs.preparation import Preparation, TaskIdentity
from platformctl.region.services.ecs.task_records import attachment

if TYPE_CHECKING:
    from platformctl.region.runtime import Runtime, Table
    from platformctl.region.services.ecs.load_balancers import TargetGroups
    from platformctl.region.services.ecs.logs import LogShipper

START_TIMEOUT = 120.0
"""Seconds a dependency may take, unless the container's `startTimeout` says otherwise."""


@dataclass(frozen=True)
class Agent:
    """What every task needs of the region.

    Attributes:
        runtime: The region.
        preparation: Prepares containers.
        shipper: Sends their output.
        targets: The load balancers' target groups.
        probes: Bounds the health checks that run at once while tasks start.
    """

    runtime: "Runtime"
    preparation: Preparation
    shipper: "LogShipper"
    targets: "TargetGroups"
    probes: asyncio.Semaphore


@dataclass(frozen=True)
class TargetRegistration:
    """A port of a container that a target group sends requests to."""

    target_group: str
    container: str
    port: int


class TaskRun:
    """A task at work."""

    def __init__(
        self,
        agent: Agent,
        table: "Table",
        task: TaskIdentity,
        definition: Mapping[str, Any],
        registrations: Sequence[TargetRegistration],
        on_change: Callable[[], None],
        *,
        subnet: str,
    ) -> None:
        self.task = task
        self.registrations = registrations
        self.definition = definition
        self.containers: list[ContainerRun] = []
        self.registered: dict[str, tuple[str, int]] = {}
        self.finished = asyncio.Event()
        self.running_since: float | None = None
        self._agent = agent
        self._runtime = agent.runtime
        self._table = table
        self._on_change = on_change
        self._subnet = subnet
        self._stop = asyncio.Event()
        self._why: StopReason | None = None
        self._drain = True

    @property
    def record(self) -> dict[str, Any]:
        """The task's record."""
        return self._table[self.task.id]

    @property
    def stopping(self) -> bool:
        """It has been told to stop, or is ending on its own."""
        return self._stop.is_set()

    @property
    def status(self) -> str:
        """Its last status."""
        return self.record["lastStatus"]

    @property
    def why(self) -> StopReason | None:
        """Why it stops, None while it does not."""
        return self._why

    def stop(self, why: StopReason, *, drain: bool = True) -> None:
        """Ask it to stop; the first reason counts.

        Args:
            why: What the record will say.
            drain: Finish what is in flight before SIGTERM.
        """
        if self._why is None:
            self._why = why
        self._drain = self._drain and drain
        if not self._stop.is_set():
            self._stop.set()
            self._update(
                desiredStatus="STOPPED",
                stoppingAt=self._runtime.now(),
                stopCode=self._why.code,
                stoppedReason=self._why.text,
            )

    async def run(self) -> None:
        """Run the task to its end."""
        try:
            await self._work()
        except TaskStartError as error:
            self._blame(error)
            self.stop(error.reason, drain=False)
        except Exception as error:
            self.stop(StopReason("TaskFailedToStart", f"InternalError: {error}"), drain=False)
            raise
        finally:
            await self._wind_down()

    async def _work(self) -> None:
        """Start the containers and watch them until one that counts ends, or a stop is asked for.

        Nothing here is cancelled: a process that is just being started would be lost.
        """
        self._provision()
        overrides = self.record.get("overrides") or {}
        self._update(lastStatus="PENDING", pullStartedAt=self._runtime.now())
        plans = await self._agent.preparation.prepare(self.task, self.definition, overrides)
        self._update(pullStoppedAt=self._runtime.now())
        self.containers = [self._container(plan) for plan in plans]
        starts = await asyncio.gather(
            *(self._start(container) for container in self.containers), return_exceptions=True
        )
        for failure in starts:
            if failure is not None:
                raise failure
        if self.stopping:
            return
        if self.registrations:
            self._update(lastStatus="ACTIVATING")
            await self._register()
        now = self._runtime.now()
        self.running_since = now
        self._update(lastStatus="RUNNING", startedAt=now, connectivity="CONNECTED")
        ends = [container.ended for container in self.containers if container.essential]
        await health.first(self._stop, *ends)
        if not self.stopping:
            self.stop(failures.ESSENTIAL_EXITED, drain=False)

    def _blame(self, error: TaskStartError) -> None:
        """Write down which container kept the task from starting."""
        containers = [
            {**one, "reason": error.reason.text} if one["name"] == error.container else one
            for one in self.record["containers"]
        ]
        self._table[self.task.id] = {**self.record, "containers": containers}

    def _provision(self) -> None:
        """Give the task its address, which the API shows as its network interface."""
        ports = [
            mapping["containerPort"]
            for container in self.definition["containerDefinitions"]
            for mapping in container["portMappings"]
        ]
        try:
            address = self._runtime.addresses.allocate(self.task.owner, next(iter(ports), 0))
        except RegionError as error:
            raise failures.resource_initialization(str(error)) from error
        interface = attachment(address.host, self._subnet, self.task.id)
        self._update(attachments=[interface])

    def _container(self, plan: ContainerPlan) -> ContainerRun:
        return ContainerRun(
            plan, self._runtime, self._agent.shipper, self._agent.probes, self._container_changed
        )

    async def _start(self, container: ContainerRun) -> None:
        by_name = {other.name: other for other in self.containers}
        timeout = container.plan.definition.get("startTimeout") or START_TIMEOUT
        for dependency in container.plan.definition.get("dependsOn") or ():
            other = by_name[dependency["containerName"]]
            await self._await_dependency(container, other, dependency["condition"], timeout)
        if not self.stopping:
            await container.start()

    async def _await_dependency(
        self, container: ContainerRun, other: ContainerRun, condition: str, seconds: float
    ) -> None:
        wanted = {"START": other.started, "HEALTHY": other.healthy}.get(condition, other.ended)
        await health.first(wanted, other.ended, self._stop, seconds=seconds)
        if self.stopping:
            return
        failed = not wanted.is_set() or (condition == "SUCCESS" and other.exit_code != 0)
        if failed:
            raise TaskStartError(
                f"DependencyFailed: container {container.name} waits for {other.name} to reach "
                f"{condition}, which did not happen"
            )

    async def _register(self) -> None:
        for registration in self.registrations:
            address = self._runtime.addresses.allocate(self.task.owner, registration.port)
            try:
                await self._agent.targets.register(
                    self.task.region, registration.target_group, address.host, address.port
                )
            except ServiceError as error:
                raise failures.TaskStartError(
                    f"unable to register in target group {registration.target_group}: "
                    f"{error.message}"
                ) from error
            self.registered[registration.target_group] = (address.host, address.port)
            self._update(registrations={key: list(to) for key, to in self.registered.items()})

    async def _wind_down(self) -> None:
        if self.registered:
            self._update(lastStatus="DEACTIVATING")
            for group, (host, port) in self.registered.items():
                await self._agent.targets.deregister(self.task.region, group, host, port)
            if self._drain:
                await asyncio.gather(
                    *(
                        self._agent.targets.drained(group, host, port, self._all_ended)
                        for group, (host, port) in self.registered.items()
                    )
                )
        self._update(lastStatus="STOPPING")
        await self._stop_containers()
        self._update(lastStatus="DEPROVISIONING", executionStoppedAt=self._runtime.now())
        self._runtime.addresses.release(self.task.owner)
        self._update(lastStatus="STOPPED", stoppedAt=self._runtime.now(), registrations={})
        self._end_containers()
        self.finished.set()
        self._on_change()

    def _end_containers(self) -> None:
        """Say of containers that were never started that they are not about to be."""
        containers = [{**one, "lastStatus": "STOPPED"} for one in self.record["containers"]]
        self._table[self.task.id] = {**self.record, "containers": containers}

    def _all_ended(self) -> bool:
        return all(container.ended.is_set() for container in self.containers)

    async def _stop_containers(self) -> None:
        """Stop containers, each after those that depend on it."""
        waiting = {container.name: container for container in self.containers}
        while waiting:
            needed = {
                dependency["containerName"]
                for container in waiting.values()
                for dependency in container.plan.definition.get("dependsOn") or ()
            }
            free = [container for name, container in waiting.items() if name not in needed]
            await asyncio.gather(*(container.stop() for container in free))
            for container in free:
                del waiting[container.name]

    def health_status(self) -> str:
        """Return the health of the task: that of its essential containers with a check."""
        states = {one.health for one in self.containers if one.essential and one.check}
        if health.UNHEALTHY in states:
            return health.UNHEALTHY
        return health.HEALTHY if states == {health.HEALTHY} else health.UNKNOWN

    @property
    def checked(self) -> bool:
        """It has a container health check that counts."""
        return any(one.essential and one.check for one in self.containers)

    def _container_changed(self) -> None:
        self._update()

    def _update(self, **changes: Any) -> None:
        record = self.record
        known = {container.name: container.describe() for container in self.containers}
        containers = [{**shown, **known.get(shown["name"], {})} for shown in record["containers"]]
        self._table[self.task.id] = {
            **record,
            **changes,
            "containers": containers,
            "healthStatus": self.health_status(),
            "version": record["version"] + 1,
        }
        self._on_change()
