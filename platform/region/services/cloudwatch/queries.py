"""Metrics and expressions of a request, evaluated together: GetMetricData, alarms, scaling."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from platformctl.region.services.cloudwatch import expressions, functions
from platformctl.region.services.cloudwatch.expressions import ExpressionError, TimeSeries, Value
from platformctl.region.services.cloudwatch.series import SeriesKey, SeriesStore
from platformctl.region.services.cloudwatch.statistics import known

HIGH_RESOLUTION = (1, 5, 10, 20, 30)
MAX_PERIODS = 100_800

parse = lru_cache(maxsize=1024)(expressions.parse)


def valid_period(period: int) -> bool:
    """Say whether CloudWatch takes a period: 1, 5, 10, 20, 30 or whole minutes."""
    return period in HIGH_RESOLUTION or (period >= 60 and period % 60 == 0)


@dataclass(frozen=True)
class MetricQuery:
    """A metric with a statistic.

    Attributes:
        key: The metric.
        statistic: `Average`, `p99`, …
        period: Seconds.
        unit: Only values recorded in this unit, any if None.
    """

    key: SeriesKey
    statistic: str
    period: int
    unit: str | None = None

    @classmethod
    def of(cls, region: str, stat: Mapping[str, Any], period: int = 60) -> "MetricQuery":
        """Make a query from the API's `MetricStat`, which may leave out its period."""
        metric = stat["Metric"]
        dimensions = {item["Name"]: item["Value"] for item in metric.get("Dimensions", ())}
        return cls(
            SeriesKey.of(region, metric["Namespace"], metric["MetricName"], dimensions),
            stat["Stat"],
            int(stat.get("Period", period)),
            stat.get("Unit"),
        )

    def values(self, store: SeriesStore, moments: Sequence[float]) -> TimeSeries:
        """Return the statistic of every period that starts at one of the moments and has data."""
        series = store.get(self.key)
        if series is None or self.unit not in {None, "None", series.unit}:
            return {}
        found: TimeSeries = {}
        for moment in moments:
            bucket = series.period(moment, self.period)
            if bucket is not None:
                found[moment] = bucket.statistic(self.statistic)
        return found


def mistakes(queries: Sequence[Mapping[str, Any]]) -> list[str]:
    """Return what is wrong with the queries of a request, one sentence per mistake."""
    found: list[str] = []
    ids = [query["Id"] for query in queries]
    found += [f"The id {name} is used twice." for name in sorted(set(ids)) if ids.count(name) > 1]
    for query in queries:
        name = query["Id"]
        if not name[:1].islower():
            found.append(f"The id {name} does not start with a lowercase letter.")
        if ("MetricStat" in query) == ("Expression" in query):
            found.append(f"The query {name} needs either MetricStat or Expression.")
        if stat := query.get("MetricStat"):
            if not known(stat["Stat"]):
                found.append(f"The local region does not have the statistic {stat['Stat']}.")
            if "Period" in stat and not valid_period(int(stat["Period"])):
                found.append(f"The period {stat['Period']} is not 1, 5, 10, 20, 30 or minutes.")
        elif "Expression" in query:
            try:
                parse(query["Expression"])
            except ExpressionError as error:
                found.append(f"Error in expression '{name}': {error}.")
    return found


def periods(start: float, end: float, period: int) -> list[float]:
    """Return the aligned starts of all periods that begin in [start, end), oldest first."""
    first = math.floor(start / period) * period
    return [float(moment) for moment in range(first, math.ceil(end), period)]


class Evaluation:
    """The queries of one request over one stretch of time; each is evaluated once."""

    def __init__(
        self,
        store: SeriesStore,
        region: str,
        queries: Sequence[Mapping[str, Any]],
        *,
        period: int,
        moments: Sequence[float] | None = None,
        between: tuple[float, float] = (0.0, 0.0),
    ) -> None:
        """Take the queries.

        Args:
            store: Where the metrics are.
            region: Region name.
            queries: The API's `MetricDataQueries`.
            period: Seconds, for queries that name none.
            moments: Starts of the periods, the same for every query (alarms).
            between: Start and end where each query has periods of its own (GetMetricData).
        """
        self._store = store
        self._region = region
        self._queries = {query["Id"]: query for query in queries}
        self._period = period
        self._moments = moments
        self._between = between
        self._values: dict[str, Value] = {}
        self._open: set[str] = set()

    def _moments_of(self, period: int) -> Sequence[float]:
        return self._moments if self._moments is not None else periods(*self._between, period)

    def value(self, name: str) -> Value:
        """Return the value of one query.

        Raises:
            ExpressionError: It cannot be evaluated, or refers to itself.
        """
        if name in self._values:
            return self._values[name]
        if name in self._open:
            raise ExpressionError(f"the query {name} refers to itself")
        self._open.add(name)
        try:
            self._values[name] = self._evaluate(self._queries[name])
        finally:
            self._open.discard(name)
        return self._values[name]

    def _evaluate(self, query: Mapping[str, Any]) -> Value:
        if stat := query.get("MetricStat"):
            metric = MetricQuery.of(self._region, stat, self._period)
            return metric.values(self._store, self._moments_of(metric.period))
        node = parse(query["Expression"])
        metrics = [name for name, other in self._queries.items() if "MetricStat" in other]
        needed = (expressions.names(node) | set(metrics)) & self._queries.keys()
        period = int(query.get("Period", self._period))
        scope = functions.Scope(
            values={other: self.value(other) for other in sorted(needed)},
            metrics=metrics,
            moments=self._moments_of(period),
            period=period,
        )
        return functions.evaluate(node, scope)

    def series(self, name: str) -> list[tuple[str, TimeSeries]]:
        """Return a query's value as labelled series; a scalar is the same in every period.

        Raises:
            ExpressionError: It cannot be evaluated, or is a string.
        """
        value = self.value(name)
        if isinstance(value, dict):
            return [(name, value)]
        if isinstance(value, list):
            return [(f"{name}-{index}", item) for index, item in enumerate(value)]
        if isinstance(value, str):
            raise ExpressionError("the result is text")
        period = int(self._queries[name].get("Period", self._period))
        return [(name, dict.fromkeys(self._moments_of(period), value))]
