"""What a view is: a context around the work that it shows."""

from typing import Self


class View:
    """A view with nothing to put up before the work, and nothing to take down after it."""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        return None
