"""Starts the process that a program runs in, and watches it."""

import contextlib
import json
import subprocess
import threading
from collections.abc import Callable, Iterator
from typing import IO, Any

from platformctl.engine.execution.context import Context
from platformctl.engine.program import interpreter
from platformctl.errors import ConfigurationError, PlatformError

# How long a program that was told to stop may take until it is killed, in seconds.
STOP_TIMEOUT = 5.0

OnLine = Callable[[str, str], None]


class ProgramError(PlatformError):
    """The Pulumi program ended with an exception."""

    code = "program"


class Program:
    """A running program.

    Args:
        context: What the run is about.
        address: Where the engine listens.
        on_line: Takes a severity (`info`, `info#err`) and a line that the program wrote.
    """

    def __init__(self, context: Context, address: str, on_line: OnLine) -> None:
        entry = context.program / "__main__.py"
        if not entry.is_file():
            raise ConfigurationError(
                f"there is no Pulumi program in {context.program}",
                why=f"{entry.name} is missing",
            )
        self._process = interpreter.take(context.program)
        if self._process.stdin:
            with contextlib.suppress(BrokenPipeError):  # it has died; `wait` will tell
                self._process.stdin.write(json.dumps(environment(context, address)).encode())
                self._process.stdin.write(b"\n")
                self._process.stdin.flush()
        self._readers = [
            threading.Thread(target=_pass_on, args=(stream, severity, on_line), daemon=True)
            for stream, severity in (
                (self._process.stdout, "info"),
                (self._process.stderr, "info#err"),
            )
        ]
        for reader in self._readers:
            reader.start()

    @property
    def ended(self) -> bool:
        """Whether the process is gone."""
        return self._process.poll() is not None

    def wait(self) -> int:
        """Wait for the end, and for everything it wrote; returns the exit status."""
        status = self._process.wait()
        for reader in self._readers:
            reader.join()
        return status

    def stop(self) -> None:
        """End the process if it is still there."""
        end(self._process)
        self.wait()
        for stream in (self._process.stdout, self._process.stderr):
            if stream:
                stream.close()


def end(process: "subprocess.Popen[Any]") -> None:
    """End a process that goes when its standard input closes; one that does not is killed."""
    if process.stdin:
        with contextlib.suppress(BrokenPipeError):
            process.stdin.close()
    try:
        process.wait(STOP_TIMEOUT)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


@contextlib.contextmanager
def running(context: Context, address: str, on_line: OnLine) -> Iterator[Program]:
    """Run a program for the length of a `with` block at most."""
    program = Program(context, address, on_line)
    try:
        yield program
    finally:
        program.stop()


def environment(context: Context, address: str) -> dict[str, str]:
    """Return the variables that tell a program or policy pack what the run is about."""
    return {
        "PULUMI_MONITOR": address,
        "PULUMI_ENGINE": address,
        "PULUMI_PROJECT": context.project,
        "PULUMI_STACK": context.stack,
        "PULUMI_ORGANIZATION": context.organization,
        "PULUMI_ROOT_DIRECTORY": str(context.root),
        "PULUMI_DRY_RUN": "true" if context.preview else "false",
        "PULUMI_PARALLEL": str(context.parallel),
        "PULUMI_CONFIG": json.dumps(dict(context.configuration)),
        "PULUMI_CONFIG_SECRET_KEYS": json.dumps(list(context.secret_keys)),
        "PYTHONUNBUFFERED": "1",
    }


def _pass_on(stream: IO[bytes] | None, severity: str, on_line: OnLine) -> None:
    if stream is None:
        return
    for line in stream:
        on_line(severity, line.decode(errors="replace").rstrip("\r\n"))
