"""What a check finds."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import StrEnum


class Verdict(StrEnum):
    """How a check came out."""

    OK = "ok"
    WARNING = "warning"
    FAILURE = "failure"


@dataclass(frozen=True)
class Finding:
    """What one check found.

    Attributes:
        check: What was looked at.
        verdict: How it came out.
        detail: What was found.
        remedy: What to do about it, "" where there is nothing to do.
    """

    check: str
    verdict: Verdict
    detail: str
    remedy: str = ""

    @property
    def failed(self) -> bool:
        """Whether nothing can start like this."""
        return self.verdict is Verdict.FAILURE


Check = Callable[[], Iterator[Finding]]


def judged(check: str, *, good: bool, detail: str, remedy: str) -> Finding:
    """Return a finding that is a failure unless it is good."""
    verdict = Verdict.OK if good else Verdict.FAILURE
    return Finding(check, verdict, detail, "" if good else remedy)
