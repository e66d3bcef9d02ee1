"""`platformctl policy check|list|explain`."""

from pathlib import Path
from typing import Annotated

import typer

from platformctl.cli import options

app = typer.Typer(no_args_is_help=True, help="Policy as code: check, list and explain the rules.")

Format = Annotated[
    str,
    typer.Option("--format", "-f", metavar="FORMAT", help="human, json, sarif, junit or markdown."),
]


@app.command()
def check(
    environment: options.Environment,
    *,
    format_name: Format = "human",
    against: Annotated[
        Path | None,
        typer.Option(
            "--against",
            metavar="FILE",
            help="Check this file, printed by `pulumi preview --json` or `pulumi stack export`.",
        ),
    ] = None,
    fail_on: Annotated[
        list[str] | None,
        typer.Option("--fail-on", metavar="KIND", help="Also fail on: advisory, undetermined."),
    ] = None,
    baseline: Annotated[
        Path | None,
        typer.Option(
            "--baseline", metavar="FILE", help="Count only what this earlier JSON report has not."
        ),
    ] = None,
    cwd: options.Directory = None,
) -> None:
    """Judge everything that an environment consists of; works without network and account.

    [bold]Examples[/]

      platformctl policy check production

      platformctl policy check production --format sarif > policies.sarif

      pulumi preview --json | platformctl policy check production --against /dev/stdin
    """
    from platformctl.cli.runtime import Runtime
    from platformctl.cli.views.policy import refuse, report_view

    runtime = Runtime(cwd)
    view = report_view(format_name)
    report = runtime.policy_report(environment, against=against, baseline=baseline)
    view(report, runtime.directory)
    refuse(report, also=fail_on or ())


@app.command("list")
def list_rules(
    *,
    environment: Annotated[
        str | None,
        typer.Option("--env", metavar="ENV", help="Only the rules that are on there."),
    ] = None,
    format_name: Annotated[
        str, typer.Option("--format", "-f", metavar="FORMAT", help="human, json or markdown.")
    ] = "human",
) -> None:
    """List the rules, and what a violation does in each environment.

    [bold]Examples[/]

      platformctl policy list

      platformctl policy list --env production --format markdown
    """
    from platformctl.cli.views.policy import show_rules
    from platformctl.policies.packs import everything, pack

    show_rules(pack(environment) if environment else everything(), format_name)


@app.command()
def explain(
    rule: Annotated[str, typer.Argument(metavar="RULE", help="Its id, as in `policy list`.")],
    *,
    as_json: options.AsJson = False,
) -> None:
    """Tell why a rule exists and how to keep it, with an example.

    [bold]Example[/]

      platformctl policy explain rds-not-public
    """
    from platformctl.cli.views.policy import show_rule
    from platformctl.policies.packs import rule as find

    show_rule(find(rule), as_json=as_json)
