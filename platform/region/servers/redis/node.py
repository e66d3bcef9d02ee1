"""One Redis server: its folder, its configuration, its process.

It listens on a private loopback port without TLS; what clients reach is the front. The region has
a user of its own, because ElastiCache does not let clients configure or replicate.
"""

import asyncio
import contextlib
import hashlib
import os
import shutil
import time
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import redis.asyncio as client
from redis.exceptions import RedisError

from platformctl.errors import RegionError
from platformctl.region.runtime import Address, Process, Runtime
from platformctl.region.servers.redis.installation import program

ADMINISTRATOR = "region"
"""The region's own user."""
FORBIDDEN = (
    "acl",
    "bgrewriteaof",
    "bgsave",
    "config",
    "debug",
    "migrate",
    "module",
    "psync",
    "replicaof",
    "save",
    "shutdown",
    "slaveof",
    "sync",
)
"""Commands that ElastiCache does not let clients use."""
_START_SECONDS = 60.0
_SYNC_SECONDS = 120.0
_POLL = 0.02


@dataclass(frozen=True)
class Settings:
    """What a node is configured with.

    Attributes:
        parameters: Values of its parameter group that reach the server, by name.
        tokens: SHA-256 of each token that clients may use; none lets everybody in.
        primary: The primary's address on a replica.
    """

    parameters: Mapping[str, str]
    tokens: Sequence[str] = ()
    primary: Address | None = None


class Node:
    """One server.

    Args:
        runtime: The region.
        name: Process name, such as `elasticache/us-east-1/sessions-001`.
        folder: The server's folder.
        address: Private address it listens on.
        password: Password of the region's own user.
    """

    def __init__(
        self, runtime: Runtime, name: str, folder: Path, address: Address, password: str
    ) -> None:
        self.runtime = runtime
        self.name = name
        self.folder = folder
        self.address = address
        self.process: Process | None = None
        self._password = password

    @property
    def running(self) -> bool:
        """Its process is there."""
        return self.process is not None and self.process.returncode is None

    def seed(self, dump: Path) -> None:
        """Let the first start read a dump; the program takes one for its log of changes."""
        self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        shutil.copyfile(dump, self.folder / "appendonly.aof")

    async def start(self, settings: Settings) -> None:
        """Start the server and wait until it has read its data.

        Raises:
            RegionError: It ended, or did not answer in time.
        """
        self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        file = self.folder / "redis.conf"
        descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "w") as writing:
            writing.write(self._configuration(settings))
        self.process = await self.runtime.processes.start(
            self.name, [program(), str(file)], directory=self.folder
        )
        deadline = time.monotonic() + _START_SECONDS
        while True:
            try:
                async with self.session() as session:
                    await session.ping()
            except (RedisError, OSError) as error:
                if self.process.returncode is not None or time.monotonic() > deadline:
                    raise RegionError(
                        f"{self.name} did not start",
                        why=str(error),
                        remedy=f"platformctl region logs {self.name}",
                    ) from error
            else:
                return
            await asyncio.sleep(_POLL)

    async def stop(self) -> None:
        """Stop the server; everything is written."""
        if self.process is not None:
            await self.process.stop()

    @contextlib.asynccontextmanager
    async def session(self) -> AsyncIterator["client.Redis"]:
        """Open a connection of the region's own user."""
        connection = client.Redis(
            host=self.address.host,
            port=self.address.port,
            username=ADMINISTRATOR,
            password=self._password,
            decode_responses=True,
            socket_timeout=10,
            socket_connect_timeout=5,
        )
        async with connection:
            yield connection

    async def apply(self, settings: Settings) -> None:
        """Let settings take effect without a restart.

        Raises:
            RegionError: The server refuses one.
        """
        try:
            async with self.session() as session:
                for name, value in settings.parameters.items():
                    await session.config_set(name, value)
                await session.execute_command(
                    "ACL", "SETUSER", *_client_user(settings.tokens).split()
                )
        except RedisError as error:
            raise RegionError(f"{self.name} refuses its configuration", why=str(error)) from error

    async def follow(self, primary: Address | None) -> None:
        """Follow another server from now on, or none (be a primary).

        Raises:
            RegionError: The server refuses.
        """
        try:
            async with self.session() as session:
                target = ("NO", "ONE") if primary is None else (primary.host, str(primary.port))
                await session.execute_command("REPLICAOF", *target)
        except (RedisError, OSError) as error:
            raise RegionError(f"{self.name} cannot change its role", why=str(error)) from error

    async def synchronised(self) -> None:
        """Wait until a replica has everything its primary has.

        Raises:
            RegionError: That took too long.
        """
        try:
            async with asyncio.timeout(_SYNC_SECONDS):
                while (await self.information("replication")).get("master_link_status") != "up":  # noqa: ASYNC110  # the server has no event for it
                    await asyncio.sleep(_POLL)
        except TimeoutError as error:
            raise RegionError(f"{self.name} does not catch up with its primary") from error

    async def information(self, section: str) -> dict[str, Any]:
        """Return a section of `INFO`."""
        async with self.session() as session:
            return await session.info(section)

    async def dump(self, target: Path) -> None:
        """Write everything into a file.

        Raises:
            RegionError: The server cannot.
        """
        dump = self.folder / "dump.rdb"
        # The server may have to finish other work first; only a new file tells that it is done.
        dump.unlink(missing_ok=True)
        before = (await self.information("persistence"))["rdb_last_bgsave_status"]
        async with self.session() as session:
            await session.execute_command("BGSAVE", "SCHEDULE")
        try:
            async with asyncio.timeout(_SYNC_SECONDS):
                while not dump.exists():
                    state = await self.information("persistence")
                    if before == "ok" != state["rdb_last_bgsave_status"]:
                        raise RegionError(f"{self.name} cannot write its snapshot")
                    await asyncio.sleep(_POLL)
        except TimeoutError as error:
            raise RegionError(f"{self.name} does not write its snapshot") from error
        target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        await asyncio.to_thread(shutil.copyfile, dump, target)

    def _configuration(self, settings: Settings) -> str:
        lines = {
            "maxmemory": "96mb",
            **{name: value or '""' for name, value in settings.parameters.items()},
            "bind": self.address.host,
            "port": str(self.address.port),
            "protected-mode": "no",
            "daemonize": "no",
            "dir": _quoted(str(self.folder)),
            "dbfilename": "dump.rdb",
            "save": '""',
            "appendonly": "yes",
            "appendfsync": "everysec",
            # The first synchronisation of a replica need not wait for others to come.
            "repl-diskless-sync-delay": "0",
            "masteruser": ADMINISTRATOR,
            "masterauth": self._password,
        }
        if settings.primary is not None:
            lines["replicaof"] = f"{settings.primary.host} {settings.primary.port}"
        text = "".join(f"{name} {value}\n" for name, value in lines.items())
        own = f"user {ADMINISTRATOR} on #{digest(self._password)} ~* &* +@all\n"
        return f"{text}{own}user {_client_user(settings.tokens)}\n"


def digest(secret: str) -> str:
    """Return what is kept of a token instead of the token itself."""
    return hashlib.sha256(secret.encode()).hexdigest()


def _client_user(tokens: Sequence[str]) -> str:
    """Return the rule of the user that clients are."""
    passwords = " ".join(f"#{token}" for token in tokens) if tokens else "nopass"
    forbidden = " ".join(f"-{command}" for command in FORBIDDEN)
    return f"default reset on {passwords} ~* &* +@all {forbidden}"


def _quoted(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'
