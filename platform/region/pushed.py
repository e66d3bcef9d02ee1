"""What a push of an image gave; light, as `platformctl.region.client` needs it."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Pushed:
    """An image that was pushed.

    Attributes:
        repository: Name of its repository.
        digest: Its digest, with `sha256:`.
        tag: Its tag.
    """

    repository: str
    digest: str
    tag: str
