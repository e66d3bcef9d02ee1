"""Making the course of a cutover, or of the way back, out of what is there now."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from platformctl.aws.clients import Clients
from platformctl.config.cutover import ALL, CutoverConfig
from platformctl.errors import InvocationError, ResourceError
from platformctl.operations.cutover.balanced import told
from platformctl.operations.cutover.course import LONGEST_KEPT, Course, SmokeCheck
from platformctl.operations.cutover.fargate import FargateSide
from platformctl.operations.cutover.function_versions import with_versions
from platformctl.operations.cutover.kubernetes_side import KubernetesSide
from platformctl.operations.cutover.standing import read_standing
from platformctl.operations.cutover.version import Version
from platformctl.operations.kernel.table import OperationsTable
from platformctl.operations.releases.store import Releases
from platformctl.operations.services.model import OTHER, Service
from platformctl.operations.services.traffic import active


@dataclass(frozen=True, kw_only=True)
class Wishes:
    """What whoever starts a cutover wants of it.

    Attributes:
        timing: Weights, waits and limits.
        smoke: Requests that the new side must answer first.
        keep_failed_seconds: Seconds that the new side keeps running after it has failed; by
            default as long as an old one is kept warm, at most 30.
        ignored_alarms: Alarm → why it says nothing about this cutover.
        migrator: What expands the schema first, as a plan has it; None where nothing is pending.
        migration_image: Image with the migrations; "" for the deployed one.
    """

    timing: CutoverConfig
    smoke: Sequence[SmokeCheck] = ()
    keep_failed_seconds: int | None = None
    ignored_alarms: Mapping[str, str] = field(default_factory=dict)
    migrator: Mapping[str, Any] | None = None
    migration_image: str = ""

    @property
    def kept(self) -> int:
        """Seconds that the new side keeps running after it has failed."""
        if self.keep_failed_seconds is not None:
            return self.keep_failed_seconds
        return min(LONGEST_KEPT, self.timing.keep_warm_seconds)


def forward(
    service: Service,
    after: Callable[[str], Version],
    wishes: Wishes,
    clients: Clients,
    table: OperationsTable,
) -> Course:
    """Return the course from the side that serves to the other one.

    Args:
        service: The service.
        after: Returns what is to serve, for the side that is to run it.
        wishes: How.
        clients: Makes boto3 clients.
        table: The operations table.

    Raises:
        InvocationError: A function's version serves already.
        ResourceError: Both sides serve, and no operation is at work that would say why.
    """
    old = active(service, clients).side
    if old is None:
        raise ResourceError(
            f"several sides of {service.name} serve, though no operation is under way",
            why=f"requests go {told(active(service, clients).shares)}",
            remedy="find out who did that, and give one side all of them",
        )
    timing = wishes.timing
    if not _wanted(service, old, clients):
        # Nobody serves yet: there is nothing to compare with, and nobody to share with.
        timing = timing.model_copy(update={"preset": None, "weights": (ALL,)})
    before = running_on(service, old, clients, table)
    coming = after(OTHER.get(old, ""))
    return Course(
        service=sided(service, before, coming),
        old=old,
        new=other_side(service, old, coming),
        before=before,
        after=coming,
        timing=timing,
        smoke=wishes.smoke,
        keep_failed_seconds=wishes.kept,
        ignored_alarms=wishes.ignored_alarms,
        migrator=wishes.migrator,
        migration_image=wishes.migration_image,
    )


def back(service: Service, timing: CutoverConfig, table: OperationsTable) -> Course:
    """Return the course to what served before the last operation.

    Args:
        service: The service.
        timing: Deadlines; nothing is shared and nothing measured on the way back.
        table: The operations table.

    Raises:
        InvocationError: There is nothing to go back to.
    """
    standing = read_standing(table, service.name)
    if standing is None or standing.other is None:
        raise InvocationError(
            f"there is nothing to roll {service.name} back to",
            why="no operation has changed what it runs",
            remedy=f"platformctl release list ENV {service.name}",
        )
    if standing.degraded:
        # What was to serve, and does not, is no place to go back to.
        earlier = standing.other.release if standing.other.release != standing.desired else ""
        raise InvocationError(
            f"{service.name} was rolled back already",
            why=f"it runs {standing.running}, and not {standing.desired}",
            remedy=f"name the release that is to run: platformctl rollback ENV {service.name} "
            f"--to {earlier or 'RELEASE'}",
        )
    return Course(
        service=sided(service, standing.running, standing.other),
        old=standing.side,
        new=other_side(service, standing.side, standing.other),
        before=standing.running,
        after=standing.other,
        timing=at_once(timing, bake_seconds=0),
        keep_failed_seconds=0,
        back=True,
    )


def sided(service: Service, before: Version, after: Version) -> Service:
    """Return a service with the sides between which it moves: of a function, two versions."""
    if service.kind != "function":
        return service
    return with_versions(service, before.function_version, after.function_version)


def other_side(service: Service, old: str, after: Version) -> str:
    """Return the side that gets a version.

    Raises:
        InvocationError: A function's version serves already.
    """
    if service.kind != "function":
        return OTHER[old]
    if after.function_version == old:
        raise InvocationError(
            f"version {old} of {service.name} serves already",
            remedy="name another one, or deploy other code",
        )
    return after.function_version


def _wanted(service: Service, side: str, clients: Clients) -> int:
    """Return how many tasks or pods a side shall have; a version of a function is always there."""
    if service.kind == "function":
        return 1
    if service.kind == "kubernetes":
        return KubernetesSide(service, service.sides[side], clients).state().wanted
    return FargateSide(service, service.sides[side], clients).state().desired


def at_once(timing: CutoverConfig, **changes: Any) -> CutoverConfig:
    """Return a timing that gives the new side all requests in one step."""
    return timing.model_copy(update={"preset": None, "weights": (ALL,), **changes})


def running_on(service: Service, side: str, clients: Clients, table: OperationsTable) -> Version:
    """Return what a side runs: as an operation or a release recorded it, else as AWS knows it."""
    kind, what = _what_runs(service, side, clients)
    standing = read_standing(table, service.name)
    for version in (standing.running, standing.other) if standing else ():
        if version is not None and getattr(version, kind) == what:
            return version
    release = Releases(table).running(service.name, what)
    if release is None:
        return Version(version=_tag(service, what, clients), **{kind: what})
    return Version(
        release=release.name,
        version=release.version,
        migration_head=release.migration_head,
        **{kind: what},
    )


def _what_runs(service: Service, side: str, clients: Clients) -> tuple[str, str]:
    """Return what a side runs, and which attribute of a version that is."""
    if service.kind == "function":
        return "function_version", side
    if service.kind == "kubernetes":
        return "image", KubernetesSide(service, service.sides[side], clients).state().image
    state = FargateSide(service, service.sides[side], clients).state()
    return "task_definition", state.task_definition


def _tag(service: Service, what: str, clients: Clients) -> str:
    """Return what people would call something that was never released."""
    if service.kind in ("function", "kubernetes"):
        return what.rpartition("/")[2]
    definition = clients("ecs", service.region).describe_task_definition(taskDefinition=what)
    containers = definition["taskDefinition"]["containerDefinitions"]
    image = next(each["image"] for each in containers if each["name"] == service.container)
    return image.rpartition("/")[2]
