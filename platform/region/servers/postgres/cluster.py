"""One PostgreSQL server: its data folder, its configuration, its process.

The folder `<folder>/` belongs to one server: `data/` is PostgreSQL's, `wal/` the archive of its
changes, `logs/` what its programs say. The server listens on a private loopback port without TLS;
what clients reach is the front.
"""

import asyncio
import contextlib
import os
import shutil
import signal
import time
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, LiteralString

import psycopg

from platformctl.errors import RegionError
from platformctl.region.runtime import Address, Process, Runtime
from platformctl.region.servers.postgres.archive import SEGMENT_MEGABYTES, Archive
from platformctl.region.servers.postgres.configuration import (
    authentication,
    quoted,
    settings,
)
from platformctl.region.servers.postgres.installation import Installation

ADMINISTRATOR = "rdsadmin"
"""The one superuser, as on RDS; only the region has its password."""
START_TIMEOUT = 120.0
_POLL = 0.02


@dataclass(frozen=True)
class Upstream:
    """The server a replica follows.

    Attributes:
        address: Its private address.
        slot: The replication slot the replica reads from.
        archive: Its archive, for what the slot no longer has.
    """

    address: Address
    slot: str
    archive: Archive


class Cluster:
    """One server.

    Args:
        runtime: The region.
        name: Process name, such as `rds/us-east-1/orders`.
        folder: The server's folder.
        address: Private address it listens on.
        installation: Programs it runs with.
        password_file: File in `pgpass` form with the administrator's password.
    """

    def __init__(
        self,
        runtime: Runtime,
        name: str,
        folder: Path,
        address: Address,
        installation: Installation,
        password_file: Path,
    ) -> None:
        self.runtime = runtime
        self.name = name
        self.folder = folder
        self.data = folder / "data"
        self.archive = Archive(folder / "wal")
        self.address = address
        self.installation = installation
        self.password_file = password_file
        self.process: Process | None = None

    @property
    def running(self) -> bool:
        """Its process is there; it may still be starting."""
        return self.process is not None and self.process.returncode is None

    def prepare_folder(self) -> None:
        """Make the folders, owned by who runs the server; a half-made data folder is removed."""
        shutil.rmtree(self.data, ignore_errors=True)
        for folder in (self.folder, self.data, self.archive.folder, self.folder / "logs"):
            folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        self.runtime.give(self.folder)

    async def initialise(self) -> None:
        """Make an empty data folder with the administrator as its only role.

        Raises:
            RegionError: `initdb` failed.
        """
        self.prepare_folder()
        password = self.folder / "password"
        _write_private(password, self._password() + "\n")
        self.runtime.give(password.parent)
        try:
            await self.run(
                "initdb",
                f"--pgdata={self.data}",
                f"--username={ADMINISTRATOR}",
                f"--pwfile={password}",
                "--auth=scram-sha-256",
                "--encoding=UTF8",
                "--locale=C",
                "--data-checksums",
                f"--wal-segsize={SEGMENT_MEGABYTES}",
            )
        finally:
            password.unlink()

    async def copy_from(self, source: Address, *, slot: str | None = None) -> None:
        """Fill the data folder with a copy of a running server (`pg_basebackup`).

        Raises:
            RegionError: The copy failed.
        """
        self.prepare_folder()
        following = ["--wal-method=stream", f"--slot={slot}"] if slot else ["--wal-method=stream"]
        await self.run(
            "pg_basebackup",
            f"--pgdata={self.data}",
            f"--host={source.host}",
            f"--port={source.port}",
            f"--username={ADMINISTRATOR}",
            "--no-password",
            "--checkpoint=fast",
            *following,
        )

    async def run(self, program: str, *arguments: str) -> None:
        """Run one of PostgreSQL's programs to its end.

        Raises:
            RegionError: It did not end well; the reason is the end of its output.
        """
        log = self.folder / "logs" / f"{program}.log"
        process = await self.runtime.processes.start(
            f"{self.name}/{program}",
            [self.installation.program(program), *arguments],
            environment=self._environment(),
            directory=self.folder,
            log=log,
            unprivileged=True,
        )
        status = await process.wait()
        if status != 0:
            raise RegionError(
                f"{program} of {self.name} ended with status {status}", why=_last_line(log)
            )

    def configure(
        self,
        parameters: Mapping[str, str],
        *,
        upstream: Upstream | None = None,
        recovery: Mapping[str, str] | None = None,
    ) -> None:
        """Write the configuration of the next start or reload.

        Args:
            parameters: What its parameter group says, by name.
            upstream: Follow that server as a replica.
            recovery: Settings of a recovery to a point in time (`restore_command`, …).
        """
        lines = dict(settings(self.address, self.archive, parameters))
        for name in ("standby.signal", "recovery.signal"):
            (self.data / name).unlink(missing_ok=True)
        if upstream is not None:
            lines["primary_conninfo"] = (
                f"host={upstream.address.host} port={upstream.address.port} "
                f"user={ADMINISTRATOR} passfile='{self.password_file}' "
                f"application_name='{upstream.slot}'"
            )
            lines["primary_slot_name"] = upstream.slot
            lines["restore_command"] = upstream.archive.restore_command
            (self.data / "standby.signal").touch(mode=0o600)
        if recovery is not None:
            lines.update(recovery)
            (self.data / "recovery.signal").touch(mode=0o600)
        text = "".join(f"{name} = {quoted(value)}\n" for name, value in sorted(lines.items()))
        _write_private(self.data / "postgresql.conf", text)
        _write_private(self.data / "postgresql.auto.conf", "")
        _write_private(self.data / "pg_hba.conf", authentication(ADMINISTRATOR))
        for name in (
            "postgresql.conf",
            "postgresql.auto.conf",
            "pg_hba.conf",
            "standby.signal",
            "recovery.signal",
        ):
            if (self.data / name).exists():
                self._give_file(self.data / name)

    async def start(self) -> None:
        """Start the server and wait until it answers.

        Raises:
            RegionError: It ended, or did not answer in time.
        """
        self._forget_stranger()
        self.process = await self.runtime.processes.start(
            self.name,
            [self.installation.program("postgres"), "-D", str(self.data)],
            environment=self._environment(),
            directory=self.folder,
            stop_signal=signal.SIGINT,
            stop_timeout=30.0,
            unprivileged=True,
        )
        deadline = time.monotonic() + START_TIMEOUT
        while True:
            try:
                async with self.session():
                    return
            except psycopg.OperationalError as error:
                if self.process.returncode is not None:
                    raise RegionError(
                        f"{self.name} ended with status {self.process.returncode}",
                        why="its log says why",
                        remedy=f"platformctl region logs {self.name}",
                    ) from error
                if time.monotonic() > deadline:
                    raise RegionError(
                        f"{self.name} does not answer after {START_TIMEOUT:.0f} s", why=str(error)
                    ) from error
            await asyncio.sleep(_POLL)

    async def stop(self) -> None:
        """Stop the server: connections are closed, everything is written."""
        if self.process is not None:
            await self.process.stop()

    def reload(self) -> None:
        """Have the server read its configuration again."""
        if self.process is not None and self.process.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                os.kill(self.process.pid, signal.SIGHUP)

    @contextlib.asynccontextmanager
    async def session(self, database: str = "postgres") -> AsyncIterator[psycopg.AsyncConnection]:
        """Open a connection of the administrator, every statement its own transaction."""
        connection = await psycopg.AsyncConnection.connect(
            host=self.address.host,
            port=self.address.port,
            user=ADMINISTRATOR,
            dbname=database,
            password=self._password(),
            sslmode="disable",
            application_name="region",
            connect_timeout=10,
            autocommit=True,
        )
        async with connection:
            yield connection

    async def value(self, query: LiteralString, *arguments: Any) -> Any:
        """Return the first column of the first row of a query, None where there is none."""
        async with self.session() as connection:
            row = await (await connection.execute(query, arguments)).fetchone()
        return row[0] if row else None

    def _password(self) -> str:
        return self.password_file.read_text().strip().rpartition(":")[2]

    def _forget_stranger(self) -> None:
        """Remove a lock file whose process id now belongs to another program."""
        lock = self.data / "postmaster.pid"
        try:
            pid = int(lock.read_text().splitlines()[0])
            program = Path(f"/proc/{pid}/comm").read_text().strip()
        except (OSError, ValueError, IndexError):
            return
        if program != "postgres":
            lock.unlink()

    def _give_file(self, path: Path) -> None:
        owner = self.data.stat()
        if os.geteuid() == 0:
            os.chown(path, owner.st_uid, owner.st_gid)

    def _environment(self) -> dict[str, str]:
        kept = ("PATH", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH")
        environment = {name: os.environ[name] for name in kept if name in os.environ}
        return {**environment, "TZ": "UTC", "LC_ALL": "C", "PGPASSFILE": str(self.password_file)}


def _write_private(path: Path, text: str) -> None:
    temporary = path.with_name(path.name + ".new")
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w") as file:
        file.write(text)
    temporary.replace(path)


def _last_line(log: Path) -> str:
    lines = log.read_text(errors="replace").strip().splitlines() if log.exists() else []
    return lines[-1] if lines else "it said nothing"
