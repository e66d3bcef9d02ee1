"""The supervisor's end of a balancer process: starts it, tells it what is wanted, hears reports.

A process that ends without being asked is started again at once with the same configuration (a
pause grows only if it cannot stay up at all).
"""

import asyncio
import json
import shutil
import sys
import tempfile
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from platformctl.region.cancellation import end_tasks
from platformctl.region.runtime import Process, Runtime
from platformctl.region.servers.owner import program_environment

_MODULE = ("-m", "platformctl.region.balancer")
_LINE_LIMIT = 64 * 1024 * 1024
_STEADY_SECONDS = 10.0
_LONGEST_PAUSE = 5.0


class BalancerOwner:
    """One balancer process, kept running.

    Args:
        runtime: The region.
        name: Process name shown by `region ps`, such as `elbv2/us-east-1/front`.
        configuration: Returns the whole configuration that is wanted now, without `revision`.
        report: Gets every message of the process but acknowledgements.
        arguments: More arguments for the process.
    """

    def __init__(
        self,
        runtime: Runtime,
        name: str,
        configuration: Callable[[], dict[str, Any]],
        report: Callable[[dict[str, Any]], None],
        arguments: Sequence[str] = (),
    ) -> None:
        self.runtime = runtime
        self.name = name
        self.arguments = tuple(arguments)
        self.errors: dict[str, str] = {}
        self.ready = False
        self._configuration = configuration
        self._report = report
        self._revision = 0
        self._applied = 0
        self._acknowledged = asyncio.Condition()
        self._writer: asyncio.StreamWriter | None = None
        self._process: Process | None = None
        self._keeper: asyncio.Task[Any] | None = None
        self._stopping = False

    def start(self) -> None:
        """Start the process and keep it running."""
        self._keeper = self.runtime.spawn(self.name, self._keep())

    async def stop(self) -> None:
        """Stop the process and wait for its end."""
        self._stopping = True
        if self._process is not None:
            await self._process.stop()
        if self._keeper is not None:
            await end_tasks(self._keeper)

    def send(self) -> int:
        """Send the configuration that is wanted now; return its revision."""
        self._revision += 1
        if self._writer is not None and not self._writer.is_closing():
            document = {**self._configuration(), "revision": self._revision}
            self._writer.write(json.dumps({"configuration": document}).encode() + b"\n")
        return self._revision

    async def apply(self, timeout: float = 5.0) -> bool:  # noqa: ASYNC109  # also covers a restart meanwhile
        """Send the configuration and wait until it is in force; False when that takes too long."""
        revision = self.send()
        try:
            async with asyncio.timeout(timeout), self._acknowledged:
                await self._acknowledged.wait_for(lambda: self._applied >= revision)
        except TimeoutError:
            return False
        return True

    async def _keep(self) -> None:
        pause = 0.0
        while not self._stopping:
            started = asyncio.get_running_loop().time()
            await self._run()
            steady = asyncio.get_running_loop().time() - started > _STEADY_SECONDS
            pause = 0.0 if steady else min(max(pause * 2, 0.1), _LONGEST_PAUSE)
            # The first restart is immediate; one that dies young again and again waits longer.
            await asyncio.sleep(0.0 if pause <= 0.1 else pause)

    async def _run(self) -> None:
        """Run the process once, from start to end."""
        # A unix socket's path may have about 100 bytes: the region's own folder may be too deep.
        folder = Path(tempfile.mkdtemp(prefix="platformctl-"))
        server = await asyncio.start_unix_server(
            self._converse, path=str(folder / "control"), limit=_LINE_LIMIT
        )
        try:
            self._process = await self.runtime.processes.start(
                self.name,
                [sys.executable, *_MODULE, "--socket", str(folder / "control"), *self.arguments],
                environment=program_environment(),
            )
            if self._stopping:
                await self._process.stop()
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
        finally:
            self.ready = False
            if self._writer is writer:
                self._writer = None
            writer.close()

    async def _hear(self, message: Mapping[str, Any]) -> None:
        if "applied" in message:
            self.errors = {arn: error for arn, error in message["listeners"].items() if error}
            self.ready = True
            async with self._acknowledged:
                self._applied = message["applied"]
                self._acknowledged.notify_all()
        else:
            self._report(dict(message))
