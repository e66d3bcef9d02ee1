"""What the commands that move services from release to release have in common."""

from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer

from platformctl.errors import InvocationError

if TYPE_CHECKING:
    from platformctl.cli.runtime import Runtime
    from platformctl.config.cutover import CutoverConfig
    from platformctl.operations.cutover.begin import Wishes
    from platformctl.operations.cutover.deployment import Deployments
    from platformctl.operations.releases.model import Release
    from platformctl.operations.services.model import Service


class Preset(StrEnum):
    """The presets of `platform:cutover`."""

    ALL_AT_ONCE = "allAtOnce"
    CANARY = "canary"
    LINEAR = "linear"


ServiceName = Annotated[
    str, typer.Argument(metavar="SERVICE", help="Service, such as `analytics-api`.")
]
PresetName = Annotated[
    Preset | None,
    typer.Option("--preset", help="How traffic moves, instead of what the configuration says."),
]
IgnoredAlarms = Annotated[
    list[str] | None,
    typer.Option(
        "--ignore-alarm",
        metavar="NAME",
        help="Leave an alarm out, for the reason of --message; may be repeated.",
    ),
]
KeepGreen = Annotated[
    int | None,
    typer.Option(
        "--keep-green",
        metavar="SECONDS",
        help="Keep a new side that failed running for so long, to look at it.",
        min=0,
    ),
]


def service_of(runtime: "Runtime", environment: str, name: str) -> "Service":
    """Return a service of an environment.

    Raises:
        InvocationError: There is none of that name.
    """
    from platformctl.operations.services.find import choose

    return choose(runtime.services(environment), name)


def preset_timing(timing: "CutoverConfig", preset: Preset | None) -> "CutoverConfig":
    """Return a timing with the weights, and the pauses, of a preset in place of its own."""
    if preset is None:
        return timing
    return timing.model_copy(update={"preset": preset.value, "weights": None, "step_seconds": None})


def wishes(
    timing: "CutoverConfig",
    *,
    ignored: Sequence[str] | None,
    message: str,
    keep_green: int | None,
) -> "Wishes":
    """Return what is wanted of a cutover.

    Raises:
        InvocationError: An alarm is to be left out for no reason.
    """
    from platformctl.operations.cutover.begin import Wishes

    if ignored and not message:
        raise InvocationError(
            "an alarm is not left out for no reason", remedy="say why: --message '…'"
        )
    return Wishes(
        timing=timing,
        keep_failed_seconds=keep_green,
        ignored_alarms=dict.fromkeys(ignored or (), message),
    )


def deploy_release(
    runtime: "Runtime",
    deployments: "Deployments",
    service: "Service",
    release: "Release",
    wishes: "Wishes",
    *,
    kind: str,
    reason: str,
    as_json: bool,
) -> None:
    """Deploy a release, show it, and end as it did.

    Args:
        runtime: The command's runtime.
        deployments: What deploys.
        service: Whose release.
        release: Which.
        wishes: How traffic moves to it.
        kind: What people call it: a deployment, or a rollback to an older release.
        reason: Why, as given.
        as_json: Whether to show it as JSON lines.

    Raises:
        PlatformError: It was undone, or waits.
    """
    from platformctl.cli.operating import operate

    operate(
        runtime,
        deployments.environment,
        lambda runner: deployments.cut_over(
            runner, service, release, wishes, kind=kind, reason=reason
        ),
        as_json=as_json,
    )


def ask(runtime: "Runtime", environment: str, question: str, *, yes: bool) -> None:
    """Ask before something is done to an environment that is not on this machine."""
    from platformctl.cli.commands.support import confirm

    if not runtime.is_local(environment):
        confirm(question, environment, yes=yes, by_name=runtime.is_production(environment))


def settings(given: Sequence[str] | None) -> Mapping[str, str]:
    """Read `KEY=VALUE`.

    Raises:
        InvocationError: One has no `=`.
    """
    found: dict[str, str] = {}
    for text in given or ():
        key, equals, value = text.partition("=")
        if not (key and equals):
            raise InvocationError(f"--config {text!r} says no value", remedy="--config KEY=VALUE")
        found[key] = value
    return found
