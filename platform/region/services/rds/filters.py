"""`Filters` of the describe operations."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from platformctl.region.services.base import ServiceError

Shape = dict[str, Any]


def matches(
    shapes: Sequence[Shape],
    filters: Iterable[Mapping[str, Any]],
    known: Mapping[str, Callable[[Shape], Sequence[str]]],
) -> list[Shape]:
    """Return the descriptions that pass every filter.

    Args:
        shapes: All descriptions.
        filters: The request's filters.
        known: Filter name → what a description has under it.

    Raises:
        ServiceError: A filter is not known.
    """
    chosen = list(shapes)
    for one in filters:
        value = known.get(one["Name"])
        if value is None:
            raise ServiceError("InvalidParameterValue", f"Unrecognized filter name: {one['Name']}")
        wanted = set(one["Values"])
        chosen = [shape for shape in chosen if wanted.intersection(value(shape))]
    return chosen
