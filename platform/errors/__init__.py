"""Every error platformctl raises on purpose, and the exit status each one ends the process with.

The tree::

    PlatformError                      1   something went wrong that has a name
    ├── InvocationError                2   the command line cannot be understood
    ├── ConfigurationError             2   a stack file says something that cannot be
    ├── AuthenticationError            3   no credentials, or they were refused
    ├── ResourceError                  4   an operation on a resource failed
    ├── PolicyViolationError           5   a mandatory policy said no
    ├── StackNotFoundError             6   no such environment
    ├── UnexpectedChangesError         7   changes where none were expected
    ├── CancelledError                 8   stopped by a person
    ├── OperationTimeoutError          9   took longer than it may
    ├── StateError                     1   the state file cannot be used
    ├── LockedError                    1   somebody else is at work
    └── RegionError                    1   the local region cannot do what was asked

The numbers are Pulumi's documented CLI exit codes; 255 is kept for errors without a name here.
An error reads "what happened: why" and carries the command that helps, for `ENV` where the
environment is not known: the command line puts in what it was given. Only `cli/main.py` turns
it into text and an exit status.
"""

from typing import ClassVar


class PlatformError(Exception):
    """Something went wrong that has a name.

    Attributes:
        what: What happened, one clause without a full stop.
        why: Why it happened.
        remedy: What to do next, usually a command; empty where nothing is known to help.
    """

    exit_code: ClassVar[int] = 1
    code: ClassVar[str] = "platform"

    def __init__(self, what: str, *, why: str = "", remedy: str = "") -> None:
        super().__init__(what, why, remedy)
        self.what = what
        self.why = why
        self.remedy = remedy

    def __str__(self) -> str:
        return f"{self.what}: {self.why}" if self.why else self.what


class InvocationError(PlatformError):
    """The command line cannot be understood."""

    exit_code = 2
    code = "invocation"


class ConfigurationError(PlatformError):
    """A stack file says something that cannot be; lists every mistake, not just the first.

    Attributes:
        mistakes: The mistakes, one sentence each; empty where the file could not be read at all.
    """

    exit_code = 2
    code = "configuration"

    def __init__(
        self, what: str, *, why: str = "", remedy: str = "", mistakes: tuple[str, ...] = ()
    ) -> None:
        super().__init__(what, why=why, remedy=remedy)
        self.mistakes = mistakes


class AuthenticationError(PlatformError):
    """There are no credentials, or they were refused."""

    exit_code = 3
    code = "authentication"


class ResourceError(PlatformError):
    """An operation on a resource failed; the rest of the deployment is recorded in the state."""

    exit_code = 4
    code = "resource"


class PolicyViolationError(PlatformError):
    """A mandatory policy said no."""

    exit_code = 5
    code = "policy"


class StackNotFoundError(PlatformError):
    """There is no environment of that name."""

    exit_code = 6
    code = "stack-not-found"


class UnexpectedChangesError(PlatformError):
    """There are changes where `--expect-no-changes` promised none."""

    exit_code = 7
    code = "unexpected-changes"


class CancelledError(PlatformError):
    """A person stopped the work; what was done so far is recorded."""

    exit_code = 8
    code = "cancelled"


class OperationTimeoutError(PlatformError):
    """Something took longer than it may."""

    exit_code = 9
    code = "timeout"


class StateError(PlatformError):
    """The state file cannot be used: corrupt, from a newer version, or undecipherable."""

    code = "state"


class LockedError(PlatformError):
    """Somebody else is at work on the same thing."""

    code = "locked"


class RegionError(PlatformError):
    """The local region cannot do what was asked."""

    code = "region"
