"""How a step says that it did not do what it was to, and how work on an operation stops short."""

from platformctl.errors import PlatformError


class StepFailedError(PlatformError):
    """A check said no: the operation is undone."""

    code = "step-failed"


class StepTimeoutError(StepFailedError):
    """A check did not say yes in time: the operation is undone, and has timed out."""

    exit_code = 9
    code = "step-timeout"


class InconclusiveError(PlatformError):
    """Neither yes nor no can be said: the operation pauses where it is. Not knowing is no pass."""

    code = "inconclusive"


class Interrupted(Exception):  # noqa: N818  # nothing went wrong
    """Somebody wants this process to stop."""


class Abort(Exception):  # noqa: N818  # nothing went wrong
    """Somebody wants the operation to be undone."""


class Halt(Exception):  # noqa: N818  # the cause is what went wrong
    """The operation cannot go on here and now; it waits for somebody.

    Attributes:
        error: Why.
    """

    def __init__(self, error: PlatformError) -> None:
        super().__init__(str(error))
        self.error = error
