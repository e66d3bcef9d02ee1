"""Everything that runs: a scheduler for each service, and the tasks.

From a record to a process: a service's scheduler (`scheduler.py`) plans (`planner.py`) and starts
or stops task runs (`task_run.py`); a run prepares (`preparation.py`) and starts containers
(`containers.py`).
"""

import asyncio
import logging
import shutil
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from platformctl.region.services.ecs import failures
from platformctl.region.services.ecs.failures import StopReason
from platformctl.region.services.ecs.load_balancers import TargetGroups
from platformctl.region.services.ecs.logs import LogShipper
from platformctl.region.services.ecs.metrics import ServiceKey, TaskMetrics
from platformctl.region.services.ecs.names import last
from platformctl.region.services.ecs.placement import Placement
from platformctl.region.services.ecs.preparation import Preparation, TaskIdentity
from platformctl.region.services.ecs.records import Records
from platformctl.region.services.ecs.scheduler import ServiceScheduler
from platformctl.region.services.ecs.task_records import new_task, subnets_of
from platformctl.region.services.ecs.task_run import Agent, TargetRegistration, TaskRun

if TYPE_CHECKING:
    from platformctl.region.runtime import Runtime

log = logging.getLogger(__name__)

PROBES_AT_ONCE = 4
"""Health checks of the whole region that run at the same time while tasks start together."""


class Fleet:
    """Makes what runs follow the records."""

    def __init__(self, runtime: "Runtime", records: Records) -> None:
        self._runtime = runtime
        self._records = records
        self.targets = TargetGroups(runtime)
        self.placement = Placement(runtime)
        self._shipper = LogShipper(runtime)
        self._preparation = Preparation(runtime, self._shipper)
        self._agent = Agent(
            runtime,
            self._preparation,
            self._shipper,
            self.targets,
            asyncio.Semaphore(PROBES_AT_ONCE),
        )
        self._schedulers: dict[tuple[str, str], ServiceScheduler] = {}
        self._working: dict[tuple[str, str], asyncio.Task[Any]] = {}
        self._runs: dict[str, TaskRun] = {}
        self._background: list[asyncio.Task[Any]] = []

    def start(self) -> None:
        """Start the tasks of every active service again, once all services are there."""
        metrics = TaskMetrics(self._runtime)
        self._background = [
            self._runtime.spawn("ecs/recovery", self._recover_all()),
            self._runtime.spawn("ecs/logs", self._shipper.run()),
            self._runtime.spawn("ecs/metrics", metrics.run(self._running_tasks)),
        ]

    async def stop(self) -> None:
        """Stop every task gracefully; the records stay."""
        for work in self._working.values():
            work.cancel()
        await self._stop_runs(list(self._runs.values()))
        for work in self._background:
            work.cancel()

    async def stop_region(self, region: str) -> None:
        """Stop the tasks of one region name, as an outage of it would."""
        for (name, _), work in self._working.items():
            if name == region:
                work.cancel()
        await self._stop_runs([run for run in self._runs.values() if run.task.region == region])

    async def _stop_runs(self, runs: Sequence[TaskRun]) -> None:
        for run in runs:
            run.stop(failures.REGION_STOPPED, drain=False)
        await asyncio.gather(*(run.finished.wait() for run in runs))

    async def _recover_all(self) -> None:
        for region in self._runtime.store.regions("ecs"):
            if not self._runtime.is_stopped(region):
                await self.recover(region)

    async def recover(self, region: str) -> None:
        """Record the end of tasks that a crash took, and put schedulers to work."""
        for record in self._records.tasks(region).values():
            if record["lastStatus"] != "STOPPED" and last(record["taskArn"]) not in self._runs:
                await self._bury(region, record)
        for key in self._records.services(region).keys():  # noqa: SIM118  # a table, no dict
            record = self._records.services(region)[key]
            if record["status"] != "INACTIVE":
                await self.placement.learn_subnets(region, subnets_of(record))
                self.schedule(region, key)

    async def _bury(self, region: str, record: dict[str, Any]) -> None:
        for group, (host, port) in record["registrations"].items():
            await self.targets.deregister(region, group, host, port)
        identity = self._identity(region, record)
        self._runtime.addresses.release(identity.owner)
        why = failures.REGION_STOPPED
        self._records.tasks(region)[identity.id] = {
            **record,
            "containers": [{**one, "lastStatus": "STOPPED"} for one in record["containers"]],
            "desiredStatus": "STOPPED",
            "lastStatus": "STOPPED",
            "stoppedAt": self._runtime.now(),
            "stopCode": why.code,
            "stoppedReason": why.text,
            "registrations": {},
        }

    def _identity(self, region: str, record: Mapping[str, Any]) -> TaskIdentity:
        return TaskIdentity(region, record["cluster"], record["group"], last(record["taskArn"]))

    def schedule(self, region: str, key: str) -> None:
        """Have a scheduler at work for a service, and let it look at the record now."""
        identity = (region, key)
        work = self._working.get(identity)
        if work is not None and not work.done():
            self._schedulers[identity].wake()
            return
        scheduler = ServiceScheduler(
            self._runtime,
            self._records.services(region),
            key,
            self.targets,
            lambda record, deployment: self._start_service_task(region, record, deployment),
        )
        self._schedulers[identity] = scheduler
        self._working[identity] = self._runtime.spawn(f"ecs/{region}/{key}", scheduler.run())

    def task_counts(self, region: str, key: str) -> list[tuple[str | None, int, int]]:
        """Return running and pending tasks of a service, in all (None) and by deployment."""
        scheduler = self._schedulers.get((region, key))
        record = self._records.services(region).get(key)
        if scheduler is None or record is None:
            return []
        wanted = [None, *(deployment["id"] for deployment in record["deployments"])]
        return [(deployment, *scheduler.counts(deployment)) for deployment in wanted]

    def _start_service_task(
        self, region: str, service: dict[str, Any], deployment: dict[str, Any]
    ) -> TaskRun:
        definition = self._records.definition(region, deployment["taskDefinition"])
        strategy = deployment.get("capacityProviderStrategy") or ()
        record = new_task(
            region,
            self._runtime.account,
            service["cluster"],
            definition,
            group=f"service:{service['serviceName']}",
            now=self._runtime.now(),
            startedBy=deployment["id"],
            deployment=deployment["id"],
            capacityProviderName=strategy[0]["capacityProvider"] if strategy else None,
            enableExecuteCommand=service["enableExecuteCommand"],
            tags=_task_tags(service, definition),
        )
        registrations = [
            TargetRegistration(one["targetGroupArn"], one["containerName"], one["containerPort"])
            for one in deployment.get("loadBalancers") or ()
        ]
        key = f"{service['cluster']}/{service['serviceName']}"
        scheduler = self._schedulers[region, key]
        return self._launch(
            region, record, subnets_of(deployment), registrations, scheduler, definition
        )

    def launch(self, region: str, record: dict[str, Any], subnets: Sequence[str]) -> None:
        """Start a task that belongs to no service.

        Raises:
            PlacementError: There is no room for it.
        """
        definition = self._records.definition(region, record["taskDefinitionArn"])
        self._launch(region, record, subnets, (), None, definition)

    def _launch(
        self,
        region: str,
        record: dict[str, Any],
        subnets: Sequence[str],
        registrations: Sequence[TargetRegistration],
        scheduler: ServiceScheduler | None,
        definition: dict[str, Any],
    ) -> TaskRun:
        identity = self._identity(region, record)
        subnet, record["availabilityZone"] = self.placement.choose(
            region, subnets, self._zones(region, record["group"])
        )
        self._records.tasks(region)[identity.id] = record
        run = TaskRun(
            self._agent,
            self._records.tasks(region),
            identity,
            definition,
            registrations,
            scheduler.wake if scheduler else lambda: None,
            subnet=subnet,
        )
        self._runs[identity.id] = run
        self._runtime.spawn(f"ecs/{region}/task/{identity.id}", self._see_through(run))
        return run

    async def _see_through(self, run: TaskRun) -> None:
        await run.run()
        del self._runs[run.task.id]
        for record in self._records.forget_stopped(run.task.region):
            folder = self._preparation.log_folder(self._identity(run.task.region, record))
            shutil.rmtree(folder, ignore_errors=True)

    def _zones(self, region: str, group: str) -> Iterator[str]:
        """Yield the zones of the tasks that a new one of the same service is spread with."""
        for run in self._runs.values():
            if run.task.region == region and run.task.group == group and not run.stopping:
                yield run.record["availabilityZone"]

    def halt(self, task_id: str, why: StopReason) -> None:
        """Stop a task."""
        run = self._runs.get(task_id)
        if run is not None:
            run.stop(why)

    def cluster_use(self, region: str, cluster: str) -> Mapping[str, int]:
        """Count active services and tasks of a cluster."""
        runs = [
            run
            for run in self._runs.values()
            if (run.task.region, run.task.cluster) == (region, cluster)
        ]
        running = sum(run.status == "RUNNING" for run in runs)
        services = self._records.services(region).values()
        return {
            "runningTasksCount": running,
            "pendingTasksCount": sum(run.running_since is None for run in runs),
            "activeServicesCount": sum(
                record["cluster"] == cluster and record["status"] != "INACTIVE"
                for record in services
            ),
        }

    def _running_tasks(self) -> Iterator[tuple[ServiceKey, TaskRun]]:
        for run in list(self._runs.values()):
            kind, _, service = run.task.group.partition(":")
            if kind == "service" and run.running_since is not None and not run.stopping:
                yield (run.task.region, run.task.cluster, service), run


def _task_tags(service: Mapping[str, Any], definition: Mapping[str, Any]) -> list[dict[str, str]]:
    source = {"SERVICE": service["tags"], "TASK_DEFINITION": definition["tags"]}
    tags = list(source.get(service["propagateTags"], ()))
    if service["enableECSManagedTags"]:
        cluster = {"key": "aws:ecs:clusterName", "value": service["cluster"]}
        tags += [cluster, {"key": "aws:ecs:serviceName", "value": service["serviceName"]}]
    return tags
