"""Keeps the emulator's process running and knows whether it lost state."""

import asyncio
import logging
import socket
import sys
import time
from pathlib import Path

from platformctl.errors import RegionError
from platformctl.region.supervisor.child import ChildProcess
from platformctl.region.supervisor.processes import ChildProcesses, minimal_environment

_LOG = logging.getLogger(__name__)
_NAME = "emulator"
_START_TIMEOUT = 30.0
_ANSWER_TIMEOUT = 5.0
_POLL = 0.05
_HOPELESS = 3
"""Ends during the start after which it will not get better."""
_LOG_LINES = 15
_SAVED = "saved-until"
"""File beside the marker that says until when everything is saved."""
_REMEDY = "pip install 'platformctl[local]' installs what it needs"
_STOP_TIMEOUT = 20.0
_FIRST_PAUSE, _LONGEST_PAUSE = 0.1, 5.0
_STEADY = 30.0
"""Seconds after which a crash counts as the first one again."""


class Emulator:
    """The emulator's process, started again whenever it ends by itself.

    Attributes:
        restarts: How often it ended by itself since the region started.
    """

    def __init__(self, processes: ChildProcesses, root: Path, public_port: int) -> None:
        self._processes = processes
        self._folder = root / "emulator"
        self._public_port = public_port
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self._socket.bind(("127.0.0.1", 0))
        self._socket.listen(512)
        self._child: ChildProcess | None = None
        self._unsaved = self._folder / "has-unsaved-changes"
        self._lost = self._folder / "state-was-lost"
        self.restarts = 0

    @property
    def port(self) -> int:
        """The port on 127.0.0.1 where it answers, the same over its restarts."""
        return self._socket.getsockname()[1]

    @property
    def state_lost(self) -> bool:
        """Whether an emulator ended with unsaved changes since the region was last reset.

        What was only there has to be deployed again.
        """
        return self._lost.exists()

    @property
    def saved_until(self) -> float:
        """The time until which everything is on disk, in seconds since the epoch; 0 for never."""
        try:
            return float((self._folder / _SAVED).read_text())
        except (FileNotFoundError, ValueError):
            return 0.0

    async def start(self) -> None:
        """Start it; it answers as soon as it listens, until then connections wait."""
        (self._folder / "state").mkdir(parents=True, exist_ok=True)
        (self._folder / "objects").mkdir(exist_ok=True)
        self._note_loss()
        await self._run()

    async def ready(self) -> None:
        """Wait until it answers.

        Raises:
            RegionError: It ends again and again, or does not answer in time.
        """
        deadline = time.monotonic() + _START_TIMEOUT
        while not await self._answers():
            if self.restarts >= _HOPELESS or time.monotonic() > deadline:
                raise RegionError(
                    "the emulator does not start", why=self._last_words(), remedy=_REMEDY
                )
            await asyncio.sleep(_POLL)

    async def stop(self) -> None:
        """Stop it so that it saves its state, and give its socket back."""
        if self._child is not None:
            await self._child.stop()
        self._socket.close()

    def _note_loss(self) -> None:
        """Before a start: remember it when the last run did not get to save its changes."""
        if self._unsaved.exists():
            self._unsaved.replace(self._lost)

    async def _run(self) -> None:
        descriptor = self._socket.fileno()
        self._child = await self._processes.start(
            _NAME,
            [
                sys.executable,
                "-m",
                "platformctl.region.emulator",
                str(descriptor),
                str(self._unsaved),
            ],
            environment=self._environment(),
            directory=self._folder,
            stop_timeout=_STOP_TIMEOUT,
            pass_fds=(descriptor,),
        )

    async def keep_running(self) -> None:
        """Start it again whenever it ends; the work of a background task."""
        pause = _FIRST_PAUSE
        while self._child is not None:
            started = time.monotonic()
            status = await self._child.wait()
            if time.monotonic() - started > _STEADY:
                pause = _FIRST_PAUSE
            self.restarts += 1
            self._note_loss()
            _LOG.error("the emulator ended by itself with status %s; it starts again", status)
            await asyncio.sleep(pause)
            pause = min(pause * 2, _LONGEST_PAUSE)
            await self._run()

    async def _answers(self) -> bool:
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
        try:
            writer.write(b"GET /_ministack/health HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n")
            async with asyncio.timeout(_ANSWER_TIMEOUT):
                line = await reader.readline()
        except (ConnectionError, TimeoutError):
            return False
        finally:
            writer.close()
        return line.startswith(b"HTTP/1.1 200")

    def _last_words(self) -> str:
        log = self._child.log if self._child is not None else None
        lines = log.read_text(errors="replace").splitlines() if log is not None else []
        return "\n".join(lines[-_LOG_LINES:]) or "it wrote nothing to its log"

    def _environment(self) -> dict[str, str]:
        """Settings of ministack; without them it would listen on every interface."""
        return {
            **minimal_environment(),
            "BIND_HOST": "127.0.0.1",
            "MINISTACK_HOST": "127.0.0.1",
            "GATEWAY_PORT": str(self._public_port),
            "IOT_MTLS_ENABLED": "0",
            "SFTP_ENABLED": "0",
            "PERSIST_STATE": "1",
            "STATE_DIR": str(self._folder / "state"),
            "S3_PERSIST": "1",
            "S3_DATA_DIR": str(self._folder / "objects"),
            "DOCKER_HOST": f"unix://{self._folder}/no-docker.sock",
            "AWS_ACCESS_KEY_ID": "local",
            "AWS_SECRET_ACCESS_KEY": "local",
            "LOG_LEVEL": "WARNING",
        }
