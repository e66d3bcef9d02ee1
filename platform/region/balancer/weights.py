"""Smooth weighted round robin: exact shares over any whole cycle, spread evenly within it."""

from collections.abc import Sequence
from math import gcd


class SmoothWeights:
    """Chooses an index so that index `i` gets exactly `weights[i]` turns of every `sum(weights)`.

    Every choice raises each index's credit by its weight, takes the richest, and charges it the
    sum. After a whole cycle all credits are zero again, so shares are exact, not probable. (The
    method is the one nginx made known as smooth weighted round robin.)
    """

    __slots__ = ("_cycle", "_position", "weights")

    def __init__(self, weights: Sequence[int]) -> None:
        self.weights = tuple(weights)
        self._cycle = self._schedule() if any(weights) else ()
        self._position = 0

    def _schedule(self) -> tuple[int, ...]:
        """Return the whole cycle in advance: choosing is then one look-up."""
        divisor = gcd(*self.weights)
        weights = [weight // divisor for weight in self.weights]
        total = sum(weights)
        credit = [0] * len(weights)
        cycle: list[int] = []
        for _ in range(total):
            for index, weight in enumerate(weights):
                credit[index] += weight
            richest = max(range(len(weights)), key=credit.__getitem__)
            credit[richest] -= total
            cycle.append(richest)
        return tuple(cycle)

    def choose(self) -> int | None:
        """Return the next index; None when every weight is zero."""
        cycle = self._cycle
        if not cycle:
            return None
        position = self._position
        self._position = position + 1 if position + 1 < len(cycle) else 0
        return cycle[position]
