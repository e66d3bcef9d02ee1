"""Flags that several commands share, said once: words and letters are Pulumi's."""

from collections.abc import Sequence
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from platformctl.cli.remedies import Given


class Elsewhere(StrEnum):
    """Where an environment can be besides where it really is."""

    LOCAL = "local"


def _given_environment(context: typer.Context, environment: str) -> str:
    context.ensure_object(Given).environment = environment
    return environment


def _given_target(context: typer.Context, target: list[str] | None) -> list[str] | None:
    context.ensure_object(Given).rehearsed = Elsewhere.LOCAL in (target or ())
    return target


Environment = Annotated[
    str,
    typer.Argument(
        metavar="ENV",
        help="Environment, such as `local`.",
        envvar="PLATFORMCTL_STACK",
        callback=_given_environment,
    ),
]
Directory = Annotated[
    Path | None,
    typer.Option("--cwd", "-C", help="Run as if started in this folder.", envvar="PLATFORMCTL_CWD"),
]
AsJson = Annotated[
    bool, typer.Option("--json", "-j", help="Print JSON on standard output, nothing else.")
]
Yes = Annotated[
    bool, typer.Option("--yes", "-y", help="Do not ask for confirmation.", envvar="PLATFORMCTL_YES")
]
Message = Annotated[
    str, typer.Option("--message", "-m", help="Why; kept in the history.", metavar="TEXT")
]
Parallel = Annotated[
    int | None,
    typer.Option("--parallel", "-p", help="Resource operations at once.", min=1, max=512),
]
Target = Annotated[
    list[str] | None,
    typer.Option(
        "--target",
        "-t",
        metavar="URN|local",
        help="Restrict to this URN; may be repeated. `local` is the environment's rehearsal: its "
        "own configuration in a local region.",
        callback=_given_target,
    ),
]
MaxCount = Annotated[
    int | None,
    typer.Option("--max-count", help="In a rehearsal: at most so many tasks a service.", min=1),
]
Rehearsal = Annotated[
    list[Elsewhere] | None,
    typer.Option(
        "--target",
        "-t",
        help="`local`: its rehearsal in a local region.",
        callback=_given_target,
    ),
]
Refresh = Annotated[
    bool, typer.Option("--refresh", "-r", help="Read every resource from the cloud first.")
]
Diff = Annotated[bool, typer.Option("--diff", help="Show each changed property, old and new.")]
ExpectNoChanges = Annotated[
    bool, typer.Option("--expect-no-changes", help="End with status 7 if anything would change.")
]
PolicyPack = Annotated[
    list[Path] | None,
    typer.Option("--policy-pack", help="Check with this CrossGuard pack; may be repeated."),
]
Reason = Annotated[str, typer.Option("--reason", "-m", help="Why; recorded.", metavar="TEXT")]
ShowSecrets = Annotated[
    bool, typer.Option("--show-secrets", help="Print secret outputs in the clear.")
]
Offline = Annotated[
    bool,
    typer.Option(
        "--offline",
        help="Use the embedded engine and the state on this machine, not the official engine.",
    ),
]


def rehearsed(environment: str, target: Sequence[str] | None) -> str | None:
    """Return the environment if its rehearsal is meant, None if itself is."""
    return environment if Elsewhere.LOCAL in (target or ()) else None


def urns(target: Sequence[str] | None) -> tuple[str, ...]:
    """Return the URNs among what `--target` said."""
    return tuple(each for each in target or () if each != Elsewhere.LOCAL)
