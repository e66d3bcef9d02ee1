"""`platformctl logs ENV`."""

from typing import Annotated

import typer

from platformctl.cli import options


def logs(
    environment: options.Environment,
    *,
    service: Annotated[
        str, typer.Option("--service", help="Only this service, such as `analytics-ingestion`.")
    ] = "",
    since: Annotated[
        str, typer.Option("--since", help="How far back: `30s`, `5m`, `2h`, `1d`.")
    ] = "5m",
    follow: Annotated[bool, typer.Option("--follow", "-f", help="Go on as lines arrive.")] = False,
    target: options.Rehearsal = None,
    as_json: options.AsJson = False,
    cwd: options.Directory = None,
) -> None:
    """Print what the services have written, oldest first.

    [bold]Examples[/]

      platformctl logs local --service analytics-ingestion --since 1m

      platformctl logs local --follow

      platformctl logs local --json | jq 'select(.message | contains("error"))'
    """
    import contextlib
    import time
    from functools import partial

    from platformctl.cli.durations import seconds
    from platformctl.cli.runtime import Runtime
    from platformctl.cli.views.logs import show_events
    from platformctl.operations.logs.read import follow_events, log_groups, read_events

    start = time.time() - seconds(since, "--since")
    runtime = Runtime(cwd, rehearsed=options.rehearsed(environment, target))
    groups = log_groups(runtime.checkpoint(environment), service)
    clients = partial(runtime.clients(environment), "logs")
    read = follow_events if follow else read_events
    # Ctrl-C is how following ends.
    with contextlib.suppress(KeyboardInterrupt) if follow else contextlib.nullcontext():
        show_events(read(clients, groups, start), as_json=as_json)
