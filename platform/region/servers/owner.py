"""The supervisor's end of the line to a program: keeps it running, tells it what is wanted.

The program's end is `platformctl.region.servers.control`. A program that ends without being asked
is started again with the same configuration.
"""

import asyncio
import json
import os
import shutil
import sys
import tempfile
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from platformctl.errors import RegionError
from platformctl.region.cancellation import end_tasks
from platformctl.region.runtime import Process, Runtime

_LINE_LIMIT = 64 * 1024 * 1024
_STEADY_SECONDS = 10.0
_LONGEST_PAUSE = 5.0
_PATIENCE = 30.0


class ProgramOwner:
    """One program, kept running.

    Args:
        runtime: The region.
        name: Process name shown by `region ps`, such as `rds/us-east-1/front`.
        module: Module that is run.
        configuration: Returns the whole configuration that is wanted now.
        report: Gets what the program reports.
        stop_timeout: Seconds the program gets to stop.

    Attributes:
        starts: How often the program was started.
    """

    def __init__(
        self,
        runtime: Runtime,
        name: str,
        module: str,
        configuration: Callable[[], dict[str, Any]],
        report: Callable[[Mapping[str, Any]], None] = lambda _: None,
        stop_timeout: float = 10.0,
    ) -> None:
        self.runtime = runtime
        self.name = name
        self.module = module
        self.starts = 0
        self._configuration = configuration
        self._report = report
        self._stop_timeout = stop_timeout
        self._revision = 0
        self._applied = 0
        self._errors: dict[str, str] = {}
        self._acknowledged = asyncio.Condition()
        self._writer: asyncio.StreamWriter | None = None
        self._process: Process | None = None
        self._keeper: asyncio.Task[Any] | None = None

    def start(self) -> None:
        """Start the program and keep it running."""
        self._keeper = self.runtime.spawn(f"{self.name}/keeper", self._keep())

    async def stop(self) -> None:
        """Stop the program and wait for its end."""
        if self._keeper is not None:
            await end_tasks(self._keeper)
        if self._process is not None:
            await self._process.stop()

    def send(self) -> int:
        """Send the configuration that is wanted now; return its revision."""
        self._revision += 1
        if self._writer is not None and not self._writer.is_closing():
            document = {**self._configuration(), "revision": self._revision}
            self._writer.write(json.dumps({"configuration": document}).encode() + b"\n")
        return self._revision

    async def apply(self) -> None:
        """Send the configuration and wait until it is in force.

        Raises:
            RegionError: That took too long, or a part of it could not be done.
        """
        revision = self.send()
        try:
            async with asyncio.timeout(_PATIENCE), self._acknowledged:
                await self._acknowledged.wait_for(lambda: self._applied >= revision)
        except TimeoutError as error:
            raise RegionError(
                f"{self.name} does not follow its configuration",
                why=f"it did not answer within {_PATIENCE:.0f} s",
                remedy=f"platformctl region logs {self.name}",
            ) from error
        if self._errors:
            why = "; ".join(f"{name}: {reason}" for name, reason in self._errors.items())
            raise RegionError(f"{self.name} cannot do all that is configured", why=why)

    async def _keep(self) -> None:
        pause = 0.0
        while True:
            began = time.monotonic()
            await self._run()
            steady = time.monotonic() - began > _STEADY_SECONDS
            # The first restart is immediate; one that dies young again and again waits longer.
            pause = 0.0 if steady else min(max(pause * 2, 0.05), _LONGEST_PAUSE)
            await asyncio.sleep(pause)

    async def _run(self) -> None:
        """Run the program once, from start to end."""
        # A unix socket's path may have about 100 bytes: the region's own folder may be too deep.
        folder = Path(tempfile.mkdtemp(prefix="platformctl-"))
        server = await asyncio.start_unix_server(
            self._converse, path=str(folder / "control"), limit=_LINE_LIMIT
        )
        try:
            self._process = await self.runtime.processes.start(
                self.name,
                [sys.executable, "-m", self.module, "--socket", str(folder / "control")],
                environment=program_environment(),
                stop_timeout=self._stop_timeout,
            )
            self.starts += 1
            await self._process.wait()
        finally:
            server.close()
            shutil.rmtree(folder, ignore_errors=True)

    async def _converse(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._writer = writer
        self.send()
        try:
            while line := await reader.readline():
                await self._hear(json.loads(line))
        except ConnectionError:
            pass  # It was killed in the middle of a line; `_keep` starts it again.
        finally:
            if self._writer is writer:
                self._writer = None
            writer.close()

    async def _hear(self, message: Mapping[str, Any]) -> None:
        if "applied" not in message:
            self._report(message)
            return
        async with self._acknowledged:
            self._applied = message["applied"]
            self._errors = message["errors"]
            self._acknowledged.notify_all()


def program_environment() -> dict[str, str]:
    """Return what a program of ours gets of our environment; no credentials are in it."""
    kept = ("PATH", "HOME", "LANG", "TZ", "PYTHONPATH", "VIRTUAL_ENV")
    environment = {name: os.environ[name] for name in kept if name in os.environ}
    return {**environment, "PYTHONUNBUFFERED": "1"}
