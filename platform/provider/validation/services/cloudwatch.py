"""Alarms and dashboards."""

from platformctl.plugin.provider import CheckFailure
from platformctl.provider.validation.formats import arn, json_document, parsed
from platformctl.provider.validation.paths import objects, values
from platformctl.provider.validation.rules import (
    AtMostOne,
    Count,
    Custom,
    Distinct,
    ExactlyOne,
    Failures,
    Follows,
    Inputs,
    Length,
    OneOf,
    Pattern,
    Range,
    Requires,
    Row,
    When,
    refused,
)

DAY = 86_400
WEEK = 7 * DAY
SHORT_PERIODS = (10, 20, 30)
COMPARISONS = (
    "GreaterThanOrEqualToThreshold",
    "GreaterThanThreshold",
    "LessThanThreshold",
    "LessThanOrEqualToThreshold",
    "LessThanLowerOrGreaterThanUpperThreshold",
    "LessThanLowerThreshold",
    "GreaterThanUpperThreshold",
)
STATISTIC = (
    r"(p|tm|wm|tc|ts)(\d{1,2}(\.\d{1,2})?|100)|IQM"
    r"|(TM|WM|PR|TC|TS)\((\d+(\.\d+)?%?)?:(\d+(\.\d+)?%?)?\)"
)
"""Statistics besides the five simple ones, as the provider's expression has them."""
SIMPLE = "SampleCount|Average|Sum|Minimum|Maximum"
QUERY_PERIODS = (1, 5, *SHORT_PERIODS)
WIDTH = 24
WIDGETS = 500


def _window(inputs: Inputs) -> Failures:
    """A period is 10, 20, 30 or a multiple of 60 s; all periods together last at most a day."""
    period, times = inputs.get("period"), inputs.get("evaluationPeriods")
    if isinstance(period, int):
        if period not in SHORT_PERIODS and (period <= 0 or period % 60):
            yield CheckFailure("period", f"period must be 10, 20, 30 or n × 60 s, not {period}")
        most = DAY if period < 3600 else WEEK
        if isinstance(times, int) and period * times > most:
            yield CheckFailure(
                "evaluationPeriods", f"{times} periods of {period} s are longer than {most} s"
            )
    enough = inputs.get("datapointsToAlarm")
    if isinstance(enough, int) and isinstance(times, int) and enough > times:
        yield CheckFailure(
            "datapointsToAlarm", f"datapointsToAlarm {enough} is above evaluationPeriods {times}"
        )


def _statistic(inputs: Inputs) -> Failures:
    """An alarm on one metric says which statistic."""
    if inputs.get("metricName") is not None:
        yield from ExactlyOne(("statistic", "extendedStatistic")).judge(inputs)


def _returned(inputs: Inputs) -> Failures:
    """One query of an alarm returns data; of a band and the metric in it both do."""
    queries = [each for _, each in objects(inputs, "metricQueries[]")]
    returning = [each for each in queries if each.get("returnData")]
    most = 1 if inputs.get("thresholdMetricId") is None else 2
    if queries and not 1 <= len(returning) <= most:
        yield CheckFailure(
            "metricQueries", f"exactly one of metricQueries returns data, not {len(returning)}"
        )


def _query_periods(inputs: Inputs) -> Failures:
    """A period of a query is 1, 5, 10, 20, 30 or a multiple of 60 s."""
    for path in ("metricQueries[].period", "metricQueries[].metric.period"):
        for place, period in values(inputs, path):
            if isinstance(period, int) and period not in QUERY_PERIODS and period % 60:
                yield refused(place, period, "1, 5, 10, 20, 30 or n × 60 s")


def _widgets(inputs: Inputs) -> Failures:
    """A dashboard's widgets are of known types and on its grid."""
    widgets = [each for _, each in objects(parsed(inputs.get("dashboardBody")), "widgets[]")]
    if len(widgets) > WIDGETS:
        yield CheckFailure("dashboardBody", f"a dashboard has at most {WIDGETS} widgets")
    for index, widget in enumerate(widgets):
        place = f"dashboardBody: widget {index}"
        if widget.get("type") not in ("metric", "text", "log", "alarm", "explorer", "custom"):
            yield CheckFailure("dashboardBody", f"{place} has no known type")
        if widget.get("x", 0) + widget.get("width", 6) > WIDTH:
            yield CheckFailure("dashboardBody", f"{place} is wider than the {WIDTH} columns")


ROWS = {
    "aws:cloudwatch/metricAlarm:MetricAlarm": Row(
        "cloudwatch/metric_alarm.go",
        (
            Length("name", 1, 255),
            Length("alarmDescription", 0, 1024),
            OneOf("comparisonOperator", COMPARISONS),
            ExactlyOne(("metricName", "metricQueries", "evaluationCriteria")),
            *(
                AtMostOne((other, each))
                for other in ("metricQueries", "evaluationCriteria")
                for each in ("period", "namespace", "dimensions", "statistic", "extendedStatistic")
            ),
            *(
                AtMostOne(("evaluationCriteria", each))
                for each in ("comparisonOperator", "evaluationPeriods", "threshold", "unit")
            ),
            When("evaluationCriteria", (None,), needs=("comparisonOperator", "evaluationPeriods")),
            AtMostOne(("threshold", "thresholdMetricId")),
            Requires("metricName", ("namespace", "period", "evaluationPeriods")),
            Custom(_statistic),
            Pattern("namespace", "[^:].*", "a text that does not start with a colon"),
            Pattern("extendedStatistic", STATISTIC),
            Range("evaluationPeriods", 1),
            Range("datapointsToAlarm", 1),
            Custom(_window),
            Custom(_returned),
            Custom(_query_periods),
            OneOf("treatMissingData", ("breaching", "notBreaching", "ignore", "missing")),
            OneOf("evaluateLowSampleCountPercentiles", ("evaluate", "ignore")),
            *(
                Count(each, 0, 5)
                for each in ("alarmActions", "okActions", "insufficientDataActions")
            ),
            *(
                Pattern(f"{each}[]", r"arn:aws[a-z-]*:.+", "an ARN")
                for each in ("alarmActions", "okActions", "insufficientDataActions")
            ),
            Count("dimensions", 0, 30),
            Count("metricQueries", 0, 20),
            Pattern("metricQueries[].id", r"[a-z]\w*", "a name that starts with a small letter"),
            ExactlyOne(("metric", "expression"), within="metricQueries[]"),
            Distinct("metricQueries[].id"),
            Length("metricQueries[].id", 1, 255),
            Length("metricQueries[].expression", 1, 1024),
            Pattern("metricQueries[].metric.stat", f"{SIMPLE}|{STATISTIC}"),
            Pattern("metricQueries[].metric.namespace", "[^:].*", "free of a colon at its start"),
        ),
    ),
    "aws:cloudwatch/dashboard:Dashboard": Row(
        "cloudwatch/dashboard.go",
        (
            Pattern("dashboardName", r"[\w-]{1,255}"),
            Follows("dashboardBody", json_document),
            Custom(_widgets),
        ),
    ),
    "aws:cloudwatch/compositeAlarm:CompositeAlarm": Row(
        "cloudwatch/composite_alarm.go",
        (
            Length("alarmName", 1, 255),
            Length("alarmRule", 1, 10_240),
            Length("actionsSuppressor.alarm", 1, 1600),
            *(
                Follows(f"{each}[]", arn)
                for each in ("alarmActions", "okActions", "insufficientDataActions")
            ),
            Length("alarmDescription", 0, 1024),
            *(
                Count(each, 0, 5)
                for each in ("alarmActions", "okActions", "insufficientDataActions")
            ),
        ),
    ),
}
