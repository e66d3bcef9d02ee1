"""How preview, up, refresh and destroy look: a live tree, plain lines, or JSON.

A view is a context manager that takes engine events and is told the outcome at the end.
"""

import os
import sys
import threading
from collections.abc import Sequence
from typing import Any, Protocol, Self

from rich.console import Console, Group, RenderableType
from rich.live import Live
from rich.markup import escape
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text
from rich.tree import Tree

from platformctl.cli.views.progress import STACK_TYPE, SYMBOLS, Progress, Resource
from platformctl.cli.views.terminal import human_duration, print_json, talk
from platformctl.cli.views.view import View
from platformctl.deployment.interface import Outcome

SPINNER = "⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏"
SHOWN_RUNNING = 6
UNKNOWN_SENTINEL = "04da6b54-80e4-46f7-96ec-b56ff0331ba9"
"""How Pulumi writes a value that is only known after deployment."""


class DeploymentView(Protocol):
    """Takes events while the engine works, and the outcome when it is done."""

    def __enter__(self) -> Self: ...
    def __exit__(self, *_: object) -> None: ...
    def on_event(self, event: Any) -> None:
        """Take in one engine event; called from any thread."""
        ...

    def finish(self, outcome: Outcome) -> None:
        """Show the summary."""
        ...


def deployment_view(verb: str, stack: str, *, as_json: bool, diff: bool) -> DeploymentView:
    """Choose the view once: JSON when asked for, live on a terminal, plain lines elsewhere."""
    if as_json:
        return JsonView()
    console = talk()
    live = console.is_terminal and not os.environ.get("CI") and not os.environ.get("NO_COLOR")
    kind = LiveView if live else PlainView
    return kind(verb, stack, console, diff=diff)


class _HumanView(View):
    """What the live and the plain view share: taking events in, and the summary."""

    def __init__(self, verb: str, stack: str, console: Console, *, diff: bool) -> None:
        self.verb = verb
        self.stack = stack
        self.console = console
        self.diff = diff
        self.progress = Progress()
        self.lock = threading.Lock()

    def on_event(self, event: Any) -> None:
        """Take in one engine event."""
        # Printing waits for whoever draws just now, and drawing takes the lock: never both at once.
        with self.lock:
            resource = self._take(event)
        if event.diagnostic_event:
            self.on_diagnostic(event.diagnostic_event, resource)
        elif event.stdout_event:
            self.console.print(event.stdout_event.message.rstrip(), markup=False)
        elif resource is None:
            return
        elif event.resource_pre_event:
            self.on_start(resource)
        elif event.res_outputs_event:
            self.on_end(resource)
        else:
            self.on_failure(resource)

    def _take(self, event: Any) -> Resource | None:
        """Take an event into the picture; return the resource that it is about."""
        if event.resource_pre_event:
            return self.progress.started(event.resource_pre_event.metadata)
        if event.res_outputs_event:
            return self.progress.ended(event.res_outputs_event.metadata)
        if event.res_op_failed_event:
            return self.progress.broke(event.res_op_failed_event.metadata)
        if event.diagnostic_event:
            diagnostic = event.diagnostic_event
            resource = self.progress.resources.get(diagnostic.urn or "")
            if resource and diagnostic.severity == "error" and not diagnostic.ephemeral:
                resource.error = diagnostic.message.rstrip()
            return resource
        return None

    def on_start(self, resource: Resource) -> None:
        """Show that work on a resource began."""

    def on_end(self, resource: Resource) -> None:
        """Show that work on a resource ended well."""

    def on_failure(self, resource: Resource) -> None:
        """Show that work on a resource failed."""

    def on_diagnostic(self, event: Any, resource: Resource | None) -> None:
        """Show a message of the engine or of the program."""
        if event.ephemeral or event.severity in ("debug", "info#err"):
            return
        message = event.message.rstrip()
        colour = {"error": "red", "warning": "yellow"}.get(event.severity, "dim")
        who = f"{resource.name}: " if resource is not None else ""
        self.console.print(f"[{colour}]{escape(event.severity)}:[/] {escape(who + message)}")

    def finish(self, outcome: Outcome) -> None:
        """Show what changed, and how long it took."""
        if self.verb in ("preview", "refresh") or self.diff:
            self.console.print(_changes(self.progress, diff=self.diff), end="")
        if outcome.changed == 0 and self.verb == "destroy":
            self.console.print(f"[green]✓[/] {self.stack}: there is nothing to delete")
            return
        if outcome.changed == 0:
            same = outcome.changes.get("same", 0)
            self.console.print(
                f"[green]✓[/] {self.stack}: nothing to change, {same} resources as described "
                f"({human_duration(outcome.duration)})"
            )
            return
        counts = ", ".join(
            f"[{SYMBOLS[kind][1]}]{SYMBOLS[kind][0].strip()} {count} {_done(self.verb, kind)}[/]"
            for kind, count in outcome.changes.items()
            if count and kind != "same" and kind in SYMBOLS
        )
        same = outcome.changes.get("same", 0)
        rest = f", {same} unchanged" if same else ""
        self.console.print(
            f"[green]✓[/] {self.stack}: {counts}{rest} ({human_duration(outcome.duration)})"
        )


class PlainView(_HumanView):
    """One line for every resource that changes: for pipes, logs and CI."""

    def on_end(self, resource: Resource) -> None:
        """Print a line when a resource is done."""
        quiet = resource.operation == "same" or resource.is_component or self.verb == "preview"
        if quiet or resource.type == STACK_TYPE:
            return
        symbol, _, done = SYMBOLS.get(resource.operation, ("?", "", resource.operation))
        took = (resource.ended or 0) - (resource.started or 0)
        self.console.print(
            f"{symbol} {done} {resource.type} {resource.name} ({human_duration(took)})",
            markup=False,
            highlight=False,
        )

    def on_failure(self, resource: Resource) -> None:
        """Print a line when a resource failed."""
        self.console.print(f"✗ failed {resource.type} {resource.name}", markup=False)


class LiveView(_HumanView):
    """A tree that is redrawn while the engine works, with a bar for the whole."""

    def __enter__(self) -> Self:
        self.live = Live(
            get_renderable=self.render,
            console=self.console,
            refresh_per_second=10,
            transient=True,
            vertical_overflow="ellipsis",
        )
        self.live.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.live.stop()
        # What was reached stays on the screen, without the running parts.
        self.console.print(self.render())

    def render(self) -> RenderableType:
        """Draw the picture of now."""
        with self.lock:
            now = self.progress.clock()
            tree = Tree(f"[bold]{self.verb} {self.stack}[/]", guide_style="dim")
            if not self.progress.resources:
                tree.add(f"[cyan]{_spin(now)}[/] starting the region and the program")
            for resource in self.progress.roots:
                _branch(tree, resource, now)
            done, total = self.progress.counts()
        table = Table.grid(padding=(0, 1))
        table.add_row(
            ProgressBar(total=max(total, 1), completed=done, width=40),
            f"{done}/{total}",
            human_duration(now - self.progress.began),
        )
        return Group(tree, table)


def tell_diagnostic(event: Any) -> None:
    """Write warnings and errors of the engine and the program to standard error, nothing else."""
    diagnostic = event.diagnostic_event
    if diagnostic and diagnostic.severity in ("error", "warning"):
        sys.stderr.write(diagnostic.message.rstrip() + "\n")


class JsonView(View):
    """The document that `pulumi preview --json` prints, on standard output at the end."""

    def __init__(self) -> None:
        self.configuration: dict[str, str] = {}
        self.diagnostics: list[dict[str, str]] = []

    def on_event(self, event: Any) -> None:
        """Keep what the document needs."""
        if event.prelude_event:
            self.configuration = dict(event.prelude_event.config)
        elif event.diagnostic_event and not event.diagnostic_event.ephemeral:
            self._diagnostic(event.diagnostic_event)
            tell_diagnostic(event)

    def _diagnostic(self, event: Any) -> None:
        if event.severity == "debug":
            return
        about = {"urn": event.urn} if event.urn else {}
        self.diagnostics.append({**about, "message": event.message, "severity": event.severity})

    def finish(self, outcome: Outcome) -> None:
        """Print the document; like Pulumi's, without the steps of what stays the same."""
        document: dict[str, Any] = {"config": self.configuration}
        if outcome.steps:
            document["steps"] = [
                step
                for step in outcome.steps
                if step["op"] != "same" or f"::{STACK_TYPE}::" in step["urn"]
            ]
        if self.diagnostics:
            document["diagnostics"] = self.diagnostics
        document["duration"] = round(outcome.duration * 1e9)
        document["changeSummary"] = dict(outcome.changes)
        print_json(document)


def _done(verb: str, kind: str) -> str:
    return f"to {kind}" if verb == "preview" else SYMBOLS[kind][2]


def _branch(tree: Tree, resource: Resource, now: float) -> None:
    """Draw a resource: a finished component is one line, a running one shows what it waits for."""
    if not resource.is_component:
        if resource.running or resource.error:
            tree.add(_leaf(resource, now))
        return
    done, total = resource.counted()
    active = [item for item in resource.walk() if item.running or item.error]
    if total == 0 or (not active and done == 0):
        return
    mark = Text("✓ ", "green") if done == total else Text(f"{_spin(now)} ", "cyan")
    if any(item.error for item in active):
        mark = Text("✗ ", "red")
    kind = resource.type.rpartition(":")[2]
    line = mark.append(resource.name, "default").append(f" {kind}  {done}/{total}", "dim")
    node = tree.add(line)
    if done == total and not active:
        return
    for child in resource.children:
        if child.is_component:
            _branch(node, child, now)
    leaves = [item for item in resource.children if not item.is_component and item in active]
    for leaf in leaves[:SHOWN_RUNNING]:
        node.add(_leaf(leaf, now))
    if len(leaves) > SHOWN_RUNNING:
        node.add(Text(f"and {len(leaves) - SHOWN_RUNNING} more", "dim"))


def _leaf(resource: Resource, now: float) -> Text:
    symbol, colour, _ = SYMBOLS.get(resource.operation, ("?", "default", ""))
    kind = resource.type.rpartition(":")[2]
    if resource.error:
        return Text("✗ ", "red").append(f"{resource.name} ({kind}): {resource.error}", "red")
    took = human_duration(now - (resource.started or now))
    return (
        Text(f"{symbol} ", colour)
        .append(f"{resource.name} ", "default")
        .append(f"{kind} {took}", "dim")
    )


def _spin(now: float) -> str:
    return SPINNER[int(now * 10) % len(SPINNER)]


def _changes(progress: Progress, *, diff: bool) -> Text:
    """Draw the resources that change, below the components they belong to.

    One text and not a `rich` tree, which takes seconds for a thousand lines.
    """
    text = Text()
    _changed_branches(text, progress.roots, "", diff=diff)
    return text


def _changed_branches(
    text: Text, resources: Sequence[Resource], indent: str, *, diff: bool
) -> None:
    changing = [
        resource
        for resource in resources
        if any(map(_changes_something, (resource, *resource.walk())))
    ]
    for resource in changing:
        last = resource is changing[-1]
        corner, further = ("└── ", "    ") if last else ("├── ", "│   ")
        if resource.type == STACK_TYPE:
            corner, further = "", ""
        text.append(indent + corner, "dim")
        _append_change(text, resource, diff=diff)
        below = indent + further
        for path, (difference, old, new) in resource.details.items() if diff else ():
            text.append(below, "dim").append_text(_difference(path, difference, old, new))
            text.append("\n")
        _changed_branches(text, resource.children, below, diff=diff)


def _changes_something(resource: Resource) -> bool:
    if resource.operation in ("same", "", "read"):
        return False
    return resource.operation != "refresh" or bool(resource.changed)


def _append_change(text: Text, resource: Resource, *, diff: bool) -> None:
    symbol, colour, _ = SYMBOLS.get(resource.operation, ("?", "default", ""))
    text.append(f"{symbol} ", colour).append(resource.name)
    text.append(f" {resource.type.rpartition(':')[2]}", "dim")
    if resource.changed and not diff:
        text.append(f"  [{', '.join(resource.changed)}]", "yellow")
    text.append("\n")


def _difference(path: str, kind: str, old: Any, new: Any) -> Text:
    if kind.startswith("add"):
        return Text(f"+ {path}: {_shown(new)}", "green")
    if kind.startswith("delete"):
        return Text(f"- {path}: {_shown(old)}", "red")
    return Text(f"~ {path}: {_shown(old)} → {_shown(new)}", "yellow")


def _shown(value: Any) -> str:
    return "known after up" if value == UNKNOWN_SENTINEL else repr(value)
