"""`platformctl status ENV`."""

from platformctl.cli import options


def status(
    environment: options.Environment,
    *,
    target: options.Rehearsal = None,
    as_json: options.AsJson = False,
    cwd: options.Directory = None,
) -> None:
    """Show how every part of an environment is doing; status 1 if any part is not healthy.

    [bold]Examples[/]

      platformctl status local

      platformctl status local --json | jq '.parts[] | select(.health != "healthy")'
    """
    import typer

    from platformctl.cli.runtime import Runtime

    runtime = Runtime(cwd, rehearsed=options.rehearsed(environment, target))
    report = runtime.status(environment)
    # Not before it: asking begins with what is done beside every import that follows.
    from platformctl.cli.views.status import show_status
    from platformctl.cli.views.terminal import talk

    show_status(report, as_json=as_json)
    here = runtime.project.arguments(environment)
    if not report.parts:
        talk().print(f"  → platformctl up {here}", highlight=False)
    for operation in report.abandoned:
        talk().print(f"  → platformctl operation resume {here} {operation}", highlight=False)
    if not report.healthy:
        raise typer.Exit(1)
