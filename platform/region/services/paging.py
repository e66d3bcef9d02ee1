"""Pages of a listing: an opaque token says where the next one starts."""

import base64
import binascii
from collections.abc import Sequence
from typing import TypeVar

from platformctl.region.services.base import ServiceError

Item = TypeVar("Item")


def page(
    items: Sequence[Item],
    size: int,
    token: str | None,
    *,
    error: str = "InvalidParameterException",
) -> tuple[list[Item], str | None]:
    """Return one page of a listing and the token of the next, None after the last.

    Args:
        items: The whole listing.
        size: Most items on a page.
        token: What the previous page gave; None starts at the beginning.
        error: AWS error code for a token that is none of ours.

    Raises:
        ServiceError: The token is none of ours.
    """
    start = 0
    if token:
        try:
            start = int(base64.urlsafe_b64decode(token.encode()).decode())
        except (binascii.Error, ValueError) as wrong:
            raise ServiceError(error, "The token is not valid.") from wrong
    end = start + size
    more = base64.urlsafe_b64encode(str(end).encode()).decode() if end < len(items) else None
    return list(items[start:end]), more
