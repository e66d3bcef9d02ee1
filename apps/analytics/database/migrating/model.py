"""What a migration is, and how a run of them can end other than well."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol


@dataclass(frozen=True, kw_only=True)
class Backfill:
    """Fills in what rows of before an expansion lack, in batches.

    Attributes:
        table: Table whose rows are walked.
        key: Its primary key, one column.
        key_type: Type of that column.
        statement: Fills in the rows with `%(keys)s`; the same again must change nothing.
        remaining: Query for the number of rows that still lack it.
    """

    table: str
    key: str
    key_type: str = "text"
    statement: str
    remaining: str


@dataclass(frozen=True, kw_only=True)
class Migration:
    """One migration as its file says.

    Attributes:
        number: Four digits, unique over both phases.
        name: What its file is called.
        title: First line of its description.
        phase: `expand` or `contract`.
        completes: The expansions that a contract completes.
        backfill: What is filled in after an expansion.
        checksum: SHA-256 of its file.
    """

    number: str
    name: str
    title: str
    phase: str
    completes: tuple[str, ...]
    backfill: Backfill | None
    checksum: str


class Log(Protocol):
    """Where a run tells what it does; structlog's loggers are this."""

    def info(self, event: str, **fields: Any) -> Any:
        """Tell what happens."""
        ...

    def warning(self, event: str, **fields: Any) -> Any:
        """Tell what does not go as it should."""
        ...


class MigrationError(Exception):
    """A run ended without what was asked for.

    Attributes:
        status: Exit status of the program.
        outcome: One word for programs.
        facts: What else is worth knowing, such as who is in the way.
    """

    status = 1
    outcome = "failed"

    def __init__(self, message: str, **facts: Any) -> None:
        super().__init__(message)
        self.facts: Mapping[str, Any] = facts


class MigrationRefused(MigrationError):  # noqa: N818  # named after what happened
    """A check said no before anything was changed."""

    status = 3
    outcome = "refused"


class MigrationBlocked(MigrationError):  # noqa: N818  # named after what happened
    """Somebody held a lock for longer than the run may wait."""

    status = 4
    outcome = "blocked"


class MigrationPaused(MigrationError):  # noqa: N818  # named after what happened
    """Replicas did not catch up; what was filled in stays and the next run goes on from there."""

    status = 5
    outcome = "paused"
