"""How many there ought to be: scaling policies as pure functions."""

import itertools
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

LOW_SHARE = 0.9
"""Scaling in begins below this share of the target, so that it does not undo scaling out."""


@dataclass(frozen=True)
class Limits:
    """Fewest and most that a scalable target may have."""

    fewest: int
    most: int

    def clamp(self, capacity: int) -> int:
        """Return a capacity within the limits."""
        return min(max(capacity, self.fewest), self.most)


def tracked(current: int, value: float, target: float) -> int:
    """Return the capacity at which a metric that falls with capacity would meet its target."""
    return math.ceil(round(current * value / target, 6))


def stepped(configuration: Mapping[str, Any], current: int, value: float, threshold: float) -> int:
    """Return the capacity that a step policy asks for.

    Args:
        configuration: The API's `StepScalingPolicyConfiguration`.
        current: Capacity now.
        value: Value of the alarm's metric.
        threshold: Threshold of the alarm.
    """
    step = _step(configuration["StepAdjustments"], value - threshold)
    if step is None:
        return current
    adjustment = step["ScalingAdjustment"]
    kind = configuration["AdjustmentType"]
    if kind == "ExactCapacity":
        return adjustment
    if kind == "ChangeInCapacity":
        return current + adjustment
    change = current * adjustment / 100
    # Less than one whole unit still moves by one; more is rounded towards zero.
    whole = int(math.copysign(max(1, math.floor(abs(change))), change)) if change else 0
    least = configuration.get("MinAdjustmentMagnitude") or 0
    if whole and abs(whole) < least:
        whole = int(math.copysign(least, whole))
    return current + whole


def _step(steps: Sequence[Mapping[str, Any]], distance: float) -> Mapping[str, Any] | None:
    """Return the step into whose interval a distance from the threshold falls."""
    for step in steps:
        low = step.get("MetricIntervalLowerBound", -math.inf)
        high = step.get("MetricIntervalUpperBound", math.inf)
        # Above the threshold the lower bound belongs to the step, below it the upper one.
        if (low <= distance < high) if distance >= 0 else (low < distance <= high):
            return step
    return None


def mistakes(kind: str, asked: Mapping[str, Any]) -> list[str]:
    """Return what is wrong with a policy, one sentence per mistake."""
    if kind == "StepScaling":
        return _step_mistakes(asked.get("StepScalingPolicyConfiguration") or {})
    if kind == "TargetTrackingScaling":
        return _tracking_mistakes(asked.get("TargetTrackingScalingPolicyConfiguration") or {})
    return [f"The policy type {kind} is not in the local region."]


def _step_mistakes(configuration: Mapping[str, Any]) -> list[str]:
    if not configuration.get("StepAdjustments"):
        return ["StepScalingPolicyConfiguration needs StepAdjustments."]
    if not configuration.get("AdjustmentType"):
        return ["StepScalingPolicyConfiguration needs an AdjustmentType."]
    bounds = [
        (
            step.get("MetricIntervalLowerBound", -math.inf),
            step.get("MetricIntervalUpperBound", math.inf),
        )
        for step in configuration["StepAdjustments"]
    ]
    if any(low >= high for low, high in bounds):
        return ["A step adjustment must have a lower bound below its upper bound."]
    ordered = sorted(bounds)
    if any(before[1] > after[0] for before, after in itertools.pairwise(ordered)):
        return ["Step adjustments must not overlap."]
    return []


def _tracking_mistakes(configuration: Mapping[str, Any]) -> list[str]:
    kinds = ("PredefinedMetricSpecification", "CustomizedMetricSpecification")
    if sum(kind in configuration for kind in kinds) != 1:
        return [f"A target tracking policy needs exactly one of {' and '.join(kinds)}."]
    if not configuration.get("TargetValue", 0) > 0:
        return ["TargetValue must be greater than 0."]
    return []
