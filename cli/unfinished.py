"""What `up` has begun and not brought to its end, remembered when its process ends early."""

from pathlib import Path


class Unfinished:
    """A mark from before the first change until everything that follows a change is done.

    Without it the next `up` finds nothing to change after an interruption between the two, and
    would call an environment well whose databases were never migrated.

    Args:
        data: Where the project's data is kept.
        environment: The environment.
    """

    def __init__(self, data: Path, environment: str) -> None:
        self._mark = data / "unfinished" / environment

    @property
    def is_marked(self) -> bool:
        """Whether something was begun and not ended, by this process or one before it."""
        return self._mark.exists()

    def begin(self) -> None:
        """Mark that something is begun."""
        self._mark.parent.mkdir(parents=True, exist_ok=True)
        self._mark.touch()

    def end(self) -> None:
        """Mark that everything is done."""
        self._mark.unlink(missing_ok=True)
