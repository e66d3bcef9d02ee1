"""How an operation looks while it runs: a live picture, plain lines, or JSON lines.

A view is a context manager that takes the kernel's events, and is told how it ended. Whether the
events come from this process or, through the journal, from another one is the same to it.
"""

import os
import threading
from collections.abc import Mapping
from copy import copy
from pathlib import Path
from typing import Protocol, Self

from rich.console import Console
from rich.live import Live
from rich.text import Text

from platformctl.cli.views.operation_lines import JsonLinesView
from platformctl.cli.views.operation_picture import STEP_MARKS, OperationPicture
from platformctl.cli.views.operation_progress import (
    OperationProgress,
    change,
    resume_command,
)
from platformctl.cli.views.terminal import data, human_duration, print_json, talk
from platformctl.cli.views.view import View
from platformctl.operations.kernel.events import (
    Event,
    OperationChanged,
    Sampled,
    StepChanged,
    Stopping,
    Told,
    Waiting,
)
from platformctl.operations.kernel.operation import Operation, StepRecord
from platformctl.operations.kernel.states import State, StepState
from platformctl.operations.report.measurement import read_measurement
from platformctl.operations.report.redaction import redacted_text
from platformctl.operations.report.report import Report
from platformctl.operations.report.words import gate_words, side_words

FRAMES = 8
"""Pictures a second."""
SAMPLES_EVERY = 10.0
"""Seconds between two plain lines of numbers while the traffic's split stays as it is."""
WAITING_EVERY = 30.0
"""Seconds between two plain lines about the same waiting."""


class OperationView(Protocol):
    """Takes events while an operation runs, and the operation when it has ended or paused."""

    def __enter__(self) -> Self: ...
    def __exit__(self, *_: object) -> None: ...
    def on_event(self, event: Event) -> None:
        """Take in one event; called from any thread."""
        ...

    def finish(self, operation: Operation, report: Path | None = None, *, well: bool) -> None:
        """Show how it ended, and where the report is.

        Args:
            operation: The operation.
            report: Its report, if one was written.
            well: Whether it is the end that was wanted; any other is an error's to tell.
        """
        ...


def operation_view(
    *,
    as_json: bool,
    follows: bool = False,
    rehearsed: bool = False,
    console: Console | None = None,
) -> OperationView:
    """Choose the view once: JSON when asked for, live on a terminal, plain lines elsewhere.

    Args:
        as_json: Whether JSON is asked for.
        follows: Whether another process runs the operation, so that Ctrl-C only ends the view.
        rehearsed: Whether it is a rehearsal's.
        console: Where to show it to people; standard error by default.
    """
    if as_json:
        return JsonLinesView()
    console = console or talk()
    if console.is_terminal and not os.environ.get("CI") and not os.environ.get("NO_COLOR"):
        return LiveView(console, follows=follows, rehearsed=rehearsed)
    return PlainView(console, rehearsed=rehearsed)


class _HumanView(View):
    """What the live and the plain view share.

    Args:
        console: Where.
        rehearsed: Whether it is a rehearsal's.
    """

    def __init__(self, console: Console, *, rehearsed: bool = False) -> None:
        self.console = console
        self.rehearsed = rehearsed
        self.progress = OperationProgress()
        self.lock = threading.Lock()

    def on_event(self, event: Event) -> None:
        """Take in one event."""
        if isinstance(event, Stopping):
            self._stop(event)
            return
        with self.lock:
            self.progress.take(event)
        # Printing waits for whoever draws just now, and drawing takes the lock: never both at once.
        if isinstance(event, Told):
            self._tell(event)
        else:
            self.show(event)

    def show(self, event: Event) -> None:
        """Show an event."""

    def finish(self, operation: Operation, report: Path | None = None, *, well: bool) -> None:
        """Say how it ended, where that is what was wanted."""
        self.progress.operation = operation
        plan, versions = operation.plan, change(operation)
        if well:
            took = human_duration(self.progress.elapsed())
            line = Text.assemble(("✓ ", "green"), (f"{plan.kind} of {plan.subject}", "bold"))
            line.append(f" {versions}" if versions else "")
            line.append(f": {operation.state.words} in {took}")
            self.console.print(line)
        if report is not None:
            self.console.print(Text(f"  report: {report}"), highlight=False)

    def _stop(self, event: Stopping) -> None:
        what = "stopping at the next safe point"
        if event.undoing:
            what = "it is being undone, which goes on to its end"
        command = resume_command(event.operation, rehearsed=self.rehearsed)
        self.console.print(
            Text(f"{what}; Ctrl-C again leaves it as it is: `{command}` goes on", "yellow")
        )

    def _tell(self, event: Told) -> None:
        self.console.print(Text(redacted_text(event.text)))
        for line in event.details:
            self.console.print(Text(f"    {redacted_text(line)}", "dim"))


class LiveView(_HumanView):
    """A picture that is redrawn while the operation runs.

    Args:
        console: Where.
        follows: Whether another process runs the operation.
        rehearsed: Whether it is a rehearsal's.
    """

    def __init__(self, console: Console, *, follows: bool = False, rehearsed: bool = False) -> None:
        super().__init__(console, rehearsed=rehearsed)
        self._follows = follows
        self._beat = 0

    def __enter__(self) -> Self:
        self.live = Live(
            get_renderable=self.render,
            console=self.console,
            refresh_per_second=FRAMES,
            transient=True,
            vertical_overflow="crop",
        )
        self.live.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.live.stop()
        # What was reached stays on the screen.
        self.console.print(self.render())

    def render(self) -> OperationPicture:
        """Return the picture of now."""
        self._beat += 1
        with self.lock:
            now = copy(self.progress)  # which events go on changing meanwhile
        return OperationPicture(
            now, beat=self._beat, follows=self._follows, rehearsed=self.rehearsed
        )


def show_operation(
    report: Report, *, as_json: bool, rehearsed: bool = False, abandoned: bool = False
) -> None:
    """Print an operation as it is recorded.

    Args:
        report: The operation, with what is known about it.
        as_json: Whether to print JSON.
        rehearsed: Whether it is a rehearsal's.
        abandoned: Whether the process that worked on it is known to be gone.
    """
    if as_json:
        print_json(report.document())
        return
    progress = OperationProgress()
    progress.operation = report.operation
    progress.abandoned = abandoned
    progress.measurement = report.measurements[-1] if report.measurements else None
    data().print(OperationPicture(progress, whole=True, rehearsed=rehearsed))


class PlainView(_HumanView):
    """A line for whatever happens: for pipes, logs and CI."""

    def __init__(self, console: Console, *, rehearsed: bool = False) -> None:
        super().__init__(console, rehearsed=rehearsed)
        self._state: State | None = None
        self._why = ""
        self._waiting: tuple[str, str] | None = None
        self._weights: Mapping[str, float | None] = {}
        self._last: dict[str, float] = {}

    def show(self, event: Event) -> None:
        """Print a line where something new happened."""
        operation = event.operation
        if self._state is None:
            versions = change(operation)
            self._line(f"{operation.plan.kind} {operation.plan.subject} {versions}".rstrip())
            self._line(f"  {operation.id}")
        if isinstance(event, StepChanged):
            self._step(event.step)
        elif isinstance(event, Waiting):
            self._wait(event)
        elif isinstance(event, Sampled):
            self._sample(event)
        elif isinstance(event, OperationChanged) and operation.state != self._state:
            new = operation.outcome not in ("", self._why)  # a step, or undoing, may have said it
            self._line(operation.state.words + (f": {operation.outcome}" if new else ""))
            self._why = operation.outcome
        self._state = operation.state

    def _step(self, step: StepRecord) -> None:
        mark = STEP_MARKS[step.state][0]
        self._waiting = None
        if step.state is StepState.RUNNING:
            again = f", attempt {step.attempt}" if step.attempt > 1 else ""
            self._line(f"{mark} {step.name}: {step.title}{again}")
            return
        took = self.progress.took(step)
        after = f" ({human_duration(took)})" if took is not None else ""
        failed = step.error if step.error and step.state is StepState.FAILED else ""
        error = f": {failed}" if failed else ""
        self._why = failed or self._why
        what = {StepState.COMPENSATED: " undone", StepState.SKIPPED: f" skipped by {step.by}"}
        self._line(f"{mark} {step.name}{what.get(step.state, '')}{after}{error}")
        if step.state is StepState.FAILED and self.progress.measurement:
            measurement = self.progress.measurement
            for gate in measurement.gates if measurement.step == step.name else ():
                if gate.passed is not True:
                    self._line(f"    {gate_words(gate)}")

    def _wait(self, event: Waiting) -> None:
        what = (event.step, event.what)
        if what == self._waiting and not self._is_due("waiting", WAITING_EVERY):
            return
        self._waiting = what
        self._is_due("waiting", 0)
        left = human_duration(event.seconds)
        self._line(f"  {event.step}: {event.what}, at most {left} more")

    def _sample(self, event: Sampled) -> None:
        measurement = read_measurement(event.numbers)  # nothing that was measured earlier
        if measurement is None:
            return
        weights = {side.key: side.weight for side in measurement.sides}
        if weights == self._weights and not self._is_due("sample", SAMPLES_EVERY):
            return
        self._weights = weights
        self._is_due("sample", 0)
        for side in measurement.sides:
            self._line(f"  {side_words(side)}")

    def _is_due(self, what: str, every: float) -> bool:
        """Tell whether something was last said long enough ago, and note that it is said now."""
        now = self.progress.clock()
        due = now - self._last.get(what, float("-inf")) >= every
        if due:
            self._last[what] = now
        return due

    def _line(self, text: str) -> None:
        self.console.print(text, markup=False, highlight=False)
