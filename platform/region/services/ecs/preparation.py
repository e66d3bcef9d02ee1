"""From a task's records to containers that can be started: image, environment, secrets, logs."""

import asyncio
import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from platformctl.region.runtime import SharedMemory
from platformctl.region.services.ecr.contents import Image
from platformctl.region.services.ecs import fargate, images
from platformctl.region.services.ecs.containers import PASSED_ON, ContainerPlan
from platformctl.region.services.ecs.failures import TaskStartError
from platformctl.region.services.ecs.logs import LogShipper
from platformctl.region.services.ecs.names import last
from platformctl.region.services.ecs.secret_values import SecretValues

if TYPE_CHECKING:
    from platformctl.region.runtime import Address, Runtime

MEBIBYTE = 1024 * 1024


@dataclass(frozen=True)
class TaskIdentity:
    """What names a task.

    Attributes:
        region: Region name.
        cluster: Name of its cluster.
        group: `service:web` or `family:web`.
        id: Task id.
    """

    region: str
    cluster: str
    group: str
    id: str

    @property
    def owner(self) -> str:
        """Owner of its address."""
        return f"ecs/{self.region}/{self.id}"

    def process(self, container: str) -> str:
        """Return the name of a container's process."""
        return (
            f"ecs/{self.region}/{self.cluster}/{last(self.group.replace(':', '/'))}"
            f"/{self.id[:8]}/{container}"
        )


class Preparation:
    """Prepares the containers of tasks."""

    def __init__(self, runtime: "Runtime", shipper: LogShipper) -> None:
        self._runtime = runtime
        self._shipper = shipper
        self._secrets = SecretValues(runtime)

    def log_folder(self, task: TaskIdentity) -> Path:
        """Return the folder of a task's output."""
        return self._runtime.root / "logs" / "ecs" / task.region / task.cluster / task.id

    async def prepare(
        self, task: TaskIdentity, definition: Mapping[str, Any], overrides: Mapping[str, Any]
    ) -> list[ContainerPlan]:
        """Return the plan of every container of a task.

        Raises:
            TaskStartError: An image, a secret or a log group is missing.
        """
        own = {one["name"]: one for one in overrides.get("containerOverrides") or ()}
        memory = overrides.get("memory") or definition.get("memory")
        limit = fargate.mebibytes(memory) if memory else None
        return list(
            await asyncio.gather(
                *(
                    self._prepare(task, overridden(container, own.get(container["name"])), limit)
                    for container in definition["containerDefinitions"]
                )
            )
        )

    async def _prepare(
        self, task: TaskIdentity, container: Mapping[str, Any], limit: int | None
    ) -> ContainerPlan:
        try:
            image = await images.pull(self._runtime, task.region, container["image"])
        except TaskStartError as error:
            error.container = container["name"]
            raise
        secrets = container.get("secrets") or ()
        values = await asyncio.gather(
            *(self._secrets.fetch(secret["valueFrom"], task.region) for secret in secrets)
        )
        stream = None
        logging = container.get("logConfiguration") or {}
        if logging.get("logDriver") == "awslogs":
            name = f"{container['name']}/{task.id}"
            stream = await self._shipper.open(task.region, logging.get("options") or {}, name)
        own = container.get("memory")
        shared = SharedMemory(task.owner, limit * MEBIBYTE) if limit else None
        return ContainerPlan(
            definition=container,
            image=image,
            environment={
                **surroundings(self._runtime, task.region, self.address(task, container, image)),
                **{item["name"]: item["value"] for item in container.get("environment") or ()},
                **{item["name"]: value for item, value in zip(secrets, values, strict=True)},
            },
            process=task.process(container["name"]),
            log=self.log_folder(task) / f"{container['name']}.log",
            stream=stream,
            memory=own * MEBIBYTE if own else None,
            shared=shared,
        )

    def address(
        self, task: TaskIdentity, container: Mapping[str, Any], image: Image | None = None
    ) -> "Address":
        """Return where a container listens; all containers of a task have the same host."""
        mappings = container.get("portMappings") or ()
        port = mappings[0]["containerPort"] if mappings else (image.port if image else None)
        return self._runtime.addresses.allocate(task.owner, port or 0)


def surroundings(runtime: "Runtime", region: str, address: "Address") -> dict[str, str]:
    """Return what the agent adds to every container's environment."""
    passed = {name: os.environ[name] for name in PASSED_ON if name in os.environ}
    programs = Path(sys.executable).parent
    return {
        **passed,
        "PATH": f"{programs}{os.pathsep}{passed.get('PATH', os.defpath)}",
        "PYTHONUNBUFFERED": "1",
        **runtime.environment,
        "AWS_REGION": region,
        "AWS_DEFAULT_REGION": region,
        "HOST": address.host,
        "PORT": str(address.port),
    }


def overridden(container: Mapping[str, Any], override: Mapping[str, Any] | None) -> dict[str, Any]:
    """Return a container definition with the overrides of RunTask."""
    if not override:
        return dict(container)
    result = {**container}
    for key in ("command", "cpu", "memory"):
        if override.get(key) is not None:
            result[key] = override[key]
    variables = {item["name"]: item["value"] for item in container.get("environment") or ()}
    variables.update({item["name"]: item["value"] for item in override.get("environment") or ()})
    result["environment"] = [{"name": name, "value": value} for name, value in variables.items()]
    return result
