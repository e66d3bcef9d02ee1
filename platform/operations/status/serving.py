"""Which side of each service serves, what it runs, and what is under way: asked of AWS."""

from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from platformctl.aws.clients import Clients
from platformctl.errors import PlatformError, StateError
from platformctl.operations.cutover.standing import Standing, standings
from platformctl.operations.cutover.version import Version
from platformctl.operations.kernel.journal import Journal
from platformctl.operations.kernel.lease import EVERYTHING, Holder, Leases
from platformctl.operations.kernel.operation import Operation
from platformctl.operations.kernel.table import OperationsTable
from platformctl.operations.releases.store import Releases
from platformctl.operations.services.model import Service
from platformctl.operations.services.traffic import Traffic, active

AT_ONCE = 16


@dataclass(frozen=True, kw_only=True)
class SideStatus:
    """One side of a service.

    Attributes:
        key: Its name; of a function a version.
        share: Percent of the work that it gets.
        running: Tasks or pods that run; None where a side has none.
        desired: Tasks or pods that shall run.
        release: What it runs, as people call it; "" where no operation recorded it.
    """

    key: str
    share: float
    running: int | None = None
    desired: int | None = None
    release: str = ""


@dataclass(frozen=True, kw_only=True)
class OpenOperation:
    """An operation that has not ended.

    Attributes:
        id: Its id.
        kind: Such as `deploy`.
        target: What it holds.
        state: How far it is.
        outcome: Why it waits, or is undone.
        abandoned: Whether the process that worked on it is known to be gone.
    """

    id: str
    kind: str
    target: str
    state: str
    outcome: str = ""
    abandoned: bool = False


@dataclass(frozen=True, kw_only=True)
class ServiceStatus:
    """A service with two sides at one moment.

    Attributes:
        name: Its name.
        kind: Its kind.
        active: The side that gets everything; "" where several do, or nobody.
        sides: Its sides, the one that serves first.
        release: What serves, such as `r7 (1.4.0)`; "" where no operation recorded it.
        degraded: Why it is not as it was meant to be; "" if it is.
        operation: The operation that is open on it.
        trouble: Why AWS could not be asked; "" if it could.
    """

    name: str
    kind: str
    active: str = ""
    sides: Sequence[SideStatus] = ()
    release: str = ""
    degraded: str = ""
    operation: OpenOperation | None = None
    trouble: str = ""


@dataclass(frozen=True, kw_only=True)
class Records:
    """What the operations table says.

    Attributes:
        standings: Service → what the last operation left behind.
        operations: Target → the operation that is open on it.
        releases: The releases that are recorded; None where the table could not be read.
        trouble: Why the table could not be read; "" if it could.
    """

    standings: Mapping[str, Standing] = field(default_factory=dict)
    operations: Mapping[str, OpenOperation] = field(default_factory=dict)
    releases: Releases | None = None
    trouble: str = ""


@dataclass(frozen=True, kw_only=True)
class _Runs:
    """What a side runs.

    Attributes:
        what: ARN of its task definition, number of its version, or reference of its image.
        running: Tasks or pods that run; None where it has none.
        desired: Tasks or pods that shall run.
    """

    what: str
    running: int | None = None
    desired: int | None = None


def read_records(table: OperationsTable) -> Records:
    """Read what operations have recorded; nothing in an environment that has no table yet."""
    try:
        found = {standing.service: standing for standing in standings(table)}
        journal = Journal(table)
        operations: dict[str, OpenOperation] = {}
        for tenure in Leases(table).all():
            operation = journal.find(tenure.operation or "")
            if operation is not None and not operation.state.is_final:
                operations[tenure.target] = _open(operation, tenure.holder)
    except StateError as error:
        return Records(trouble=str(error))
    except (ClientError, BotoCoreError) as error:
        return Records(trouble=f"the operations table cannot be read: {error}")
    return Records(standings=found, operations=operations, releases=Releases(table))


def read_services(
    services: Sequence[Service], clients: Clients, records: Records
) -> list[ServiceStatus]:
    """Ask about every service with two sides, all at the same time.

    Args:
        services: The services.
        clients: Makes boto3 clients.
        records: What the operations table says.
    """
    wanted = [service for service in services if service.two_sided]
    if not wanted:
        return []
    with ThreadPoolExecutor(max_workers=min(AT_ONCE, len(wanted))) as pool:
        return list(pool.map(lambda service: read_service(service, clients, records), wanted))


def read_service(service: Service, clients: Clients, records: Records) -> ServiceStatus:
    """Ask about one service; what cannot be known is told, and nothing else stops for it."""
    standing = records.standings.get(service.name)
    operation = records.operations.get(service.target) or records.operations.get(EVERYTHING)
    try:
        traffic = active(service, clients)
        sides = _sides(service, clients, traffic, standing, records.releases)
    except (ClientError, BotoCoreError, PlatformError) as error:
        return ServiceStatus(
            name=service.name, kind=service.kind, operation=operation, trouble=str(error)
        )
    serving = traffic.side or ""
    return ServiceStatus(
        name=service.name,
        kind=service.kind,
        active=serving,
        sides=sides,
        release=next((side.release for side in sides if side.key == serving), ""),
        degraded=_degraded(service, standing, serving, traffic.mixed, operation),
        operation=operation,
    )


def _open(operation: Operation, holder: Holder | None) -> OpenOperation:
    return OpenOperation(
        id=operation.id,
        kind=operation.plan.kind,
        target=operation.plan.target,
        state=str(operation.state),
        outcome=operation.outcome,
        abandoned=holder is not None and holder.is_gone(),
    )


def _sides(
    service: Service,
    clients: Clients,
    traffic: Traffic,
    standing: Standing | None,
    releases: Releases | None,
) -> list[SideStatus]:
    """Return the sides of a service, the one that serves first."""
    found = _running(service, clients)
    sides = []
    for key, share in traffic.shares.items():
        runs = found.get(key) or _Runs(what=key)
        if standing is None and releases is not None and share:
            release = _adopted(service, releases, runs.what)
        else:
            release = _release(standing, key)
        sides.append(
            SideStatus(
                key=key, share=share, running=runs.running, desired=runs.desired, release=release
            )
        )
    return sorted(sides, key=lambda side: -side.share)


def _adopted(service: Service, releases: Releases, what: str) -> str:
    """Return the release that serves before the first operation: the one that `up` recorded."""
    release = releases.running(service.name, what)
    return str(Version(release=release.name, version=release.version)) if release else ""


def _release(standing: Standing | None, side: str) -> str:
    """Return what a side runs, as the last operation left it."""
    if standing is None:
        return ""
    if side == standing.side:
        return str(standing.running)
    return str(standing.other) if standing.other is not None else ""


def _degraded(
    service: Service,
    standing: Standing | None,
    serving: str,
    mixed: bool,  # one of the facts
    operation: OpenOperation | None,
) -> str:
    """Return why a service is not as it was meant to be."""
    if operation is not None:
        return ""  # It is on its way.
    if mixed:
        return "several sides serve, and no operation is under way"
    if not serving and not service.awaiting_release:
        return "no side serves"
    if standing is not None and standing.side != serving:
        return f"{serving or 'nobody'} serves, and the last operation left {standing.side}"
    if standing is not None and standing.degraded:
        return f"{standing.desired} was to serve, and {standing.running} does"
    return ""


def _running(service: Service, clients: Clients) -> Mapping[str, _Runs]:
    """Return what the sides run, where they are more than versions."""
    if service.kind == "function":
        return {}
    if service.kind == "kubernetes":
        return _pods(service, clients)
    names = {side.name: key for key, side in service.sides.items()}
    found: list[Mapping[str, Any]] = clients("ecs", service.region).describe_services(
        cluster=service.cluster, services=list(names)
    )["services"]
    return {
        names[each["serviceName"]]: _Runs(
            what=each["taskDefinition"], running=each["runningCount"], desired=each["desiredCount"]
        )
        for each in found
    }


def _pods(service: Service, clients: Clients) -> Mapping[str, _Runs]:
    from platformctl.operations.cutover.kubernetes_side import (  # noqa: PLC0415  # only where it is needed
        KubernetesSide,
    )

    states = {
        key: KubernetesSide(service, side, clients).state() for key, side in service.sides.items()
    }
    return {
        key: _Runs(what=state.image, running=state.ready, desired=state.wanted)
        for key, state in states.items()
    }
