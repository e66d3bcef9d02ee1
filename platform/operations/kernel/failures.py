"""How a step says that it did not do what it was to."""

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
