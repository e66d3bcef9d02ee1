"""What the supervisor gives every service of the region: records, processes, addresses, trust.

This module is the seam between the supervisor and the services. Services reach each other through
`Runtime.service` (in process) and the emulator's services through `Runtime.call` (its API).
"""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol, TypeVar

from platformctl.region.services.base import Service

ServiceType = TypeVar("ServiceType", bound=Service)


class Table(Protocol):
    """Records of one kind in one region; JSON values by key, written through to disk.

    A record that was changed in place must be put again. Iteration is in order of insertion.
    """

    def __getitem__(self, key: str) -> dict[str, Any]: ...
    def __setitem__(self, key: str, record: dict[str, Any]) -> None: ...
    def __delitem__(self, key: str) -> None: ...
    def __contains__(self, key: object) -> bool: ...
    def __len__(self) -> int: ...

    def get(self, key: str) -> dict[str, Any] | None:
        """Return the record, or None where there is none."""
        ...

    def keys(self) -> list[str]:
        """Return all keys, oldest first."""
        ...

    def values(self) -> list[dict[str, Any]]:
        """Return all records, oldest first."""
        ...


class Store(Protocol):
    """Everything the region's own services remember; survives `kill -9` and a reboot."""

    def table(self, service: str, region: str, kind: str) -> Table:
        """Return the table of one kind of record, empty if it was never written."""
        ...

    def regions(self, service: str) -> list[str]:
        """Name the regions in which a service has records."""
        ...


class Process(Protocol):
    """A child process that the supervisor owns, with everything it starts in turn."""

    name: str
    pid: int
    returncode: int | None
    started_at: float
    out_of_memory: bool
    """It was killed because it went over its memory limit."""

    async def wait(self) -> int:
        """Wait for the end and return the exit status (negative: killed by that signal)."""
        ...

    async def stop(self, timeout: float | None = None) -> int:  # noqa: ASYNC109  # until the kill
        """Ask it to stop with its stop signal, kill its group after `timeout` seconds."""
        ...


@dataclass(frozen=True)
class SharedMemory:
    """Resident bytes that several processes have together.

    Attributes:
        owner: Whose they are; processes with the same owner share them.
        limit: Bytes after which the largest of them is killed as out of memory.
    """

    owner: str
    limit: int


class Processes(Protocol):
    """Starts processes that cannot outlive the supervisor, however it ends."""

    async def start(  # noqa: PLR0913  # a process has that many sides
        self,
        name: str,
        command: Sequence[str],
        *,
        environment: Mapping[str, str] | None = None,
        directory: Path | None = None,
        log: Path | None = None,
        output: "asyncio.StreamReader | None" = None,
        stop_signal: int = 15,
        stop_timeout: float = 10.0,
        unprivileged: bool = False,
        memory_limit: int | None = None,
        shared_memory: SharedMemory | None = None,
    ) -> Process:
        """Start a child in a process group of its own.

        Args:
            name: Unique name shown by `region ps`, such as `rds/us-east-1/analytics-primary`.
            command: Program and arguments; nothing secret, they are visible to others.
            environment: The whole environment; None passes a minimal one (PATH, HOME, LANG, TZ).
            directory: Working directory.
            log: File that standard output and error are appended to (default: one by name).
            output: Reader that receives standard output and error line by line; `log` then only
                names the file to which the caller writes them, for `region logs`.
            stop_signal: Signal that asks the program to stop.
            stop_timeout: Seconds it gets before its group is killed.
            unprivileged: Run as a user other than root where the supervisor is root (PostgreSQL
                refuses root); files the child must own are given with `Runtime.give`.
            memory_limit: Resident bytes after which the child is killed as out of memory.
            shared_memory: Bytes that it has together with others.

        Raises:
            RegionError: The program does not exist or cannot be started.
        """
        ...


@dataclass(frozen=True)
class Address:
    """Where something listens on loopback."""

    host: str
    port: int

    def __str__(self) -> str:
        return f"{self.host}:{self.port}"


class Addresses(Protocol):
    """Loopback addresses and ports, each given to one owner and kept over restarts."""

    def allocate(self, owner: str, port: int, *, shared: bool = False) -> Address:
        """Return where `owner` may listen for `port`; the same answer every time.

        An owner has one host (127.x.y.z) for all its ports where the system has more than one
        loopback address; elsewhere 127.0.0.1 and a free port near the one asked for. With
        `shared` the host is 127.0.0.1 as long as that port is free there: for what people type.
        """
        ...

    def release(self, owner: str) -> None:
        """Give back everything an owner has."""
        ...


@dataclass(frozen=True)
class Certificate:
    """A certificate with its private key, as files in PEM form (mode 0600)."""

    certificate: Path
    key: Path


class CertificateAuthority(Protocol):
    """The region's own certificate authority; its key never leaves the region's folder."""

    bundle: Path
    """The authority's certificate alone: what RDS calls `global-bundle.pem`."""
    trust: Path
    """The public authorities' bundle plus ours: for `SSL_CERT_FILE` and `AWS_CA_BUNDLE`."""

    def issue(self, owner: str, names: Sequence[str]) -> Certificate:
        """Return a server certificate for DNS names and IP addresses, made once per owner."""
        ...


class Runtime(Protocol):
    """The running region as its services see it.

    Attributes:
        root: The region's folder, `.platformctl/region`.
        project: Folder of the project whose `apps/` the region runs, or None.
        endpoint: URL of the AWS endpoint, `http://127.0.0.1:4566`.
        account: Account id of every resource, `000000000000`.
        environment: What a workload needs to reach the region as it would reach AWS:
            `AWS_ENDPOINT_URL`, credentials, `SSL_CERT_FILE`, `AWS_CA_BUNDLE`, `PGSSLROOTCERT`.
    """

    @property
    def root(self) -> Path: ...  # noqa: D102  # described above, as those that follow
    @property
    def project(self) -> Path | None: ...  # noqa: D102
    @property
    def endpoint(self) -> str: ...  # noqa: D102
    @property
    def account(self) -> str: ...  # noqa: D102
    @property
    def environment(self) -> Mapping[str, str]: ...  # noqa: D102
    @property
    def store(self) -> Store: ...  # noqa: D102
    @property
    def processes(self) -> Processes: ...  # noqa: D102
    @property
    def addresses(self) -> Addresses: ...  # noqa: D102
    @property
    def certificates(self) -> CertificateAuthority: ...  # noqa: D102

    @property
    def emulator_restarts(self) -> int:
        """How often the emulator crashed, and with it fell back to what it had saved."""
        ...

    @property
    def emulator_saved_until(self) -> float:
        """The time until which the emulator has saved everything, in seconds since the epoch."""
        ...

    def service(self, kind: type[ServiceType]) -> ServiceType:
        """Return another of the region's own services."""
        ...

    async def call(
        self, service: str, region: str, operation: str, parameters: Mapping[str, Any]
    ) -> dict[str, Any]:
        """Call any AWS operation of this region (`sns`, `publish`, …), in a thread.

        Raises:
            botocore.exceptions.ClientError: The service answered with an error.
        """
        ...

    def spawn(self, name: str, work: "Any") -> "asyncio.Task[Any]":
        """Run a coroutine in the background; a crash is logged with its name and shown by `ps`."""
        ...

    def give(self, path: Path) -> None:
        """Make a folder and all in it belong to the user of unprivileged processes."""
        ...

    def is_stopped(self, region: str) -> bool:
        """Say whether a region name is stopped (an outage): nothing of it may run."""
        ...

    def now(self) -> float:
        """Return the time in seconds since the epoch; tests move it."""
        ...
