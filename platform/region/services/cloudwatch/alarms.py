"""When an alarm fires: from its datapoints to a state, as a pure function.

CloudWatch looks at more periods than the alarm counts (here two more), takes the newest N
datapoints that exist, and treats only what is then still lacking as missing data.
"""

import datetime as dt
import operator
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

OK, ALARM, INSUFFICIENT = "OK", "ALARM", "INSUFFICIENT_DATA"
EXTRA_PERIODS = 2

COMPARISONS: Mapping[str, tuple[Callable[[float, float], bool], str]] = {
    "GreaterThanOrEqualToThreshold": (operator.ge, "greater than or equal to"),
    "GreaterThanThreshold": (operator.gt, "greater than"),
    "LessThanThreshold": (operator.lt, "less than"),
    "LessThanOrEqualToThreshold": (operator.le, "less than or equal to"),
}
MISSING_DATA = ("breaching", "notBreaching", "ignore", "missing")


@dataclass(frozen=True)
class Condition:
    """What an alarm watches for.

    Attributes:
        comparison: A key of `COMPARISONS`.
        threshold: What values are compared with.
        periods: Datapoints looked at (N).
        datapoints: Datapoints that must breach (M).
        missing: One of `MISSING_DATA`.
    """

    comparison: str
    threshold: float
    periods: int
    datapoints: int
    missing: str = "missing"

    def breaches(self, value: float) -> bool:
        """Say whether a value is on the wrong side of the threshold."""
        return COMPARISONS[self.comparison][0](value, self.threshold)


@dataclass(frozen=True)
class Verdict:
    """The state an alarm ought to be in, and the sentence that says why."""

    state: str
    reason: str


Point = tuple[float, float | None]
"""Start of a period and its value, None where nothing was recorded."""


def evaluate(condition: Condition, points: Sequence[Point], current: str) -> Verdict | None:
    """Return an alarm's verdict, None where it keeps its state.

    Args:
        condition: What it watches for.
        points: The newest `periods + EXTRA_PERIODS` periods, oldest first.
        current: The state it is in.
    """
    real = [(at, value) for at, value in points if value is not None][-condition.periods :]
    breaching = sum(condition.breaches(value) for _, value in real)
    lacking = condition.periods - len(real)
    needed = condition.datapoints

    if lacking and condition.missing == "breaching":
        breaching += lacking
    elif lacking and condition.missing != "notBreaching":
        if not real:
            if condition.missing == "ignore":
                return None
            return Verdict(INSUFFICIENT, _unknown(condition))
        if 0 < breaching == len(real) < needed:
            return _premature(condition, points, real, current)
    if breaching >= needed:
        return Verdict(ALARM, _reason(condition, real, lacking, breaching, current, to=ALARM))
    return Verdict(OK, _reason(condition, real, lacking, breaching, current, to=OK))


def _premature(
    condition: Condition, points: Sequence[Point], real: Sequence[tuple[float, float]], current: str
) -> Verdict | None:
    """Decide where all there is breaches, but it is less than the alarm needs.

    With the oldest breach as old as the alarm needs, what came after may well have breached too,
    and CloudWatch raises the alarm rather than wait; before that, and with `ignore`, it waits.
    """
    oldest = next(index for index, point in enumerate(points) if point[0] == real[0][0])
    if condition.missing == "ignore" or len(points) - oldest < condition.datapoints:
        return None
    lacking = condition.periods - len(real)
    return Verdict(ALARM, _reason(condition, real, lacking, len(real), current, to=ALARM))


def _unknown(condition: Condition) -> str:
    points = "datapoint was" if condition.periods == 1 else "datapoints were"
    return f"Insufficient Data: {condition.periods} {points} unknown."


def _reason(
    condition: Condition,
    real: Sequence[tuple[float, float]],
    lacking: int,
    breaching: int,
    current: str,
    *,
    to: str,
) -> str:
    if not real:
        points = f"no datapoints were received for {condition.periods} "
        points += "period" if condition.periods == 1 else "periods"
        treated = "Breaching" if condition.missing == "breaching" else "NonBreaching"
        missing = f"{lacking} missing {_plural(lacking)} treated as [{treated}]"
        return f"Threshold Crossed: {points} and {missing}."
    sign = COMPARISONS[condition.comparison][1]
    shown = [(at, value) for at, value in real if condition.breaches(value) == (to == ALARM)]
    shown = shown or list(real)
    values = ", ".join(f"{value} ({_clock(at)})" for at, value in reversed(shown))
    met = "was" if len(shown) == 1 else "were"
    negation = "" if to == ALARM else "not "
    count = breaching if to == ALARM else len(shown)
    minimum = condition.datapoints if to == ALARM else condition.periods - condition.datapoints + 1
    change = f"{current} -> {to}" if current != to else f"to stay in {to}"
    return (
        f"Threshold Crossed: {count} out of the last {condition.periods} "
        f"{_plural(condition.periods)} [{values}] {met} {negation}{sign} the threshold "
        f"({condition.threshold}) (minimum {minimum} {_plural(minimum)} for {change} transition)."
    )


def _plural(count: int) -> str:
    return "datapoint" if count == 1 else "datapoints"


def moment(at: float) -> dt.datetime:
    """Return seconds since the epoch as a UTC time."""
    return dt.datetime.fromtimestamp(at, dt.UTC)


def _clock(at: float) -> str:
    return moment(at).strftime("%d/%m/%y %H:%M:%S")
