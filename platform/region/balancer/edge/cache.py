"""The edge's cache: whole answers by key, the least recently used go first."""

import re
from collections import OrderedDict
from collections.abc import Iterable
from dataclasses import dataclass

from platformctl.region.balancer.routing import wildcard

MAXIMUM_OBJECT = 10 * 1024 * 1024
MAXIMUM_TOTAL = 256 * 1024 * 1024
_SECONDS = re.compile(r"(s-maxage|max-age)=\"?(\d{1,10})")


@dataclass(frozen=True)
class Stored:
    """An answer as the origin gave it.

    Attributes:
        status: Its status.
        headers: Its end-to-end headers.
        body: Its body.
        stored: Moment it was fetched or confirmed, in seconds of the loop's clock.
        expires: Moment after which the origin is asked again.
    """

    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes
    stored: float
    expires: float

    def header(self, name: str) -> str | None:
        """Return a header's value; `name` is in lower case."""
        return next((value for key, value in self.headers if key.lower() == name), None)


class Cache:
    """Answers of one distribution; the first part of a key is the path."""

    def __init__(self) -> None:
        self._entries: OrderedDict[tuple[str, ...], Stored] = OrderedDict()
        self._size = 0

    def __len__(self) -> int:
        return len(self._entries)

    def get(self, key: tuple[str, ...]) -> Stored | None:
        """Return what is stored, expired or not."""
        found = self._entries.get(key)
        if found is not None:
            self._entries.move_to_end(key)
        return found

    def put(self, key: tuple[str, ...], stored: Stored) -> None:
        """Store an answer, in place of an older one."""
        self._drop(key)
        self._entries[key] = stored
        self._size += len(stored.body)
        while self._size > MAXIMUM_TOTAL:
            self._drop(next(iter(self._entries)))

    def invalidate(self, patterns: Iterable[str]) -> None:
        """Forget everything under paths such as `/index.html` or `/assets/*`."""
        match = wildcard(patterns, ignore_case=False).fullmatch
        for key in [
            key for key in self._entries if match(key[0]) or match(key[0].partition("?")[0])
        ]:
            self._drop(key)

    def _drop(self, key: tuple[str, ...]) -> None:
        gone = self._entries.pop(key, None)
        if gone is not None:
            self._size -= len(gone.body)


def lifetime(cache_control: str | None, minimum: float, default: float, maximum: float) -> float:
    """Return for how many seconds an answer may be kept, as CloudFront reckons it."""
    if maximum <= 0:
        return 0.0
    control = (cache_control or "").lower()
    if any(word in control for word in ("no-store", "no-cache", "private")):
        return minimum
    found = dict(_SECONDS.findall(control))
    seconds = found.get("s-maxage", found.get("max-age"))
    if seconds is None:
        return default
    return min(max(float(seconds), minimum), maximum)
