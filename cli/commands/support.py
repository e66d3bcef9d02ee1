"""What the deployment commands share: asking, running a verb under its view, refusing changes."""

import sys
from collections.abc import Callable

import typer

from platformctl.cli.runtime import Runtime
from platformctl.cli.views.advice import show_advice
from platformctl.cli.views.deployment import deployment_view
from platformctl.cli.views.terminal import talk
from platformctl.deployment.advice import Proposal
from platformctl.deployment.interface import Deployer, DeploymentOptions, OnEvent, Outcome
from platformctl.errors import (
    CancelledError,
    InvocationError,
    ResourceError,
    UnexpectedChangesError,
)

Verb = Callable[[DeploymentOptions, OnEvent], Outcome]


def confirm(question: str, environment: str, *, yes: bool, by_name: bool = False) -> None:
    """Ask on a terminal; without one, insist on `--yes`.

    Args:
        question: What is asked.
        environment: What it is about.
        yes: Whether the answer was given beforehand.
        by_name: Whether only the environment's name, typed out, counts as yes.

    Raises:
        CancelledError: The answer was no.
        InvocationError: There is nobody to ask.
    """
    if yes:
        return
    if not sys.stdin.isatty():
        raise InvocationError(
            f"will not do this to {environment} unasked",
            why="there is no terminal to ask at",
            remedy="add --yes",
        )
    if by_name:
        agreed = typer.prompt(f"{question} Type {environment} to go on", err=True) == environment
    else:
        agreed = typer.confirm(question, err=True)
    if not agreed:
        raise CancelledError("cancelled", why="you did not agree; nothing was changed")


def deploy(
    name: str,
    environment: str,
    verb: Verb,
    chosen: DeploymentOptions,
    *,
    as_json: bool,
    diff: bool,
) -> Outcome:
    """Run one verb of a deployer under the view that fits, and show the summary."""
    view = deployment_view(name, environment, as_json=as_json, diff=diff)
    with view:
        try:
            outcome = verb(chosen, view.on_event)
        except ResourceError as error:
            error.remedy = error.remedy or f"platformctl logs {environment} --since 5m"
            raise
    view.finish(outcome)
    return outcome


def propose(
    runtime: Runtime,
    environment: str,
    preview: Verb,
    chosen: DeploymentOptions,
    *,
    as_json: bool,
    diff: bool,
) -> Outcome:
    """Show what would change and what is worth knowing about it, and return the preview.

    Raises:
        PlatformError: An adviser refuses the change.
    """
    if as_json:  # the document on standard output is that of what is done afterwards
        outcome = preview(chosen, lambda _: None)
    else:
        outcome = deploy("preview", environment, preview, chosen, as_json=False, diff=diff)
    advise(runtime, environment, outcome)
    return outcome


def advise(runtime: Runtime, environment: str, outcome: Outcome) -> None:
    """Show the advisers' sections about a preview.

    Raises:
        PlatformError: An adviser refuses the change; every section is shown before.
    """
    proposal = Proposal(environment=environment, preview=outcome)
    sections = [advice for adviser in runtime.advisers() if (advice := adviser(proposal))]
    show_advice(sections)
    for section in sections:
        if section.refusal is not None:
            raise section.refusal


def judge_settled(runtime: Runtime, environment: str) -> None:
    """Judge an environment by the policies once more, now that every value is known.

    Raises:
        PolicyViolationError: It breaks a mandatory policy that the preview could not judge.
    """
    advice = runtime.settled_policies(environment)
    if advice is not None and advice.refusal is not None:
        show_advice([advice])
        raise advice.refusal


def unexpected_changes(environment: str, outcome: Outcome) -> UnexpectedChangesError:
    """Return the error for changes where `--expect-no-changes` promised none."""
    counts = ", ".join(
        f"{count} {kind}" for kind, count in outcome.changes.items() if count and kind != "same"
    )
    return UnexpectedChangesError(
        f"{environment} is not what it was expected to be",
        why=f"there are changes: {counts}",
        remedy=f"platformctl preview {environment} --diff",
    )


def refuse_changes(deployer: Deployer, environment: str, chosen: DeploymentOptions) -> None:
    """Preview, and refuse to go on where anything would change.

    Raises:
        UnexpectedChangesError: Something would change.
    """
    outcome = deployer.preview(chosen, lambda _: None)
    if outcome.changed:
        raise unexpected_changes(environment, outcome)


def send_sample_events(runtime: Runtime, environment: str, product: str) -> None:
    """Send a product's sample events, wait until they have come out, and show them."""
    from platformctl.cli.views.load import show_sample
    from platformctl.operations.load.profile import load_profile
    from platformctl.operations.load.run import send_sample

    profile = load_profile(runtime.project.root, product)
    outputs = runtime.deployer(environment).outputs()
    with talk().status(f"sending sample events of {product}"):
        result = send_sample(profile, outputs, runtime.connect(environment))
    show_sample(product, result)
