"""Metrics through the API: put, read with statistics and math, list."""

import datetime as dt
import math
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from platformctl.region.services.base import Call, Service, ServiceError
from platformctl.region.services.cloudwatch import queries
from platformctl.region.services.cloudwatch.expressions import ExpressionError
from platformctl.region.services.cloudwatch.series import SeriesKey, SeriesStore
from platformctl.region.services.cloudwatch.statistics import SIMPLE, known
from platformctl.region.services.paging import page

if TYPE_CHECKING:
    from platformctl.region.runtime import Runtime

RECENT_SECONDS = 3 * 3600
"""What `ListMetrics` means by recently active (`PT3H`)."""
MAX_DATAPOINTS = 100_800


def epoch(value: Any, default: float = 0.0) -> float:
    """Return a timestamp of a request as seconds since the epoch."""
    if value is None:
        return default
    if isinstance(value, str):
        value = dt.datetime.fromisoformat(value)
    if isinstance(value, dt.datetime):
        aware = value if value.tzinfo else value.replace(tzinfo=dt.UTC)
        return aware.timestamp()
    return float(value)


def invalid(message: str) -> ServiceError:
    """Return CloudWatch's error for a parameter that cannot be."""
    return ServiceError("InvalidParameterValue", message)


class MetricOperations(Service):
    """The operations on metrics, and `record` and `statistic` for the region's own services."""

    name = "cloudwatch"
    scope = "monitoring"

    def __init__(self, runtime: "Runtime") -> None:
        super().__init__(runtime)
        self.series = SeriesStore()

    def record(
        self,
        region: str,
        namespace: str,
        metric: str,
        dimensions: Mapping[str, str],
        values: Sequence[float],
        unit: str = "None",
        at: float | None = None,
    ) -> None:
        """Record values of a metric, as PutMetricData does.

        Args:
            region: Region name.
            namespace: Such as `AWS/ECS`.
            metric: Such as `CPUUtilization`.
            dimensions: Names and values.
            values: One or more measurements.
            unit: CloudWatch's unit.
            at: Seconds since the epoch; now if None.
        """
        moment = self.runtime.now() if at is None else at
        series = self.series.open(SeriesKey.of(region, namespace, metric, dimensions), unit)
        for bucket in series.buckets(moment):
            for value in values:
                bucket.add(float(value))

    def statistic(
        self,
        region: str,
        namespace: str,
        metric: str,
        dimensions: Mapping[str, str],
        statistic: str,
        period: int,
        *,
        until: float | None = None,
    ) -> float | None:
        """Return a statistic over the `period` seconds before `until`, None without data.

        Args:
            region: Region name.
            namespace: Such as `AWS/ECS`.
            metric: Such as `CPUUtilization`.
            dimensions: Names and values, exactly those it was recorded with.
            statistic: `Average`, `Sum`, `Minimum`, `Maximum`, `SampleCount`, `p99`, …
            period: Seconds.
            until: Seconds since the epoch; now if None.
        """
        end = math.ceil(self.runtime.now() if until is None else until)
        series = self.series.get(SeriesKey.of(region, namespace, metric, dimensions))
        bucket = series.period(end - period, period) if series else None
        return None if bucket is None else bucket.statistic(statistic)

    def put_metric_data(self, call: Call) -> dict[str, Any]:
        """Record metric data: single values, values with counts, or statistic sets."""
        data = list(call.parameters.get("MetricData", ()))
        for group in call.parameters.get("EntityMetricData", ()):
            data += group.get("MetricData", ())
        for datum in data:
            _check_datum(datum)
        for datum in data:
            self._put_datum(call.region, call.parameters["Namespace"], datum)
        return {}

    def _put_datum(self, region: str, namespace: str, datum: Mapping[str, Any]) -> None:
        dimensions = {item["Name"]: item["Value"] for item in datum.get("Dimensions", ())}
        key = SeriesKey.of(region, namespace, datum["MetricName"], dimensions)
        series = self.series.open(key, datum.get("Unit", "None"))
        for bucket in series.buckets(epoch(datum.get("Timestamp"), self.runtime.now())):
            if "Value" in datum:
                bucket.add(float(datum["Value"]))
            values = datum.get("Values", ())
            counts = datum.get("Counts") or [1.0] * len(values)
            for value, count in zip(values, counts, strict=True):
                bucket.add(float(value), float(count))
            if known_set := datum.get("StatisticValues"):
                bucket.add_summary(
                    float(known_set["SampleCount"]),
                    float(known_set["Sum"]),
                    float(known_set["Minimum"]),
                    float(known_set["Maximum"]),
                )

    def get_metric_data(self, call: Call) -> dict[str, Any]:
        """Return metrics and expressions over time."""
        wanted = call.parameters["MetricDataQueries"]
        if wrong := queries.mistakes(wanted):
            raise ServiceError("ValidationError", " ".join(wrong))
        start, end = epoch(call.parameters["StartTime"]), epoch(call.parameters["EndTime"])
        if start >= end:
            raise ServiceError("ValidationError", "The start time must be before the end time.")
        shortest = min((int(_period(query)) for query in wanted if _period(query)), default=60)
        if (end - start) / shortest > MAX_DATAPOINTS:
            raise ServiceError(
                "ValidationError", f"That is more than {MAX_DATAPOINTS} datapoints per metric."
            )
        evaluation = queries.Evaluation(
            self.series, call.region, wanted, period=shortest, between=(start, end)
        )
        ascending = call.parameters.get("ScanBy") == "TimestampAscending"
        results: list[dict[str, Any]] = []
        messages: list[dict[str, str]] = []
        for query in wanted:
            if not query.get("ReturnData", True):
                continue
            try:
                found = evaluation.series(query["Id"])
            except ExpressionError as error:
                messages.append({"Code": "EvaluationError", "Value": f"{query['Id']}: {error}"})
                found = [(query["Id"], {})]
            for label, points in found:
                moments = sorted(points, reverse=not ascending)
                results.append(
                    {
                        "Id": query["Id"],
                        "Label": query.get("Label") or _label(query) or label,
                        "Timestamps": moments,
                        "Values": [points[moment] for moment in moments],
                        "StatusCode": "Complete",
                    }
                )
        shown, token = page(results, 500, call.parameters.get("NextToken"))
        answer: dict[str, Any] = {"MetricDataResults": shown, "Messages": messages}
        return {**answer, "NextToken": token} if token else answer

    def get_metric_statistics(self, call: Call) -> dict[str, Any]:
        """Return one metric's statistics by period."""
        asked = call.parameters
        period = int(asked["Period"])
        if not queries.valid_period(period):
            raise invalid("The parameter Period must be 1, 5, 10, 20, 30 or a multiple of 60.")
        statistics = [*asked.get("Statistics", ()), *asked.get("ExtendedStatistics", ())]
        if not statistics:
            raise ServiceError(
                "MissingParameter", "Statistics or ExtendedStatistics must be given."
            )
        if unknown := [name for name in statistics if not known(name)]:
            raise invalid(f"The local region does not have the statistic {unknown[0]}.")
        start, end = epoch(asked["StartTime"]), epoch(asked["EndTime"])
        if start >= end:
            raise invalid("The parameter StartTime must be less than the parameter EndTime.")
        if (end - start) / period > 1440:
            raise ServiceError(
                "InvalidParameterCombination",
                "You have requested more than the limit of 1440 datapoints; "
                "use a longer period or less time.",
            )
        dimensions = {item["Name"]: item["Value"] for item in asked.get("Dimensions", ())}
        key = SeriesKey.of(call.region, asked["Namespace"], asked["MetricName"], dimensions)
        series = self.series.get(key)
        points: list[dict[str, Any]] = []
        if series is not None and asked.get("Unit") in {None, series.unit}:
            for moment in queries.periods(start, end, period):
                bucket = series.period(moment, period)
                if bucket is None:
                    continue
                values = {name: bucket.statistic(name) for name in statistics}
                simple = {name: value for name, value in values.items() if name in SIMPLE}
                extended = {name: value for name, value in values.items() if name not in SIMPLE}
                point = {"Timestamp": moment, "Unit": series.unit, **simple}
                points.append({**point, "ExtendedStatistics": extended} if extended else point)
        return {"Label": asked["MetricName"], "Datapoints": points}

    def list_metrics(self, call: Call) -> dict[str, Any]:
        """List the metrics that have data, filtered by namespace, name and dimensions."""
        asked = call.parameters
        filters = {item["Name"]: item.get("Value") for item in asked.get("Dimensions", ())}
        recent = self.runtime.now() - RECENT_SECONDS if asked.get("RecentlyActive") else 0.0
        found = [
            key
            for key, series in self.series.items()
            if key.region == call.region
            and asked.get("Namespace") in {None, key.namespace}
            and asked.get("MetricName") in {None, key.metric}
            and series.last >= recent
            and _has(dict(key.dimensions), filters)
        ]
        found.sort(key=lambda key: (key.namespace, key.metric, key.dimensions))
        shown, token = page(found, 500, asked.get("NextToken"), error="InvalidParameterValue")
        metrics = [
            {
                "Namespace": key.namespace,
                "MetricName": key.metric,
                "Dimensions": [{"Name": name, "Value": value} for name, value in key.dimensions],
            }
            for key in shown
        ]
        return {"Metrics": metrics, "NextToken": token} if token else {"Metrics": metrics}


def _has(dimensions: Mapping[str, str], filters: Mapping[str, str | None]) -> bool:
    return all(
        name in dimensions and value in {None, dimensions[name]} for name, value in filters.items()
    )


def _period(query: Mapping[str, Any]) -> int:
    return int(query.get("MetricStat", query).get("Period", 0))


def _label(query: Mapping[str, Any]) -> str:
    return query["MetricStat"]["Metric"]["MetricName"] if "MetricStat" in query else ""


def _check_datum(datum: Mapping[str, Any]) -> None:
    given = [name for name in ("Value", "Values", "StatisticValues") if name in datum]
    metric = datum["MetricName"]
    if len(given) != 1:
        raise ServiceError(
            "InvalidParameterCombination",
            f"{metric} needs exactly one of Value, Values and StatisticValues.",
        )
    if "Counts" in datum and len(datum["Counts"]) != len(datum.get("Values", ())):
        raise ServiceError(
            "InvalidParameterCombination", f"{metric} has not as many Counts as Values."
        )
    numbers = [datum["Value"]] if "Value" in datum else list(datum.get("Values", ()))
    if not all(math.isfinite(float(number)) for number in numbers):
        raise invalid(f"{metric} has a value that is not a finite number.")
    if len(datum.get("Dimensions", ())) > 30:
        raise invalid(f"{metric} has more than 30 dimensions.")
