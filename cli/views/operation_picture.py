"""The picture of an operation as it is now: both sides, the steps, the gate, what happens next."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from rich.console import Console, ConsoleOptions, Group, RenderableType, RenderResult
from rich.table import Table
from rich.text import Text

from platformctl.cli.views.operation_progress import (
    GOOD,
    PAUSED,
    OperationProgress,
    abort_command,
    approve_command,
    change,
    resume_command,
)
from platformctl.cli.views.terminal import human_duration
from platformctl.operations.kernel.operation import Operation, StepRecord
from platformctl.operations.kernel.states import State, StepState
from platformctl.operations.report.measurement import Gate, SideNumbers
from platformctl.operations.report.words import gate_words, release_words

SPINNER = "⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏"
STEP_MARKS = {
    StepState.PENDING: ("·", "dim"),
    StepState.RUNNING: ("…", "cyan"),
    StepState.DONE: ("✓", "green"),
    StepState.FAILED: ("✗", "red"),
    StepState.SKIPPED: ("»", "yellow"),
    StepState.COMPENSATED: ("↩", "yellow"),
}
STATE_COLOURS = {
    State.SUCCEEDED: "green",
    State.SUCCEEDED_WITH_EXCEPTIONS: "yellow",
    State.PENDING: "dim",
    State.RUNNING: "cyan",
    State.WAITING_APPROVAL: "yellow",
    State.PAUSED_BY_FAILED_STEP: "yellow",
    State.PAUSED_BY_OPERATOR: "yellow",
    State.CANCELLING: "yellow",
    State.CANCELLED: "yellow",
    State.FAILED: "red",
    State.TIMED_OUT: "red",
    State.ROLLED_BACK: "red",
    State.ROLLBACK_FAILED: "red",
}
WORKING = frozenset({State.RUNNING, State.CANCELLING})
HELD = PAUSED | {State.WAITING_APPROVAL}
NARROW = 60
"""Columns below which only what matters most is shown of each side."""
WIDE = 100
"""Columns from which bars are drawn long."""
STALE = 5.0
"""Seconds after which it is said how old the numbers are."""
FEWEST = 3
"""Steps that are shown however low the terminal is."""


@dataclass(frozen=True)
class OperationPicture:
    """Draws an operation for the width and height there are.

    Attributes:
        progress: What is known.
        beat: A count that moves the spinner.
        follows: Whether another process runs the operation, so that Ctrl-C stops nothing.
        whole: Whether every step is shown, however low the terminal is.
        rehearsed: Whether it is a rehearsal's, which commands have to say.
    """

    progress: OperationProgress
    beat: int = 0
    follows: bool = False
    whole: bool = False
    rehearsed: bool = False

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        operation = self.progress.operation
        if operation is None:
            yield Text(f"{self._spin()} begins", "cyan")
            return
        width, height = options.max_width, options.height or console.size.height
        head = [*_heading(operation, self.progress, width), *self._sides(operation, width)]
        details = list(self._details(width))
        foot = list(self._foot(operation))
        # Only the steps can be left out where the terminal is low: measured is the rest.
        rest = console.render_lines(Group(*head, *details, *foot), options, pad=False)
        room = len(operation.steps) if self.whole else max(FEWEST, height - len(rest) - 3)
        yield Group(*head, Text(), *self._steps(operation, details, width, room))
        if foot:
            yield Group(Text(), *foot)

    def _spin(self) -> str:
        return SPINNER[self.beat % len(SPINNER)]

    def _sides(self, operation: Operation, width: int) -> Iterator[RenderableType]:
        """Draw both sides; not where they were put back to what was not measured."""
        measurement = self.progress.measurement
        if measurement is None or not measurement.sides:
            return
        if operation.state.is_final and operation.state not in GOOD:
            return
        yield Text()
        yield _sides(measurement.sides, width)
        age = self.progress.age()
        if age > STALE and not operation.state.is_final:
            yield Text(f"measured {human_duration(age)} ago", "dim")

    def _steps(
        self, operation: Operation, details: Sequence[RenderableType], width: int, lines: int
    ) -> Iterator[RenderableType]:
        current = self.progress.current()
        shown, before, after = _window(operation.steps, current, lines)
        if before:
            yield Text(f"  {before} steps before", "dim")
        name_width = max((len(step.name) for step in operation.steps), default=0)
        for step in shown:
            yield self._step(step, name_width, width)
            if step == current:
                yield from details
        if after:
            yield Text(f"  {after} more steps", "dim")

    def _step(self, step: StepRecord, name_width: int, width: int) -> RenderableType:
        mark, colour = STEP_MARKS[step.state]
        if step == self.progress.current():
            held = self.progress.operation and self.progress.operation.state in HELD
            mark, colour = ("‖", "yellow") if held else (self._spin(), "cyan")
        took = self.progress.took(step)
        right = Text(human_duration(took) if took is not None else "", "dim")
        if step.attempt > 1:
            right = Text.assemble((f"attempt {step.attempt}  ", "yellow"), right)
        left = Text.assemble((f"{mark} ", colour))
        left.append(step.name.ljust(name_width), "dim" if step.state is StepState.PENDING else "")
        left.append(f"  {step.title}", "dim")
        room = max(10, min(width, WIDE) - len(right) - 1)
        left.truncate(room, overflow="ellipsis", pad=bool(right))
        line = left.append(" ").append_text(right)
        told = self.progress.operation is not None and step.error == self.progress.operation.outcome
        if step.error and step.state is StepState.FAILED and not told:
            return Group(line, _indented(Text(step.error, "red"), 4))
        return line

    def _details(self, width: int) -> Iterator[RenderableType]:
        """Draw what the step under way waits for, and its gate."""
        wait, operation = self.progress.wait, self.progress.operation
        if wait is not None and operation and operation.state in WORKING:
            left = self.progress.remaining()
            bar = 20 if width >= WIDE else 10
            passed = 1 - (left / wait.seconds if wait.seconds else 0)
            text = Text(wait.what)
            if width >= NARROW:
                text.append(f"  {_bar(passed * 100, bar)}", "cyan")
            yield _indented(text.append(f"  {human_duration(left)} left", "cyan"), 4)
        for gate in self.progress.gates():
            yield _indented(_gate(gate), 4)

    def _foot(self, operation: Operation) -> Iterator[RenderableType]:
        """Say what happens next, and how it is stopped or gone on with."""
        rehearsed = self.rehearsed
        current = self.progress.current()
        if operation.state is State.WAITING_APPROVAL and current:
            yield _hint("approve", approve_command(operation, current.name, rehearsed=rehearsed))
        following = self.progress.next_step()
        left = operation.state in PAUSED or self.progress.abandoned
        if following is not None and not left:
            what = f"{following.name}: {following.title}" if following.title else following.name
            undone = operation.state is State.CANCELLING
            yield _hint("next", f"undo {what}" if undone else what)
        if left:
            yield _hint("go on", resume_command(operation, rehearsed=rehearsed))
        if not operation.state.is_final and operation.state is not State.CANCELLING:
            yield _hint("undo", abort_command(operation, rehearsed=rehearsed))
            if not self.whole and operation.state not in PAUSED:
                what = "it goes on" if self.follows else "it stays as it is until it is resumed"
                yield _hint("leave", f"Ctrl-C; {what}")


def _heading(
    operation: Operation, progress: OperationProgress, width: int
) -> Iterator[RenderableType]:
    plan = operation.plan
    title = Text.assemble((f"{plan.kind} {plan.subject}", "bold"), f"  {plan.environment}")
    if versions := change(operation):
        title.append(f"  {versions}", "cyan")
    state = Text.assemble(
        (operation.state.words, STATE_COLOURS[operation.state]),
        (f"  {human_duration(progress.elapsed())}", "dim"),
    )
    if len(title) + len(state) + 2 <= width:
        yield title.append("  ").append_text(state)
    else:
        yield from (title, state)
    who = Text(f"{operation.id}  {operation.actor.user}@{operation.actor.host}", "dim")
    if operation.reason:
        who.append(f"  “{operation.reason}”", "dim")
    who.truncate(width, overflow="ellipsis")
    yield who
    if progress.abandoned:
        yield Text("nobody is at work on it: the process that was is gone", "yellow")
    if operation.outcome:
        colour = STATE_COLOURS[operation.state]
        # The console does not fold lines by itself, so that addresses stay whole.
        yield Text(operation.outcome, colour, no_wrap=False, overflow="fold")


def _sides(sides: Sequence[SideNumbers], width: int) -> Table:
    """Draw a line for each side; a column that nothing is known about is left out."""
    bar = 0 if width < NARROW else (20 if width >= WIDE else 10)
    columns: Mapping[str, tuple[str, Callable[[SideNumbers], Text]]] = {
        "tasks": ("desired", _tasks),
        "traffic": ("weight", lambda side: _traffic(side, bar)),
        "req/s": ("requests", lambda side: _number(side.requests, "{:,.0f}")),
        "errors": ("errors", lambda side: _number(side.errors, "{:.1f} %")),
        "p95": ("p95", lambda side: _number(side.p95, "{:,.0f} ms")),
    }
    shown = {
        name: cell
        for name, (known, cell) in columns.items()
        if any(getattr(side, known) is not None for side in sides)
        and not (name == "tasks" and width < NARROW)
    }
    table = Table(box=None, padding=(0, 2, 0, 0), header_style="dim")
    for name in ("side", "release"):
        table.add_column(name, no_wrap=True)
    for name in shown:
        table.add_column(name, no_wrap=True, justify="left" if name == "traffic" else "right")
    for side in sorted(sides, key=lambda side: side.role == "new"):
        mark = "●" if side.weight else "○"
        cells = [cell(side) for cell in shown.values()]
        table.add_row(
            Text(f"{mark} {side.key}", "bold"), Text(release_words(side.version) or "?"), *cells
        )
    return table


def _number(value: float | None, form: str) -> Text:
    return Text("?" if value is None else form.format(value))


def _tasks(side: SideNumbers) -> Text:
    healthy = side.healthy if side.healthy is not None else side.running
    if healthy is None or side.desired is None:
        return Text("?")
    return Text(f"{healthy}/{side.desired}", "yellow" if healthy < side.desired else "")


def _traffic(side: SideNumbers, width: int) -> Text:
    if side.weight is None:
        return Text("?")
    bar = f"{_bar(side.weight, width)} " if width else ""
    return Text.assemble((bar, "cyan"), f"{side.weight:3.0f} %")


def _bar(percent: float, width: int) -> str:
    """Draw a bar; what is more than nothing is seen."""
    filled = round(min(max(percent, 0), 100) / 100 * width)
    if percent > 0:
        filled = max(filled, 1)
    return "█" * filled + "░" * (width - filled)


def _gate(gate: Gate) -> Text:
    mark, colour = {True: ("✓", "green"), False: ("✗", "red"), None: ("?", "yellow")}[gate.passed]
    return Text.assemble(
        (f"{mark} ", colour), (gate_words(gate), "red" if gate.passed is False else "")
    )


def _hint(word: str, text: str) -> RenderableType:
    table = Table.grid(padding=0)
    table.add_column(width=9)
    table.add_column(overflow="fold")
    table.add_row(Text(word.rjust(7), "dim"), Text(text))
    return table


def _indented(text: Text, by: int) -> RenderableType:
    table = Table.grid(padding=0)
    table.add_column(width=by)
    table.add_column(overflow="fold")
    table.add_row("", text)
    return table


def _window(
    steps: Sequence[StepRecord], current: StepRecord | None, lines: int
) -> tuple[Sequence[StepRecord], int, int]:
    """Choose the steps that fit: those around the one under way.

    Returns:
        Them, and how many there are before and after them.
    """
    if len(steps) <= lines:
        return steps, 0, 0
    lines = max(FEWEST, lines - 2)
    ended = [at for at, step in enumerate(steps) if step.state is not StepState.PENDING]
    middle = steps.index(current) if current in steps else (ended[-1] if ended else 0)
    first = min(max(0, middle - lines // 2), len(steps) - lines)
    return steps[first : first + lines], first, len(steps) - first - lines
