"""`platformctl migration …`: the schema of a product's database."""

from typing import TYPE_CHECKING, Annotated

import typer

from platformctl.cli import options

if TYPE_CHECKING:
    from platformctl.cli.runtime import Runtime
    from platformctl.operations.kernel.operation import Plan

app = typer.Typer(
    no_args_is_help=True, help="Migrate a product's database: expand, later contract, or go back."
)

Product = Annotated[str, typer.Argument(metavar="PRODUCT", help="Product, such as `analytics`.")]
Number = Annotated[str, typer.Option("--to", metavar="NUMBER", help="The last one that stays.")]


@app.command()
def status(
    environment: options.Environment,
    product: Product,
    *,
    target: options.Rehearsal = None,
    as_json: options.AsJson = False,
    cwd: options.Directory = None,
) -> None:
    """Show each migration: its phase, its state, whether its file is still what ran.

    [bold]Examples[/]

      platformctl migration status production analytics

      platformctl migration status production analytics --json | jq .migrations
    """
    from platformctl.cli.runtime import Runtime
    from platformctl.cli.views.migration import show_migrations
    from platformctl.operations.migration.find import choose
    from platformctl.operations.migration.status import read_status

    runtime = Runtime(cwd, rehearsed=options.rehearsed(environment, target))
    migrator = choose(runtime.migrators(environment), product)
    show_migrations(product, read_status(runtime.clients(environment), migrator), as_json=as_json)


@app.command()
def up(
    environment: options.Environment,
    product: Product,
    *,
    to: Annotated[
        str | None, typer.Option("--to", metavar="NUMBER", help="The last one to run.")
    ] = None,
    contract: Annotated[
        bool, typer.Option("--contract", help="Contracts, not expansions: there is no way back.")
    ] = False,
    message: options.Message = "",
    yes: options.Yes = False,
    target: options.Rehearsal = None,
    as_json: options.AsJson = False,
    cwd: options.Directory = None,
) -> None:
    """Run the expansions that are pending, beside the traffic; with --contract what completes them.

    [bold]Examples[/]

      platformctl migration up staging analytics

      platformctl migration up production analytics --contract
    """
    from platformctl.cli.commands.support import confirm
    from platformctl.cli.runtime import Runtime
    from platformctl.operations.migration.find import choose
    from platformctl.operations.migration.steps import CONTRACT, UP, migration_plan

    runtime = Runtime(cwd, rehearsed=options.rehearsed(environment, target))
    migrator = choose(runtime.migrators(environment), product)
    services = runtime.services(environment) if contract else ()
    if contract:
        question = f"Take away what only old releases of {product} need, for good?"
        confirm(question, environment, yes=yes, by_name=runtime.is_production(environment))
    plan = migration_plan(
        environment, migrator, CONTRACT if contract else UP, to=to, services=services
    )
    _migrate(runtime, environment, plan, message, as_json=as_json)


@app.command()
def down(
    environment: options.Environment,
    product: Product,
    to: Number,
    *,
    message: options.Message = "",
    yes: options.Yes = False,
    target: options.Rehearsal = None,
    as_json: options.AsJson = False,
    cwd: options.Directory = None,
) -> None:
    """Undo expansions, the last one first; what is in their columns is lost.

    [bold]Example[/]

      platformctl migration down staging analytics --to 0001
    """
    from platformctl.cli.commands.support import confirm
    from platformctl.cli.runtime import Runtime
    from platformctl.operations.migration.find import choose
    from platformctl.operations.migration.steps import DOWN, migration_plan

    runtime = Runtime(cwd, rehearsed=options.rehearsed(environment, target))
    migrator = choose(runtime.migrators(environment), product)
    question = f"Undo the migrations of {product} after {to}, with what is in their columns?"
    confirm(question, environment, yes=yes, by_name=runtime.is_production(environment))
    plan = migration_plan(environment, migrator, DOWN, to=to)
    _migrate(runtime, environment, plan, message, as_json=as_json)


def _migrate(
    runtime: "Runtime", environment: str, plan: "Plan", message: str, *, as_json: bool
) -> None:
    from platformctl.cli.operating import operate
    from platformctl.cli.views.migration import show_migrated
    from platformctl.operations.migration.steps import DOWN

    operation = operate(
        runtime, environment, lambda runner: runner.run(plan, reason=message), as_json=as_json
    )
    if not as_json:
        undone = plan.parameters["direction"] == DOWN
        show_migrated(plan.subject, operation.steps[0].facts["done"], down=undone)
