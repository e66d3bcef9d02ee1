"""The running region: starts and stops everything in order, and is what services see of it."""

import asyncio
import importlib
import logging
import time
from collections.abc import Mapping
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any, TypeVar

from platformctl.errors import RegionError
from platformctl.region import environment
from platformctl.region.cancellation import end_tasks
from platformctl.region.emulator.child import Emulator
from platformctl.region.endpoint.endpoint import Endpoint
from platformctl.region.endpoint.proxy import Proxy
from platformctl.region.endpoint.server import Answer, Handler, Request, Server
from platformctl.region.services import registry
from platformctl.region.services.base import Service
from platformctl.region.supervisor import privileges
from platformctl.region.supervisor.addresses import LOOPBACK, LoopbackAddresses
from platformctl.region.supervisor.certificates import RegionAuthority
from platformctl.region.supervisor.clients import Clients
from platformctl.region.supervisor.processes import ChildProcesses
from platformctl.region.supervisor.store import RecordStore

_LOG = logging.getLogger(__name__)
_SERVICE_STOP_TIMEOUT = 60.0
_REMEMBERED = 20

ServiceType = TypeVar("ServiceType", bound=Service)


class LocalRegion:
    """Everything of one region; see `platformctl.region.runtime.Runtime` for what services use.

    Attributes:
        state: `starting`, `running` or `stopping`.
        started_at: When it began to start, in seconds since the epoch.
        start_seconds: How long the start took.
        left_behind: Processes of an earlier supervisor that were still there at the start.
        failures: The latest crashes of background work, newest last.
    """

    def __init__(self, root: Path, project: Path | None, port: int) -> None:
        self.root = root
        self.project = project
        self.account = environment.ACCOUNT
        self.state = "starting"
        self.started_at = time.time()
        self.start_seconds = 0.0
        self.left_behind = 0
        self.failures: list[str] = []
        self._port = port
        self._services: dict[str, Service] = {}
        self._states: dict[str, str] = {}
        self._background: set[asyncio.Task[Any]] = set()
        self._stop_requested = asyncio.Event()
        self._undo = AsyncExitStack()
        self.processes = ChildProcesses(root)
        self.store = RecordStore(root / "records.sqlite")
        self.addresses = LoopbackAddresses(self.store)
        self.certificates = RegionAuthority(root / "certificates")
        self._settings = self.store.table("region", "", "stopped-regions")

    # What services use.

    def service(self, kind: type[ServiceType]) -> ServiceType:
        """Return another of the region's own services.

        Raises:
            RegionError: It did not start.
        """
        for service in self._services.values():
            if isinstance(service, kind):
                return service
        raise RegionError(
            f"{kind.__name__} is not running",
            why=self._states.get(kind.name, "it is not registered"),
        )

    async def call(
        self, service: str, region: str, operation: str, parameters: Mapping[str, Any]
    ) -> dict[str, Any]:
        """Call any AWS operation of this region, in a thread."""
        return await self._clients.call(service, region, operation, parameters)

    @property
    def emulator_restarts(self) -> int:
        """How often the emulator crashed, and with it fell back to what it had saved."""
        return self.emulator.restarts

    @property
    def emulator_saved_until(self) -> float:
        """The time until which the emulator has saved everything, in seconds since the epoch."""
        return self.emulator.saved_until

    def spawn(self, name: str, work: Any) -> asyncio.Task[Any]:
        """Run a coroutine in the background; a crash is logged with its name and shown."""
        task = asyncio.create_task(work, name=name)
        self._background.add(task)
        task.add_done_callback(self._ended)
        return task

    def give(self, path: Path) -> None:
        """Make a folder and all in it belong to the user of unprivileged processes."""
        privileges.give(path, privileges.unprivileged_user())

    def now(self) -> float:
        """Return the time in seconds since the epoch."""
        return time.time()

    def is_stopped(self, region: str) -> bool:
        """Say whether a region name is stopped: nothing of it may run."""
        return region in self._endpoint.stopped

    # Its life.

    async def start(self, control: Handler) -> None:
        """Start everything; afterwards the endpoint answers.

        Args:
            control: Answers what arrives under `/_region/`.

        Raises:
            RegionError: The port is taken, or the emulator does not start.
        """
        began = time.monotonic()
        self._undo.callback(self.store.close)
        self.left_behind = self.processes.open()
        self._undo.push_async_callback(self.processes.close)
        self.processes.bar(self._why_barred)
        await self._listen(control)
        self._undo.push_async_callback(self.emulator.stop)
        await self.emulator.start()
        self.spawn("emulator", self.emulator.keep_running())
        self._undo.callback(self._proxy.close)
        self._undo.push_async_callback(self._server.close)
        self._undo.callback(self._clients.close)
        self._undo.push_async_callback(self._stop_services)
        # Importing takes time that the emulator's process needs too; both go on side by side.
        kinds = await asyncio.to_thread(self._import_services)
        await self.emulator.ready()
        for name, kind in kinds.items():
            self._create_service(name, kind)
        self._endpoint.ready.set()
        await asyncio.gather(*(self._start_service(name) for name in list(self._services)))
        self.start_seconds = time.monotonic() - began
        self.state = "running"
        _LOG.info("running at %s after %.2f s", self.endpoint, self.start_seconds)

    async def run(self) -> None:
        """Wait until somebody asks for the stop."""
        await self._stop_requested.wait()

    def request_stop(self) -> None:
        """Ask for the stop; `run` returns."""
        self.state = "stopping"
        self._stop_requested.set()

    async def stop(self) -> None:
        """Stop everything that was started, the last first."""
        self.state = "stopping"
        await self._undo.aclose()

    # Region names that are stopped and started.

    async def stop_region(self, name: str) -> None:
        """Make one region name fail: what runs in it stops, and its calls get no answer."""
        self._settings[name] = {"since": self.now()}
        self._endpoint.stopped.add(name)
        await asyncio.gather(*(service.stop_region(name) for service in self._services.values()))
        inside = [c for c in self.processes.running() if f"/{name}/" in f"/{c.name}/"]
        await asyncio.gather(*(child.stop() for child in inside))
        _LOG.warning("region %s is stopped", name)

    async def start_region(self, name: str) -> None:
        """Let a stopped region name work again, from what it had on disk."""
        if name in self._settings:
            del self._settings[name]
        self._endpoint.stopped.discard(name)
        await asyncio.gather(*(service.start_region(name) for service in self._services.values()))
        _LOG.warning("region %s is started", name)

    # What the control interface shows.

    @property
    def requests(self) -> int:
        """How many AWS requests came in."""
        return self._endpoint.requests

    def service_states(self) -> dict[str, str]:
        """Return the own services and how they are."""
        return dict(self._states)

    def region_states(self) -> dict[str, str]:
        """Return the region names that are in use, and whether they run."""
        used = {region for name in self._services for region in self.store.regions(name)}
        names = sorted({environment.REGION, *used, *self._endpoint.stopped} - {""})
        return {n: "stopped" if n in self._endpoint.stopped else "running" for n in names}

    # Private.

    async def _stop_services(self) -> None:
        for name, service in reversed(self._services.items()):
            try:
                async with asyncio.timeout(_SERVICE_STOP_TIMEOUT):
                    await service.stop()
            except Exception:  # noqa: BLE001  # the others have to stop all the same
                _LOG.exception("%s did not stop in order", name)
        await end_tasks(*self._background)

    async def _listen(self, control: Handler) -> None:
        self._server = Server(self._handle)
        try:
            self._port = await self._server.listen(LOOPBACK, self._port)
        except OSError as error:
            raise RegionError(
                f"cannot listen on {LOOPBACK}:{self._port}",
                why="another program has that port" if self._port else str(error),
                remedy="take any free one: platformctl region start --port 0, then what you wanted",
            ) from error
        self.endpoint = f"http://{LOOPBACK}:{self._port}"
        self.environment: Mapping[str, str] = environment.variables(self.endpoint, self.root)
        self._clients = Clients(self.endpoint)
        self.emulator = Emulator(self.processes, self.root, self._port)
        self._proxy = Proxy(LOOPBACK, self.emulator.port)
        hosts = frozenset({LOOPBACK, "localhost", "::1"})
        self._endpoint = Endpoint(self.account, self._proxy, control, hosts)
        self._endpoint.stopped.update(self._settings.keys())

    async def _handle(self, request: Request) -> Answer:
        return await self._endpoint.handle(request)

    def _import_services(self) -> dict[str, type[Service]]:
        kinds: dict[str, type[Service]] = {}
        for name, place in registry.SERVICES.items():
            module, _, attribute = place.partition(":")
            try:
                kinds[name] = getattr(importlib.import_module(module), attribute)
            except Exception as error:  # noqa: BLE001  # shown in the status
                self._fail(name, name, error)
        return kinds

    def _create_service(self, name: str, kind: type[Service]) -> None:
        """Make a service known to the others and to the endpoint before any of them starts."""
        scope = kind.scope or name
        try:
            self._services[name] = self._endpoint.services[scope] = kind(self)
        except Exception as error:  # noqa: BLE001  # shown in the status
            self._fail(name, scope, error)

    async def _start_service(self, name: str) -> None:
        service = self._services[name]
        try:
            await service.start()
        except Exception as error:  # noqa: BLE001  # shown in the status
            scope = service.scope or name
            del self._services[name], self._endpoint.services[scope]
            self._fail(name, scope, error)
        else:
            self._states[name] = "running"

    def _fail(self, name: str, scope: str, error: Exception) -> None:
        """Go on without a service: requests for it are answered with the reason."""
        _LOG.error("%s did not start", name, exc_info=error)
        reason = f"{type(error).__name__}: {error}"
        self._states[name] = f"failed: {reason}"
        self._endpoint.failed[scope] = reason

    def _ended(self, task: asyncio.Task[Any]) -> None:
        self._background.discard(task)
        if task.cancelled():
            return
        error = task.exception()
        if error is not None:
            _LOG.error("%s crashed", task.get_name(), exc_info=error)
            self.failures.append(f"{task.get_name()}: {type(error).__name__}: {error}")
            del self.failures[:-_REMEMBERED]

    def _why_barred(self, name: str) -> str:
        stopped = [region for region in self._endpoint.stopped if f"/{region}/" in f"/{name}/"]
        return f"region {stopped[0]} is stopped" if stopped else ""


def file_descriptor_limit() -> None:
    """Raise the limit of open files as far as it goes: every connection is one."""
    import resource  # noqa: PLC0415  # not on every system

    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft < hard:
        resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
