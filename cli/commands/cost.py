"""`platformctl cost estimate|diff ENV`."""

from typing import Annotated

import typer

from platformctl.cli import options

app = typer.Typer(no_args_is_help=True, help="What an environment costs a month.")

Prices = Annotated[
    str,
    typer.Option(
        "--prices",
        metavar="BOOK",
        help="aws (on-demand prices) or document-004 (the analytics document's own figures).",
    ),
]


@app.command()
def estimate(
    environment: options.Environment,
    *,
    product: Annotated[
        str | None, typer.Option("--product", metavar="PRODUCT", help="Only this product.")
    ] = None,
    prices: Prices = "aws",
    optimised: Annotated[
        bool, typer.Option("--optimised", help="Count with the price book's ways to pay less.")
    ] = False,
    details: Annotated[
        bool, typer.Option("--details", help="Show every resource, not only sums.")
    ] = False,
    as_json: options.AsJson = False,
    cwd: options.Directory = None,
) -> None:
    """Estimate from the plan what an environment costs a month; needs no account.

    [bold]Examples[/]

      platformctl cost estimate production

      platformctl cost estimate production --product analytics --details

      platformctl cost estimate production --product analytics --prices document-004 --optimised
    """
    from platformctl.cli.runtime import Runtime
    from platformctl.cli.views.cost import choose_book, show_estimate
    from platformctl.cost.estimate import estimate as count

    book = choose_book(prices)
    runtime = Runtime(cwd)
    plan = runtime.planned(environment)
    counted = count(plan, book, runtime.project.kind(environment), optimised=optimised)
    show_estimate(
        environment,
        counted.only(product),
        book,
        optimised=optimised,
        details=details,
        as_json=as_json,
    )


@app.command()
def diff(
    environment: options.Environment,
    *,
    prices: Prices = "aws",
    as_json: options.AsJson = False,
    cwd: options.Directory = None,
) -> None:
    """Show what the changes that `preview` shows do to the bill.

    [bold]Example[/]

      platformctl cost diff production
    """
    from platformctl.cli.runtime import Runtime
    from platformctl.cli.views.cost import choose_book, show_difference
    from platformctl.cost.difference import difference

    book = choose_book(prices)
    runtime = Runtime(cwd)
    steps = runtime.offline_preview(environment).steps
    changed = difference(steps, book, runtime.project.kind(environment))
    show_difference(environment, changed, as_json=as_json)
