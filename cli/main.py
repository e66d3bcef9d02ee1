"""The `platformctl` command: what it is made of, and the one place where errors become text.

Importing this module must stay cheap (`platformctl --help` under 0.3 s): a command module imports
what it needs when it runs.
"""

import atexit
import gc
import os
import sys
import traceback
from importlib import metadata

import typer

from platformctl.cli.commands import (
    audit,
    bootstrap,
    cost,
    cutover,
    deploy,
    destroy,
    dlq,
    doctor,
    flag,
    graph,
    history,
    init,
    load,
    lock,
    logs,
    migration,
    operation,
    outputs,
    policy,
    preview,
    refresh,
    region,
    release,
    rollback,
    state,
    status,
    up,
)
from platformctl.cli.remedies import Given
from platformctl.errors import CancelledError, PlatformError

INTERNAL_ERROR = 255
INTERRUPTED = 130
"""How typer ends a command in which Ctrl-C was pressed."""
CANCELLED = CancelledError(
    "cancelled",
    why="you pressed Ctrl-C; what was done so far is recorded",
    remedy="run the same command again to go on",
)

DEPLOY = "Deploy"
OBSERVE = "Observe"
OPERATE = "Operate"
REHEARSE = "Rehearse"

app = typer.Typer(
    name="platformctl",
    no_args_is_help=True,
    add_completion=True,
    pretty_exceptions_enable=False,
    rich_markup_mode="rich",
    context_settings={"help_option_names": ["-h", "--help"]},
    help="Deploy a platform, operate it, and rehearse both in a local region of real processes.",
    epilog="Start with [bold]platformctl up local[/bold]. Every command's --help has examples.",
)

for panel, commands in {
    DEPLOY: (
        init.init,
        up.up,
        preview.preview,
        refresh.refresh,
        destroy.destroy,
        bootstrap.bootstrap,
    ),
    OBSERVE: (
        status.status,
        logs.logs,
        outputs.outputs,
        history.history,
        graph.graph,
        doctor.doctor,
    ),
}.items():
    for command in commands:
        app.command(rich_help_panel=panel)(command)
app.add_typer(cost.app, name="cost", rich_help_panel=DEPLOY)
app.add_typer(policy.app, name="policy", rich_help_panel=DEPLOY)
app.command(rich_help_panel=OPERATE)(deploy.deploy)
app.add_typer(cutover.app, name="cutover", rich_help_panel=OPERATE)
app.command(rich_help_panel=OPERATE)(rollback.rollback)
app.add_typer(release.app, name="release", rich_help_panel=OPERATE)
app.add_typer(migration.app, name="migration", rich_help_panel=OPERATE)
app.add_typer(operation.app, name="operation", rich_help_panel=OPERATE)
app.add_typer(flag.app, name="flag", rich_help_panel=OPERATE)
app.add_typer(dlq.app, name="dlq", rich_help_panel=OPERATE)
app.add_typer(lock.app, name="lock", rich_help_panel=OPERATE)
app.add_typer(audit.app, name="audit", rich_help_panel=OPERATE)
app.add_typer(load.app, name="load", rich_help_panel=REHEARSE)
app.add_typer(region.app, name="region", rich_help_panel=REHEARSE)
app.add_typer(state.app, name="state", rich_help_panel=OBSERVE)


def _print_version(wanted: bool) -> None:
    if wanted:
        typer.echo(metadata.version("platformctl"))
        raise typer.Exit


@app.callback()
def options(
    version: bool = typer.Option(
        False, "--version", callback=_print_version, is_eager=True, help="Print the version."
    ),
) -> None:
    """Hold the options of the command itself; subcommands do the work."""


def main() -> None:
    """Run the command line and exit with the status that belongs to how it ended."""
    # Importing Pulumi and boto3 makes many objects that stay; collecting more rarely halves it.
    gc.set_threshold(100_000, 50, 100)
    # Looking through all of them once more at the end takes 0.2 s, and the process ends anyway.
    atexit.register(gc.freeze)
    given = Given()
    try:
        app(obj=given)
    except PlatformError as error:
        sys.exit(_explain(error, given))
    except SystemExit as ended:
        if ended.code != INTERRUPTED:
            raise
        sys.exit(_explain(CANCELLED, given))
    except BrokenPipeError:
        # The reader of our output (head, less) has seen enough.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(0)
    except Exception as error:  # noqa: BLE001  # the last boundary: whatever has no name is our mistake
        if type(error).__module__.startswith("botocore."):
            from platformctl.aws.failures import as_platform_error

            sys.exit(_explain(as_platform_error(error), given))
        traceback.print_exc()
        print(  # noqa: T201
            "\nThis is a mistake in platformctl, not in what you did. What was done so far is "
            "recorded, so it is safe to run the command again.",
            file=sys.stderr,
        )
        sys.exit(INTERNAL_ERROR)


def _explain(error: PlatformError, given: Given) -> int:
    from platformctl.cli.views.errors import print_error  # only when it is needed

    error.remedy = given.completed(error.remedy)
    print_error(error)
    return error.exit_code
