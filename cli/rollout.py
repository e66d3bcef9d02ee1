"""What `up` does last: services run what their stack was deployed with, and everything is well."""

from platformctl.cli.commands.deploy import deploy_waiting
from platformctl.cli.runtime import Runtime
from platformctl.cli.views.migration import show_migrated, show_waiting
from platformctl.cli.views.terminal import talk
from platformctl.errors import OperationTimeoutError, ResourceError
from platformctl.operations.cutover.begin import Wishes, at_once
from platformctl.operations.kernel.outcome import require_success
from platformctl.operations.migration.pending import waiting
from platformctl.operations.migration.steps import UP, migration_plan
from platformctl.operations.services.counts import follow_counts
from platformctl.operations.status.parts import AWAITING_RELEASE
from platformctl.operations.status.report import Health, StatusReport, wait_until_healthy

HEALTH_TIMEOUT = 120.0
"""Seconds that services get after a deployment to find their databases and pass their checks."""


def expand_schemas(runtime: Runtime, environment: str) -> None:
    """Run the expansions that a deployment has brought, so that its services can work.

    Elsewhere than in a local region a person does it, and is told how.
    """
    console = runtime.console(environment)
    found = waiting(runtime.migrators(environment), console.journal.all())
    if not runtime.is_local(environment):
        show_waiting(environment, [migrator.product for migrator in found])
        return
    for migrator in found:
        with talk().status(f"migrating the database of {migrator.product}"):
            plan = migration_plan(environment, migrator, UP)
            operation = console.runner().run(plan, reason=f"platformctl up {environment}")
        require_success(operation)
        show_migrated(migrator.product, operation.steps[0].facts["done"])


def scale(runtime: Runtime, environment: str) -> None:
    """Give services as many tasks as their stack says, where nothing else decides."""
    follow_counts(runtime.services(environment), runtime.clients(environment))


def roll_out(runtime: Runtime, environment: str, *, as_json: bool) -> None:
    """Let services run what their stack was deployed with, or say which of them do not.

    In a local region it is done at once; elsewhere a person decides when.

    Raises:
        PlatformError: A service could not start; the one before goes on.
    """
    services = [each for each in runtime.services(environment) if each.two_sided]
    if not services:
        return
    deployments = runtime.deployments(environment)
    local = runtime.is_local(environment)
    if local:
        for service in services:
            deployments.maker.adopt(service)
    behind = [each.name for each in services if deployments.maker.behind(each)]
    if behind and local:
        # Nobody else is behind a person's own load balancers.
        timing = at_once(deployments.timing, bake_seconds=0, keep_warm_seconds=0)
        why = f"platformctl up {environment}"
        deploy_waiting(runtime, environment, Wishes(timing=timing), as_json=as_json, message=why)
    elif behind:
        talk().print(f"  not deployed yet: {', '.join(behind)}", highlight=False)
        talk().print(f"  → platformctl deploy {environment} --all", highlight=False)


def await_health(runtime: Runtime, environment: str) -> None:
    """Wait until every part of an environment is healthy, showing what is still missing.

    Raises:
        OperationTimeoutError: Something is still not healthy after `HEALTH_TIMEOUT`; says what.
        ResourceError: A deployment was given up; says whose, and why.
    """
    with talk().status("waiting until every part is healthy") as spinner:

        def show(report: StatusReport) -> None:
            missing = [part.name for part in report.parts if not part.health.is_well]
            spinner.update(f"waiting for {', '.join(missing[:4]) or 'nothing more'}")

        report = wait_until_healthy(
            lambda: runtime.status(environment), timeout=HEALTH_TIMEOUT, on_report=show
        )
    failed = [part for part in report.parts if part.health is Health.FAILED]
    if failed:
        raise ResourceError(
            f"{environment} is deployed, but not all of it works",
            why="; ".join(f"{part.kind} {part.name}: {part.detail}" for part in failed),
            remedy=f"platformctl logs {environment} --service {failed[0].name} --since 5m",
        )
    ill = [part for part in report.parts if not part.health.is_well]
    if ill:
        raise OperationTimeoutError(
            f"{environment} is deployed, but not healthy after {HEALTH_TIMEOUT:.0f} s",
            why="; ".join(f"{part.kind} {part.name}: {part.detail}" for part in ill),
            remedy=f"platformctl logs {environment} --since 5m",
        )
    _tell_health(report)


def _tell_health(report: StatusReport) -> None:
    """Say that all is well, and which services have nothing to run yet."""
    idle = [part for part in report.parts if part.health is Health.IDLE]
    healthy = f"all {len(report.parts)} parts are healthy"
    if idle:
        healthy = f"{len(report.parts) - len(idle)} parts are healthy, {len(idle)} are idle"
    talk().print(f"[green]✓[/] {healthy}", highlight=False)
    waiting = sorted(part.name for part in idle if part.detail == AWAITING_RELEASE)
    if waiting:
        talk().print(f"  {AWAITING_RELEASE}: {', '.join(waiting)}", highlight=False)
