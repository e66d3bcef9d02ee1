"""`platformctl deploy`: a release is recorded, and a cutover lets it serve."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from platformctl.cli import options
from platformctl.cli.commands import cutting

if TYPE_CHECKING:
    from platformctl.cli.runtime import Runtime
    from platformctl.operations.cutover.begin import Wishes
    from platformctl.operations.releases.make import Wanted
    from platformctl.operations.releases.model import Release
    from platformctl.operations.services.model import Service


def deploy(
    environment: options.Environment,
    service: Annotated[
        str | None, typer.Argument(metavar="SERVICE", help="Service, such as `analytics-api`.")
    ] = None,
    *,
    version: Annotated[
        str, typer.Option("--version", metavar="TAG", help="Tag of the image to run.")
    ] = "",
    image: Annotated[
        str, typer.Option("--image", metavar="DIGEST", help="Digest of the image to run.")
    ] = "",
    source: Annotated[
        Path | None,
        typer.Option(
            "--source",
            "--wheel",
            metavar="DIR|WHEEL",
            exists=True,
            help="In the local region: another checkout, or a wheel with the application.",
        ),
    ] = None,
    config: Annotated[
        list[str] | None,
        typer.Option("--config", metavar="KEY=VALUE", help="A variable of it; may be repeated."),
    ] = None,
    everything: Annotated[
        bool,
        typer.Option("--all", help="Every service whose code or configuration waits, in order."),
    ] = False,
    preset: cutting.PresetName = None,
    ignore_alarm: cutting.IgnoredAlarms = None,
    keep_green: cutting.KeepGreen = None,
    message: options.Message = "",
    yes: options.Yes = False,
    target: options.Rehearsal = None,
    as_json: options.AsJson = False,
    cwd: options.Directory = None,
) -> None:
    """Release a version of a service and let it take over; go back by itself if it is no good.

    Without a version it is what the stack was deployed with: the configuration that `up` brought,
    and of an environment on this machine the current source.

    [bold]Examples[/]

      platformctl deploy production analytics-api --version 1.4.0

      platformctl deploy local analytics-api --source ../other-checkout

      platformctl deploy staging analytics-api --version 1.4.0 --preset allAtOnce

      platformctl deploy production --all              whatever waits, what others depend on first
    """
    from platformctl.cli.runtime import Runtime
    from platformctl.cli.views.terminal import talk
    from platformctl.operations.cutover.deployment import DEPLOY
    from platformctl.operations.releases.make import Wanted

    runtime = Runtime(cwd, rehearsed=options.rehearsed(environment, target))
    wanted = Wanted(
        version=version,
        image=image,
        source=source,
        overrides=cutting.settings(config),
        reason=message,
    )
    _require_one(service, wanted, everything=everything)
    runtime.judge(environment)
    deployments = runtime.deployments(environment)
    wishes = cutting.wishes(
        cutting.preset_timing(deployments.timing, preset),
        ignored=ignore_alarm,
        message=message,
        keep_green=keep_green,
    )
    if service is None:
        cutting.ask(runtime, environment, f"Deploy what waits to {environment}?", yes=yes)
        deploy_waiting(runtime, environment, wishes, as_json=as_json, message=message)
        return
    chosen = cutting.service_of(runtime, environment, service)
    cutting.ask(runtime, environment, f"Deploy {service} to {environment}?", yes=yes)
    release = deployments.maker.make(chosen, wanted)
    if deployments.serves(runtime.console(environment).runner(), chosen, release):
        talk().print(f"{release} serves {environment} already", highlight=False)
        return
    cutting.deploy_release(
        runtime, deployments, chosen, release, wishes, kind=DEPLOY, reason=message, as_json=as_json
    )


def deploy_waiting(
    runtime: "Runtime",
    environment: str,
    wishes: "Wishes",
    *,
    as_json: bool,
    message: str,
) -> list[str]:
    """Deploy every service whose code or configuration waits; return their names.

    Raises:
        PlatformError: One failed and was undone; those before it are done, those after it wait.
    """
    from platformctl.cli.views.terminal import talk
    from platformctl.operations.cutover.deployment import DEPLOY
    from platformctl.operations.cutover.group import deploy_in_order

    deployments = runtime.deployments(environment)
    services = runtime.ordered(runtime.services(environment))
    waiting = list(deployments.waiting(services))
    new = {service.name for service, _ in waiting}
    given_up = [each for each in deployments.given_up(services) if each[0].name not in new]
    for service, release in given_up:
        talk().print(
            f"[yellow]![/] {service.name}: {release} was rolled back, and is not tried again by "
            "itself; what served before still does",
            highlight=False,
        )
        talk().print(f"  → platformctl deploy {environment} {service.name}", highlight=False)
    if not waiting and not given_up:
        talk().print(f"every service of {environment} runs what it was deployed with")

    def deploy_one(service: "Service", release: "Release") -> None:
        cutting.deploy_release(
            runtime,
            deployments,
            service,
            release,
            wishes,
            kind=DEPLOY,
            reason=message,
            as_json=as_json,
        )

    outcome = deploy_in_order(waiting, deploy_one)
    if outcome.error is not None:
        talk().print(f"deployed: {', '.join(outcome.done) or 'nothing'}", highlight=False)
        talk().print(f"undone: {outcome.failed}", highlight=False)
        talk().print(f"not begun: {', '.join(outcome.left) or 'nothing'}", highlight=False)
        raise outcome.error
    return list(outcome.done)


def _require_one(service: str | None, wanted: "Wanted", *, everything: bool) -> None:
    """Refuse a command line that does not say what to deploy, or says it twice.

    Raises:
        InvocationError: It does.
    """
    from platformctl.errors import InvocationError

    if (service is None) != everything:
        raise InvocationError(
            "it is not clear what to deploy",
            why="a service and --all were given" if everything else "no service was named",
            remedy="platformctl deploy ENV SERVICE, or platformctl deploy ENV --all",
        )
    if everything and (wanted.version or wanted.image or wanted.source or wanted.overrides):
        raise InvocationError(
            "--all deploys what the stack was deployed with",
            why="a version, image, source or variable is one service's",
            remedy="name the service",
        )
