"""`platformctl flag …`: what services do differently for whom, without a deployment."""

from typing import Annotated

import typer

from platformctl.cli import options

app = typer.Typer(no_args_is_help=True, help="See feature flags, set them.")

Product = Annotated[str, typer.Argument(metavar="PRODUCT", help="Whose flag, such as `analytics`.")]


@app.command("list")
def list_(
    environment: options.Environment,
    product: Annotated[
        str | None, typer.Argument(metavar="PRODUCT", help="Only this product's.")
    ] = None,
    *,
    target: options.Rehearsal = None,
    as_json: options.AsJson = False,
    cwd: options.Directory = None,
) -> None:
    """Show the flags of an environment: for whom each is on, and whether services know it.

    [bold]Example[/]

      platformctl flag list production
    """
    from platformctl.cli.runtime import Runtime
    from platformctl.cli.views.flag import show_flags
    from platformctl.operations.flags.find import choose
    from platformctl.operations.flags.store import FlagStore

    runtime = Runtime(cwd, rehearsed=options.rehearsed(environment, target))
    sets = runtime.flag_sets(environment)
    chosen = [choose(sets, product)] if product else sets
    table, clients = runtime.console(environment).table, runtime.clients(environment)
    found = [FlagStore(table, clients, each).look() for each in chosen]
    show_flags(environment, found, as_json=as_json)


@app.command("set")
def set_(
    environment: options.Environment,
    product: Product,
    name: Annotated[str, typer.Argument(metavar="NAME", help="The flag's name in the code.")],
    *,
    on: Annotated[
        bool | None, typer.Option("--on/--off", help="For everybody, or for nobody at all.")
    ] = None,
    percentage: Annotated[
        float | None,
        typer.Option("--percentage", help="For this share of the users.", min=0, max=100),
    ] = None,
    audience: Annotated[
        list[str] | None,
        typer.Option(
            "--audience",
            metavar="ATTRIBUTE=VALUE",
            help="For whoever has this, in any case; may be repeated.",
        ),
    ] = None,
    reason: options.Reason = "",
    yes: options.Yes = False,
    target: options.Rehearsal = None,
    as_json: options.AsJson = False,
    cwd: options.Directory = None,
) -> None:
    """Set a flag; what is said replaces everything that was said about it before.

    Services follow within ten seconds. Who is among a percentage stays in it while it grows.

    [bold]Examples[/]

      platformctl flag set local analytics summary-by-path --percentage 20 --audience country=DE

      platformctl flag set production analytics summary-by-path --off --reason "wrong totals"
    """
    from platformctl.cli.commands.support import confirm
    from platformctl.cli.runtime import Runtime
    from platformctl.cli.views.flag import describe, show_change
    from platformctl.errors import InvocationError
    from platformctl.operations.flags.change import Author, set_flag
    from platformctl.operations.flags.find import choose
    from platformctl.operations.flags.model import Flag, require_usable

    if (on is None) == (percentage is None and not audience):
        raise InvocationError(
            "it is not clear what the flag shall be",
            why="exactly one of --on, --off and (--percentage, --audience) must be given",
        )
    flag = Flag(
        name=name,
        enabled=on is not False,
        percentage=100 if on else percentage or 0,
        audience=tuple(audience or ()),
    )
    require_usable(flag)
    runtime = Runtime(cwd, rehearsed=options.rehearsed(environment, target))
    if runtime.is_production(environment):
        if not reason:
            raise InvocationError("production's flags are not set without a reason", why="--reason")
        confirm(f"Set {name} of {product} to {describe(flag)}?", environment, yes=yes)
    console = runtime.console(environment)
    flag_set = choose(runtime.flag_sets(environment), product)
    author = Author(actor=console.actor(), reason=reason)
    change = set_flag(console.table, runtime.clients(environment), flag_set, flag, author)
    show_change(product, change, as_json=as_json)
