"""What an operation tells while it runs; the live view and the reports are made of it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from platformctl.operations.kernel.operation import Operation, StepRecord


@dataclass(frozen=True, kw_only=True)
class Event:
    """Something that happened in an operation.

    Attributes:
        operation: The operation as it is now.
    """

    operation: Operation


@dataclass(frozen=True, kw_only=True)
class OperationChanged(Event):
    """The operation has another state: `operation.state`, `operation.outcome`."""


@dataclass(frozen=True, kw_only=True)
class StepChanged(Event):
    """A step began, ended, failed, was skipped or undone.

    Attributes:
        step: The step as it is now.
        title: What it does, one clause.
    """

    step: StepRecord
    title: str


@dataclass(frozen=True, kw_only=True)
class Waiting(Event):
    """A step waits.

    Attributes:
        step: Its name.
        what: For what.
        seconds: How long it still may, or will.
    """

    step: str
    what: str
    seconds: float


@dataclass(frozen=True, kw_only=True)
class Sampled(Event):
    """Something was measured; samples are kept with the operation, for its report.

    Attributes:
        step: Step that measured.
        numbers: What was measured, as JSON has it.
        at: When, ISO 8601.
    """

    step: str
    numbers: Mapping[str, Any] = field(default_factory=dict)
    at: str = ""


@dataclass(frozen=True, kw_only=True)
class Told(Event):
    """Something that people should read.

    Attributes:
        text: One sentence.
        details: Lines below it, such as the last lines of a log.
    """

    text: str
    details: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Stopping(Event):
    """Somebody wants the process that works on it to stop, which it does at the next safe point.

    Attributes:
        undoing: Whether it is being undone, which goes on to its end.
    """

    undoing: bool


Observer = Callable[[Event], None]


def unbroken(observer: Observer) -> Observer:
    """Return an observer that falls silent when it cannot write any more.

    A closed pipe or a full disk must not stop what is being done to an environment half-way.
    """
    silent = False

    def observe(event: Event) -> None:
        nonlocal silent
        if silent:
            return
        try:
            observer(event)
        except OSError:
            silent = True

    return observe
