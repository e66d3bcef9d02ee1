"""One period's values, condensed: enough to answer every statistic CloudWatch offers here."""

import math
import re
from collections.abc import Iterable, Sequence
from typing import Any

EXACT_VALUES = 64
"""Distinct values kept exactly; above it values fall into bins one per cent wide."""
BIN_WIDTH = math.log(1.01)

PERCENTILE = re.compile(r"p(\d{1,2}(?:\.\d{1,10})?|100)")
TRIMMED_MEAN = re.compile(r"tm(\d{1,2}(?:\.\d{1,10})?|100)")
SIMPLE = ("SampleCount", "Average", "Sum", "Minimum", "Maximum")


def known(statistic: str) -> bool:
    """Say whether `Bucket.statistic` answers a statistic of that name."""
    if statistic in SIMPLE:
        return True
    return bool(PERCENTILE.fullmatch(statistic) or TRIMMED_MEAN.fullmatch(statistic))


def _bin(value: float) -> float:
    """Return the middle of the one-per-cent bin that a value falls into."""
    if value == 0.0:
        return 0.0
    middle = math.exp(round(math.log(abs(value)) / BIN_WIDTH) * BIN_WIDTH)
    return math.copysign(middle, value)


class Bucket:
    """The values of one period: count, sum, extremes, and how often each value occurred.

    `weights` stays None while all values are the same one, which is what a gauge is.
    """

    __slots__ = ("binned", "count", "maximum", "minimum", "total", "weights")

    def __init__(self) -> None:
        self.count = 0.0
        self.total = 0.0
        self.minimum = math.inf
        self.maximum = -math.inf
        self.weights: dict[float, float] | None = None
        self.binned = False

    def add(self, value: float, weight: float = 1.0) -> None:
        """Count a value that occurred `weight` times."""
        if self.weights is None and self.count and value != self.minimum:
            self.weights = {self.minimum: self.count}
        self.count += weight
        self.total += value * weight
        self.minimum = min(self.minimum, value)
        self.maximum = max(self.maximum, value)
        if self.weights is not None:
            key = _bin(value) if self.binned else value
            self.weights[key] = self.weights.get(key, 0.0) + weight
            self._condense()

    def add_summary(self, count: float, total: float, minimum: float, maximum: float) -> None:
        """Count a statistic set, of which only the four figures are known.

        Percentiles see its average, as the values themselves are not known.
        """
        if count <= 0:
            return
        average = total / count
        self.add(average, count)
        self.minimum = min(self.minimum, minimum)
        self.maximum = max(self.maximum, maximum)

    def merge(self, other: "Bucket") -> None:
        """Count everything another bucket has counted."""
        if not other.count:
            return
        if self.weights is None and (self.count and other.minimum != self.minimum):
            self.weights = {self.minimum: self.count}
        if self.weights is None and other.weights is not None:
            self.weights = {self.minimum: self.count} if self.count else {}
        if self.weights is not None:
            self.binned = self.binned or other.binned
            for value, weight in (other.weights or {other.minimum: other.count}).items():
                key = _bin(value) if self.binned else value
                self.weights[key] = self.weights.get(key, 0.0) + weight
        self.count += other.count
        self.total += other.total
        self.minimum = min(self.minimum, other.minimum)
        self.maximum = max(self.maximum, other.maximum)
        self._condense()

    def _condense(self) -> None:
        if self.binned or self.weights is None or len(self.weights) <= EXACT_VALUES:
            return
        bins: dict[float, float] = {}
        for value, weight in self.weights.items():
            key = _bin(value)
            bins[key] = bins.get(key, 0.0) + weight
        self.weights = bins
        self.binned = True

    def statistic(self, name: str) -> float:
        """Return a statistic: one of `SIMPLE`, a percentile `pNN.N` or a trimmed mean `tmNN.N`.

        Raises:
            ValueError: The statistic is not one of those.
        """
        if name == "SampleCount":
            return self.count
        if name == "Average":
            return self.total / self.count
        if name == "Sum":
            return self.total
        if name == "Minimum":
            return self.minimum
        if name == "Maximum":
            return self.maximum
        if match := PERCENTILE.fullmatch(name):
            return self._percentile(float(match[1]))
        if match := TRIMMED_MEAN.fullmatch(name):
            return self._trimmed_mean(float(match[1]))
        raise ValueError(f"unknown statistic {name}")

    def _ordered(self) -> list[tuple[float, float]]:
        return sorted((self.weights or {self.minimum: self.count}).items())

    def _percentile(self, percent: float) -> float:
        wanted = self.count * percent / 100.0
        seen = 0.0
        for value, weight in self._ordered():
            seen += weight
            if seen >= wanted - 1e-9:
                return min(max(value, self.minimum), self.maximum)
        return self.maximum

    def _trimmed_mean(self, percent: float) -> float:
        room = max(self.count * percent / 100.0, 1e-9)
        kept = total = 0.0
        for value, weight in self._ordered():
            taken = min(weight, room - kept)
            total += value * taken
            kept += taken
            if kept >= room:
                break
        return total / kept

    def snapshot(self) -> list[Any]:
        """Return the bucket as JSON values."""
        weights = None if self.weights is None else list(map(list, self.weights.items()))
        return [self.count, self.total, self.minimum, self.maximum, weights, self.binned]

    @classmethod
    def restored(cls, values: Sequence[Any]) -> "Bucket":
        """Make a bucket from what `snapshot` returned."""
        bucket = cls()
        bucket.count, bucket.total, bucket.minimum, bucket.maximum = values[:4]
        if values[4] is not None:
            bucket.weights = dict(values[4])
        bucket.binned = bool(values[5])
        return bucket


def merged(buckets: Iterable[Bucket]) -> Bucket:
    """Return one bucket with everything of several."""
    total = Bucket()
    for bucket in buckets:
        total.merge(bucket)
    return total
