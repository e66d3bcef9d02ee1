"""Log events that become metrics, and metrics that set off alarms."""

import time
import uuid
from typing import Any

import pytest
from botocore.exceptions import ClientError
from support.ecs import wait_for
from support.region import RunningRegion

NAMESPACE = "Test/Logs"


@pytest.fixture
def group(region: RunningRegion) -> str:
    name = f"/test/{uuid.uuid4().hex[:12]}"
    logs = region.client("logs")
    logs.create_log_group(logGroupName=name)
    logs.create_log_stream(logGroupName=name, logStreamName="it")
    return name


def put_filter(logs: Any, group: str, pattern: str, metric: str, **more: Any) -> None:
    logs.put_metric_filter(
        logGroupName=group,
        filterName=metric,
        filterPattern=pattern,
        metricTransformations=[
            {"metricName": metric, "metricNamespace": NAMESPACE, "metricValue": "1", **more}
        ],
    )


def say(logs: Any, group: str, *lines: str) -> None:
    now = int(time.time() * 1000)
    logs.put_log_events(
        logGroupName=group,
        logStreamName="it",
        logEvents=[{"timestamp": now, "message": line} for line in lines],
    )


def total(cloudwatch: Any, metric: str, dimensions: Any = ()) -> float | None:
    now = time.time()
    points = cloudwatch.get_metric_statistics(
        Namespace=NAMESPACE,
        MetricName=metric,
        Dimensions=list(dimensions),
        StartTime=now - 600,
        EndTime=now + 60,
        Period=60,
        Statistics=["Sum"],
    )["Datapoints"]
    return sum(point["Sum"] for point in points) if points else None


def test_lines_that_match_are_counted(region: RunningRegion, group: str) -> None:
    logs, cloudwatch = region.client("logs"), region.client("cloudwatch")
    metric = group.rpartition("/")[2]
    put_filter(logs, group, '{ $.level = "error" }', metric)
    say(logs, group, '{"level": "error"}', '{"level": "info"}', '{"level": "error"}', "plain")

    assert total(cloudwatch, metric) == 2


def test_a_field_gives_value_and_dimension(region: RunningRegion, group: str) -> None:
    logs, cloudwatch = region.client("logs"), region.client("cloudwatch")
    metric = group.rpartition("/")[2]
    put_filter(
        logs, group, "{ $.took > 0 }", metric, metricValue="$.took", dimensions={"Route": "$.route"}
    )
    say(logs, group, '{"took": 12, "route": "a"}', '{"took": 30, "route": "b"}', '{"took": 7}')

    assert total(cloudwatch, metric, [{"Name": "Route", "Value": "a"}]) == 12
    assert total(cloudwatch, metric, [{"Name": "Route", "Value": "b"}]) == 30


def test_silence_is_the_default_value(region: RunningRegion, group: str) -> None:
    logs, cloudwatch = region.client("logs"), region.client("cloudwatch")
    metric = group.rpartition("/")[2]
    put_filter(logs, group, "ERROR", metric, defaultValue=0)
    assert total(cloudwatch, metric) is None

    say(logs, group, "all is well")

    assert total(cloudwatch, metric) == 0


def test_an_error_line_sets_off_an_alarm_that_goes_back_to_ok(
    region: RunningRegion, group: str
) -> None:
    logs, cloudwatch = region.client("logs"), region.client("cloudwatch")
    metric = group.rpartition("/")[2]
    put_filter(logs, group, "ERROR", metric)
    cloudwatch.put_metric_alarm(
        AlarmName=metric,
        Namespace=NAMESPACE,
        MetricName=metric,
        Statistic="Sum",
        Period=1,
        EvaluationPeriods=1,
        Threshold=0,
        ComparisonOperator="GreaterThanThreshold",
        TreatMissingData="notBreaching",
    )

    def state() -> str:
        return cloudwatch.describe_alarms(AlarmNames=[metric])["MetricAlarms"][0]["StateValue"]

    wait_for(lambda: state() == "OK", what="the alarm is quiet at first")
    say(logs, group, "ERROR: it broke")

    wait_for(lambda: state() == "ALARM", what="the alarm goes off")
    wait_for(lambda: state() == "OK", 90, what="the alarm is over")


def test_filters_are_listed_and_deleted_with_their_group(region: RunningRegion, group: str) -> None:
    logs = region.client("logs")
    put_filter(logs, group, "ERROR", "one")
    put_filter(logs, group, "WARN", "two")
    found = logs.describe_metric_filters(logGroupName=group)["metricFilters"]
    assert [each["filterName"] for each in found] == ["one", "two"]

    logs.delete_metric_filter(logGroupName=group, filterName="one")
    assert len(logs.describe_metric_filters(logGroupName=group)["metricFilters"]) == 1
    logs.delete_log_group(logGroupName=group)

    assert logs.describe_metric_filters(logGroupName=group)["metricFilters"] == []


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"filterPattern": "{ $.a = "}, "InvalidParameterException"),
        ({"filterName": "a:b"}, "InvalidParameterException"),
        ({"logGroupName": "/no/such"}, "ResourceNotFoundException"),
    ],
)
def test_what_cannot_be_is_refused(
    region: RunningRegion, group: str, changes: dict[str, str], code: str
) -> None:
    wanted = {
        "logGroupName": group,
        "filterName": "it",
        "filterPattern": "ERROR",
        "metricTransformations": [
            {"metricName": "M", "metricNamespace": NAMESPACE, "metricValue": "1"}
        ],
    }

    with pytest.raises(ClientError) as caught:
        region.client("logs").put_metric_filter(**{**wanted, **changes})

    assert caught.value.response["Error"]["Code"] == code
