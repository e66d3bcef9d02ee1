"""The official CLI as a process: found, judged, run, interrupted with care, its failures told."""

import os
import shutil
import signal
import subprocess
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

from pulumi import automation
from pulumi.automation.errors import InvalidVersionError
from semver import VersionInfo

from platformctl.deployment.pulumi.failures import Failure, PulumiError, explain
from platformctl.deployment.pulumi.installation import INSTALL, installed_root

MINIMUM_VERSION = VersionInfo(3, 206, 0)
"""The first CLI that sends its events as a stream."""
DEVELOPMENT_VERSION = MINIMUM_VERSION
"""What a CLI that names no version, as a build of one's own, is taken for."""

OnOutput = Callable[[str], Any]


class Command(automation.PulumiCommand):
    """The CLI on PATH, else the one that `install` made, working for one environment.

    Args:
        stack: The environment, for messages.

    Raises:
        PulumiError: There is none, or it does not fit the installed SDK.
    """

    def __init__(self, stack: str) -> None:
        self.stack = stack
        self.diagnostics: list[str] = []
        root = None if shutil.which("pulumi") else str(installed_root())
        try:
            super().__init__(root=root, version=MINIMUM_VERSION)
        except FileNotFoundError as error:
            raise PulumiError(
                f"cannot work on {stack}",
                why="the Pulumi CLI is not installed",
                remedy=f"{INSTALL}   or look without it: platformctl preview {stack} --offline",
            ) from error
        except InvalidVersionError as error:
            raise PulumiError(
                f"cannot work on {stack}",
                why=f"the Pulumi CLI does not fit the installed SDK: {error}",
                remedy=INSTALL,
            ) from error
        except (OSError, subprocess.CalledProcessError) as error:
            raise PulumiError(
                f"cannot work on {stack}",
                why=f"the Pulumi CLI does not run: {error}",
                remedy=INSTALL,
            ) from error
        if self.version is None:
            self.version = DEVELOPMENT_VERSION

    def run(
        self,
        args: list[str],
        cwd: str,
        additional_env: Mapping[str, str],
        on_output: OnOutput | None = None,
        on_error: OnOutput | None = None,
    ) -> automation.CommandResult:
        """Run one command and return what it wrote.

        Ctrl-C asks it to stop cleanly and waits until it has; a second one ends it at once.

        Raises:
            PlatformError: It failed; see `failures`.
        """
        self.diagnostics.clear()
        process = subprocess.Popen(
            [self.command, "--non-interactive", "--color", "never", *args],
            cwd=cwd,
            env=self._environment(additional_env),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            encoding="utf-8",
            start_new_session=True,  # Ctrl-C reaches it through us, exactly once
        )
        stdout, stderr = _Reader(process.stdout, on_output), _Reader(process.stderr, on_error)
        with _terminated_like_interrupted():
            _wait(process)
        result = automation.CommandResult(
            stdout=stdout.text(), stderr=stderr.text(), code=process.returncode
        )
        if result.code != 0:
            raise explain(
                Failure(
                    verb=_verb(args),
                    stack=self.stack,
                    code=result.code,
                    stdout=result.stdout,
                    stderr=result.stderr,
                    diagnostics=tuple(self.diagnostics),
                )
            )
        return result

    def _environment(self, additional: Mapping[str, str]) -> dict[str, str]:
        environment = {
            **os.environ,
            "PULUMI_SKIP_UPDATE_CHECK": "true",
            **additional,
            "PULUMI_AUTOMATION_API": "true",
        }
        folder = Path(self.command).parent
        if folder.is_absolute():  # its language hosts lie beside it
            environment["PATH"] = os.pathsep.join((str(folder), environment.get("PATH", "")))
        return environment


class _Reader:
    """Collects what a process writes, line by line, while it runs."""

    def __init__(self, stream: IO[str] | None, on_line: OnOutput | None) -> None:
        self._lines: list[str] = []
        self._thread = threading.Thread(target=self._read, args=(stream, on_line), daemon=True)
        self._thread.start()

    def _read(self, stream: IO[str] | None, on_line: OnOutput | None) -> None:
        if stream is None:
            return
        with stream:
            for line in stream:
                self._lines.append(line.rstrip())
                if on_line:
                    on_line(line.rstrip())

    def text(self) -> str:
        """Return everything, after the process has ended."""
        self._thread.join()
        return "\n".join(self._lines)


def _wait(process: "subprocess.Popen[str]") -> None:
    while True:
        try:
            process.wait()
        except KeyboardInterrupt:
            process.send_signal(signal.SIGINT)
        else:
            return


@contextmanager
def _terminated_like_interrupted() -> Iterator[None]:
    """Let SIGTERM stop the CLI as cleanly as Ctrl-C: a cancelled job in CI sends it."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def _verb(args: list[str]) -> str:
    words = [word for word in args[:2] if not word.startswith("-")]
    return " ".join(words) if words[:1] == ["stack"] else "".join(words[:1])
