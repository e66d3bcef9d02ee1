"""Time series in memory: by the second for a quarter of an hour, by the minute for a day.

Bounded in both directions: old periods go, and above `MAX_SERIES` the series that has been silent
longest goes. A snapshot by the minute is written when the region stops; a crash loses what came
after the last stop.
"""

import gzip
import json
import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from platformctl.region.services.cloudwatch.statistics import Bucket, merged

FINE_SECONDS = 900
COARSE_SECONDS = 86400
MAX_SERIES = 10_000


@dataclass(frozen=True)
class SeriesKey:
    """What identifies a metric: region, namespace, name and dimensions in order of name."""

    region: str
    namespace: str
    metric: str
    dimensions: tuple[tuple[str, str], ...]

    @classmethod
    def of(
        cls, region: str, namespace: str, metric: str, dimensions: Mapping[str, str]
    ) -> "SeriesKey":
        """Make a key from dimensions in any order."""
        return cls(region, namespace, metric, tuple(sorted(dimensions.items())))


class Series:
    """The values of one metric."""

    def __init__(self) -> None:
        self.unit = "None"
        self.last = 0.0
        self.fine: dict[int, Bucket] = {}
        self.coarse: dict[int, Bucket] = {}

    def buckets(self, at: float) -> tuple[Bucket, Bucket]:
        """Return the buckets of the second and of the minute that a moment falls into."""
        second = math.floor(at)
        self.last = max(self.last, at)
        fine = self.fine.get(second)
        if fine is None:
            fine = self.fine[second] = Bucket()
        minute = second - second % 60
        coarse = self.coarse.get(minute)
        if coarse is None:
            coarse = self.coarse[minute] = Bucket()
        return fine, coarse

    def period(self, start: float, seconds: int) -> Bucket | None:
        """Return everything in [start, start + seconds), None where nothing was recorded.

        Whole minutes are read by the minute, which also answers for times long ago.
        """
        if seconds % 60 == 0 and start % 60 == 0:
            source, step = self.coarse, 60
        else:
            source, step = self.fine, 1
        first = math.ceil(start)
        found = [
            source[moment]
            for moment in range(first, math.ceil(start + seconds), step)
            if moment in source
        ]
        if not found:
            return None
        return found[0] if len(found) == 1 else merged(found)

    def prune(self, now: float) -> None:
        """Forget what is too old to be asked for."""
        for source, kept in ((self.fine, FINE_SECONDS), (self.coarse, COARSE_SECONDS)):
            for moment in [moment for moment in source if moment < now - kept]:
                del source[moment]


class SeriesStore:
    """All series of all regions."""

    def __init__(self) -> None:
        self._series: dict[SeriesKey, Series] = {}

    def open(self, key: SeriesKey, unit: str) -> Series:
        """Return the series of a key for writing, made if it is new."""
        series = self._series.get(key)
        if series is None:
            if len(self._series) >= MAX_SERIES:
                silent = min(self._series, key=lambda other: self._series[other].last)
                del self._series[silent]
            series = self._series[key] = Series()
        if unit != "None":
            series.unit = unit
        return series

    def get(self, key: SeriesKey) -> Series | None:
        """Return a series, None if nothing was ever recorded under that key."""
        return self._series.get(key)

    def items(self) -> Iterator[tuple[SeriesKey, Series]]:
        """Yield all keys with their series."""
        yield from self._series.items()

    def prune(self, now: float) -> None:
        """Forget old periods, and series in which nothing is left."""
        for key, series in list(self._series.items()):
            series.prune(now)
            if not series.coarse and not series.fine:
                del self._series[key]

    def save(self, path: Path) -> None:
        """Write the series by the minute into a compressed file, atomically."""
        document: list[Any] = [
            [
                [key.region, key.namespace, key.metric, key.dimensions],
                series.unit,
                series.last,
                [[minute, bucket.snapshot()] for minute, bucket in series.coarse.items()],
            ]
            for key, series in self._series.items()
        ]
        path.parent.mkdir(parents=True, exist_ok=True)
        unfinished = path.with_suffix(".tmp")
        with gzip.open(unfinished, "wt", compresslevel=3) as stream:
            json.dump(document, stream)
        unfinished.replace(path)

    def load(self, path: Path) -> None:
        """Read what `save` wrote; a missing file is an empty store.

        Raises:
            OSError: The file cannot be read.
            ValueError: The file is damaged.
        """
        if not path.exists():
            return
        with gzip.open(path, "rt") as stream:
            document = json.load(stream)
        for (region, namespace, metric, dimensions), unit, last, minutes in document:
            key = SeriesKey.of(region, namespace, metric, dict(dimensions))
            series = self.open(key, unit)
            series.last = last
            series.coarse = {minute: Bucket.restored(values) for minute, values in minutes}
