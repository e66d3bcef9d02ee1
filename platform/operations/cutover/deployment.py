"""Deploying: a release is recorded, and a cutover lets it serve."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from platformctl.config.app import SmokeCheck as AppSmokeCheck
from platformctl.config.cutover import CutoverConfig
from platformctl.errors import LockedError
from platformctl.operations.cutover.begin import Wishes, forward
from platformctl.operations.cutover.course import SmokeCheck, read_course
from platformctl.operations.cutover.plan import make_plan
from platformctl.operations.cutover.schema import last_known
from platformctl.operations.cutover.standing import Standing, read_standing
from platformctl.operations.cutover.version import Version
from platformctl.operations.kernel.journal import Journal
from platformctl.operations.kernel.operation import Operation, Plan
from platformctl.operations.kernel.runner import Runner
from platformctl.operations.kernel.table import OperationsTable
from platformctl.operations.migration.compatible import behind
from platformctl.operations.migration.pending import waiting
from platformctl.operations.releases.make import Maker, Wanted
from platformctl.operations.releases.model import Release
from platformctl.operations.releases.revisions import register
from platformctl.operations.services.model import Service
from platformctl.operations.services.traffic import active

DEPLOY, CUTOVER = "deploy", "cutover"


@dataclass(frozen=True, kw_only=True)
class Deployments:
    """Deploys releases into an environment.

    Attributes:
        environment: The environment.
        table: Its operations table.
        maker: Makes releases.
        timing: Weights, waits and limits of its configuration.
        commit: Commit of the project.
    """

    environment: str
    table: OperationsTable
    maker: Maker
    timing: CutoverConfig
    commit: str = ""

    def cut_over(
        self,
        runner: Runner,
        service: Service,
        release: Release,
        wishes: Wishes,
        *,
        kind: str = CUTOVER,
        reason: str = "",
    ) -> Operation:
        """Cut over to a release that is recorded; one that is under way is gone on with.

        Raises:
            LockedError: A cutover to another release is under way.
        """
        found = runner.open_on(service.target)
        if found:
            require_same(found, release)
            return runner.resume(found.id)
        plan = self._plan(kind, service, release, wishes)
        return runner.run(plan, reason=reason, commit=release.commit or self.commit)

    def waiting(self, services: Sequence[Service]) -> Iterator[tuple[Service, Release]]:
        """Yield what does not run what the stack was deployed with, in the order given.

        A release that was rolled back is not tried again unless it is asked for by name.
        """
        for service in services:
            if not service.two_sided or not self.maker.behind(service):
                continue
            release = self.maker.make(service, Wanted(reason="what the stack was deployed with"))
            standing = read_standing(self.table, service.name)
            given_up = standing and standing.degraded and standing.desired == release.name
            if not given_up and not self.is_running(service, release, standing):
                yield service, release

    def given_up(self, services: Sequence[Service]) -> Iterator[tuple[Service, str]]:
        """Yield what does not serve because it was rolled back, and the release that was."""
        for service in services:
            standing = read_standing(self.table, service.name) if service.two_sided else None
            if standing and standing.degraded and self.maker.behind(service):
                yield service, standing.desired

    def is_running(self, service: Service, release: Release, standing: Standing | None) -> bool:
        """Tell whether a release serves."""
        side = active(service, self.maker.clients).side
        if standing is not None:
            return (standing.running.release, standing.side) == (release.name, side)
        if service.kind == "function":
            return release.definition.get("version") == side
        return bool(side and self.maker.releases.revision(release, side))

    def serves(self, runner: Runner, service: Service, release: Release) -> bool:
        """Tell whether a release serves, and nothing is left to do about it."""
        standing = read_standing(self.table, service.name)
        if runner.open_on(service.target) is not None:
            return False
        return self.is_running(service, release, standing)

    def wishes(self, release: Release, timing: CutoverConfig | None = None) -> Wishes:
        """Return what a cutover to a release is to be like, where nobody says otherwise."""
        checks = [smoke_check(each) for each in release.smoke]
        return Wishes(timing=timing or self.timing, smoke=checks)

    def _plan(self, kind: str, service: Service, release: Release, wishes: Wishes) -> Plan:
        smoke = wishes.smoke or [smoke_check(each) for each in release.smoke]
        wanted = replace(wishes, smoke=smoke, **self._expansion(service, release))
        course = forward(
            service, self.version_for(service, release), wanted, self.maker.clients, self.table
        )
        return make_plan(kind, self.environment, course)

    def _expansion(self, service: Service, release: Release) -> dict[str, Any]:
        """Return what expands the schema first: with the release's own migrations if it has newer.

        Nothing where no expansion of them is pending, nor of those that were deployed.
        """
        own = [each for each in self.maker.migrators if each.product == service.product]
        journal = Journal(self.table)
        if not own:
            return {}
        brought = release.migration_image
        if brought and behind(release.migration_head, last_known(journal, service.product)):
            return {"migrator": own[0].document(), "migration_image": brought}
        if waiting(own, journal.all()):
            return {"migrator": own[0].document()}
        return {}

    def version_for(self, service: Service, release: Release) -> Callable[[str], Version]:
        """Return what says by which revision a release runs on a side."""

        def version(side: str) -> Version:
            maker = self.maker
            if service.kind in ("function", "kubernetes"):
                return Version(
                    release=release.name,
                    version=release.version,
                    function_version=release.definition.get("version", ""),
                    image=release.image,
                    migration_head=release.migration_head,
                )
            return Version(
                release=release.name,
                version=release.version,
                task_definition=register(maker.clients, maker.releases, service, release, side),
                migration_head=release.migration_head,
            )

        return version


def smoke_check(document: Mapping[str, object]) -> SmokeCheck:
    """Return a smoke check as an `app.yaml` says it."""
    wanted = AppSmokeCheck.model_validate(document)
    return SmokeCheck(
        name=wanted.name,
        method=wanted.method,
        path=wanted.path,
        body=wanted.text,
        status=wanted.status,
        expressions=wanted.expect,
    )


def require_same(found: Operation, release: Release) -> None:
    """Make sure that an operation under way lets the release serve that is asked for.

    Raises:
        LockedError: It is another one.
    """
    plan = found.plan
    wanted = read_course(plan.parameters).after if "after" in plan.parameters else Version()
    if wanted.release == release.name:
        return
    raise LockedError(
        f"{plan.kind} of {wanted} is under way on {plan.target}",
        why=f"operation {found.id} is {found.state.words}, and {release} is asked for now",
        remedy=f"go on with it: platformctl operation resume {plan.environment} {found.id}, or "
        f"undo it: platformctl operation abort {plan.environment} {found.id}",
    )
