"""The functions of metric math, one row each, and the evaluation of a parsed expression."""

import itertools
import math
import statistics
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from platformctl.region.services.cloudwatch import expressions
from platformctl.region.services.cloudwatch.expressions import (
    Array,
    Binary,
    ExpressionError,
    Function,
    Name,
    Negative,
    Node,
    Number,
    Text,
    TimeSeries,
    Value,
)


@dataclass(frozen=True)
class Scope:
    """What an expression can see.

    Attributes:
        values: Value of every other query by id.
        metrics: Ids of the queries that are metrics rather than expressions, in order.
        moments: Every period of the request, oldest first (`FILL` and `TIME_SERIES` use them).
        period: Seconds of one period.
    """

    values: Mapping[str, Value]
    metrics: Sequence[str]
    moments: Sequence[float]
    period: int
    words: frozenset[str] = field(default=frozenset({"REPEAT", "LINEAR"}))


def evaluate(node: Node, scope: Scope) -> Value:
    """Return the value of an expression.

    Raises:
        ExpressionError: It names what does not exist or combines what does not combine.
    """
    match node:
        case Number(value):
            return value
        case Text(text):
            return text
        case Name(name):
            if name in scope.values:
                return scope.values[name]
            if name.upper() in scope.words:
                return name.upper()
            raise ExpressionError(f"there is no query with the id {name!r}")
        case Negative(operand):
            return expressions.apply("*", -1.0, evaluate(operand, scope))
        case Binary(sign, left, right):
            return expressions.apply(sign, evaluate(left, scope), evaluate(right, scope))
        case Array(items):
            return [series(evaluate(item, scope)) for item in items]
        case Function(name, arguments):
            return _call(name, [evaluate(argument, scope) for argument in arguments], scope)


def series(value: Value) -> TimeSeries:
    """Return a value that must be one time series.

    Raises:
        ExpressionError: It is something else.
    """
    if not isinstance(value, dict):
        raise ExpressionError("expected a metric")
    return value


def _call(name: str, arguments: list[Value], scope: Scope) -> Value:
    row = FUNCTIONS.get(name)
    if row is None:
        raise ExpressionError(f"the local region does not know the function {name}")
    low, high, work = row
    if not low <= len(arguments) <= high:
        raise ExpressionError(f"{name} does not take {len(arguments)} arguments")
    return work(arguments, scope)


Work = Callable[[list[Value], Scope], Value]


def _aggregate(work: Callable[[list[float]], float]) -> Work:
    """One series becomes a number; several become one series, period by period."""

    def run(arguments: list[Value], _: Scope) -> Value:
        value = arguments[0]
        if isinstance(value, dict):
            if not value:
                raise ExpressionError("the metric has no values")
            return work(list(value.values()))
        if not isinstance(value, list):
            raise ExpressionError("expected a metric or a list of metrics")
        moments = sorted({moment for item in value for moment in item})
        return {at: work([item[at] for item in value if at in item]) for at in moments}

    return run


def _pointwise(work: Callable[[float], float]) -> Work:
    def run(arguments: list[Value], scope: Scope) -> Value:
        value = arguments[0]
        if isinstance(value, list):
            return [series(run([item], scope)) for item in value]
        try:
            if isinstance(value, dict):
                return {at: work(number) for at, number in value.items()}
            if isinstance(value, str):
                raise ExpressionError("expected a metric or a number")
            return work(value)
        except ValueError as error:
            raise ExpressionError(str(error)) from error

    return run


def _steps(work: Callable[[float, float], float]) -> Work:
    """From each value and the seconds since the one before it."""

    def run(arguments: list[Value], scope: Scope) -> Value:
        value = arguments[0]
        if isinstance(value, list):
            return [series(run([item], scope)) for item in value]
        points = sorted(series(value).items())
        pairs = itertools.pairwise(points)
        return {at: work(now - before, at - then) for (then, before), (at, now) in pairs}

    return run


def _fill(arguments: list[Value], scope: Scope) -> Value:
    value, filler = arguments
    if isinstance(value, list):
        return [series(_fill([item, filler], scope)) for item in value]
    known = series(value)
    if isinstance(filler, list):
        raise ExpressionError("FILL needs a number, a metric, REPEAT or LINEAR")
    filled: TimeSeries = {}
    for moment in scope.moments:
        if moment in known:
            filled[moment] = known[moment]
            continue
        found = _filler(filler, moment, known)
        if found is not None:
            filled[moment] = found
    return filled


def _filler(filler: float | TimeSeries | str, moment: float, known: TimeSeries) -> float | None:
    if isinstance(filler, dict):
        return filler.get(moment)
    if not isinstance(filler, str):
        return filler
    before = max((at for at in known if at < moment), default=None)
    after = min((at for at in known if at > moment), default=None)
    if before is None or (filler == "LINEAR" and after is None):
        return None
    if filler == "REPEAT" or after is None:
        return known[before]
    share = (moment - before) / (after - before)
    return known[before] + (known[after] - known[before]) * share


def _if(arguments: list[Value], _: Scope) -> Value:
    condition, then = arguments[0], arguments[1]
    otherwise = arguments[2] if len(arguments) == 3 else None
    if isinstance(condition, dict):
        chosen: TimeSeries = {}
        for moment, flag in condition.items():
            value = then if flag else otherwise
            if isinstance(value, dict):
                value = value.get(moment)
            if isinstance(value, str | list):
                raise ExpressionError("IF chooses between numbers and metrics")
            if value is not None:
                chosen[moment] = value
        return chosen
    if isinstance(condition, str | list):
        raise ExpressionError("the condition of IF is a metric or a number")
    if condition:
        return then
    return {} if otherwise is None else otherwise


def _metrics(arguments: list[Value], scope: Scope) -> Value:
    part = arguments[0] if arguments else ""
    if not isinstance(part, str):
        raise ExpressionError("METRICS takes a part of the ids, in quotes")
    return [series(scope.values[name]) for name in scope.metrics if part in name]


def _metric_count(arguments: list[Value], _: Scope) -> Value:
    value = arguments[0]
    return float(len(value)) if isinstance(value, list) else 1.0


def _period(_: list[Value], scope: Scope) -> Value:
    return float(scope.period)


def _time_series(arguments: list[Value], scope: Scope) -> Value:
    number = arguments[0]
    if isinstance(number, dict | list | str):
        raise ExpressionError("TIME_SERIES needs a number")
    return dict.fromkeys(scope.moments, number)


def _running_sum(arguments: list[Value], scope: Scope) -> Value:
    value = arguments[0]
    if isinstance(value, list):
        return [series(_running_sum([item], scope)) for item in value]
    total = 0.0
    sums: TimeSeries = {}
    for moment, number in sorted(series(value).items()):
        total += number
        sums[moment] = total
    return sums


def _end(last: bool) -> Work:
    def run(arguments: list[Value], _: Scope) -> Value:
        value = arguments[0]
        if isinstance(value, list):
            if not value:
                raise ExpressionError("there are no metrics")
            return value[-1 if last else 0]
        points = series(value)
        if not points:
            raise ExpressionError("the metric has no values")
        return points[max(points) if last else min(points)]

    return run


def _mean(values: list[float]) -> float:
    return sum(values) / len(values)


def _count(values: list[float]) -> float:
    return float(len(values))


FUNCTIONS: Mapping[str, tuple[int, int, Work]] = {
    "ABS": (1, 1, _pointwise(abs)),
    "AVG": (1, 1, _aggregate(_mean)),
    "CEIL": (1, 1, _pointwise(lambda value: float(math.ceil(value)))),
    "DATAPOINT_COUNT": (1, 1, _aggregate(_count)),
    "DIFF": (1, 1, _steps(lambda change, _: change)),
    "DIFF_TIME": (1, 1, _steps(lambda _, seconds: seconds)),
    "FILL": (2, 2, _fill),
    "FIRST": (1, 1, _end(last=False)),
    "FLOOR": (1, 1, _pointwise(lambda value: float(math.floor(value)))),
    "IF": (2, 3, _if),
    "LAST": (1, 1, _end(last=True)),
    "LOG": (1, 1, _pointwise(math.log)),
    "LOG10": (1, 1, _pointwise(math.log10)),
    "MAX": (1, 1, _aggregate(max)),
    "METRICS": (0, 1, _metrics),
    "METRIC_COUNT": (1, 1, _metric_count),
    "MIN": (1, 1, _aggregate(min)),
    "PERIOD": (1, 1, _period),
    "RATE": (1, 1, _steps(lambda change, seconds: change / seconds)),
    "RUNNING_SUM": (1, 1, _running_sum),
    "STDDEV": (1, 1, _aggregate(statistics.pstdev)),
    "SUM": (1, 1, _aggregate(math.fsum)),
    "TIME_SERIES": (1, 1, _time_series),
}
"""Function → fewest arguments, most arguments, work."""
