"""Metrics through boto3: put, read with statistics and math, list."""

import datetime as dt
import uuid
from typing import Any

import pytest
from botocore.exceptions import ClientError
from support.region import RunningRegion

Points = list[tuple[dt.datetime, float]]


@pytest.fixture
def namespace() -> str:
    return f"Test/{uuid.uuid4().hex}"


@pytest.fixture
def minute() -> dt.datetime:
    """Return the start of a minute that is over."""
    now = dt.datetime.now(dt.UTC)
    return now.replace(second=0, microsecond=0) - dt.timedelta(minutes=5)


def put(cloudwatch: Any, namespace: str, metric: str, points: Points, **more: Any) -> None:
    data = [{"MetricName": metric, "Timestamp": at, "Value": value, **more} for at, value in points]
    cloudwatch.put_metric_data(Namespace=namespace, MetricData=data)


def test_statistics_of_every_kind_come_back(
    region: RunningRegion, namespace: str, minute: dt.datetime
) -> None:
    cloudwatch = region.client("cloudwatch")
    put(
        cloudwatch,
        namespace,
        "Latency",
        [(minute, float(n)) for n in range(1, 101)],
        Unit="Seconds",
    )
    span = {"StartTime": minute, "EndTime": minute + dt.timedelta(minutes=1), "Period": 60}
    simple = cloudwatch.get_metric_statistics(
        Namespace=namespace,
        MetricName="Latency",
        Statistics=["Sum", "Average", "Minimum", "Maximum", "SampleCount"],
        **span,
    )["Datapoints"]
    extended = cloudwatch.get_metric_statistics(
        Namespace=namespace, MetricName="Latency", ExtendedStatistics=["p50", "p95", "p99"], **span
    )["Datapoints"]

    assert simple == [
        {
            "Timestamp": minute,
            "Sum": 5050.0,
            "Average": 50.5,
            "Minimum": 1.0,
            "Maximum": 100.0,
            "SampleCount": 100.0,
            "Unit": "Seconds",
        }
    ]
    assert extended[0]["ExtendedStatistics"] == pytest.approx(
        {"p50": 50, "p95": 95, "p99": 99}, rel=0.01
    )


def test_values_with_counts_and_statistic_sets_are_counted(
    region: RunningRegion, namespace: str, minute: dt.datetime
) -> None:
    cloudwatch = region.client("cloudwatch")
    summary = {"SampleCount": 2, "Sum": 30, "Minimum": 10, "Maximum": 20}
    data = [
        {"MetricName": "M", "Timestamp": minute, "Values": [1.0, 2.0], "Counts": [3.0, 1.0]},
        {"MetricName": "M", "Timestamp": minute, "StatisticValues": summary},
    ]
    cloudwatch.put_metric_data(Namespace=namespace, MetricData=data)
    found = cloudwatch.get_metric_statistics(
        Namespace=namespace,
        MetricName="M",
        StartTime=minute,
        EndTime=minute + dt.timedelta(minutes=1),
        Period=60,
        Statistics=["Sum", "SampleCount", "Maximum"],
    )["Datapoints"][0]
    assert (found["Sum"], found["SampleCount"], found["Maximum"]) == (35.0, 6.0, 20.0)


def query(namespace: str, name: str, metric: str, stat: str = "Sum") -> dict[str, Any]:
    metric_of = {"Namespace": namespace, "MetricName": metric}
    return {
        "Id": name,
        "MetricStat": {"Metric": metric_of, "Period": 60, "Stat": stat},
        "ReturnData": False,
    }


def test_metric_math_is_evaluated_over_time(
    region: RunningRegion, namespace: str, minute: dt.datetime
) -> None:
    cloudwatch = region.client("cloudwatch")
    later = minute + dt.timedelta(minutes=1)
    put(cloudwatch, namespace, "Requests", [(minute, 50.0), (later, 100.0)])
    put(cloudwatch, namespace, "Errors", [(later, 5.0)])
    found = cloudwatch.get_metric_data(
        MetricDataQueries=[
            query(namespace, "requests", "Requests"),
            query(namespace, "errors", "Errors"),
            {"Id": "rate", "Expression": "100 * FILL(errors, 0) / requests", "Label": "error rate"},
            {"Id": "rates", "Expression": "METRICS()"},
        ],
        StartTime=minute,
        EndTime=minute + dt.timedelta(minutes=2),
        ScanBy="TimestampAscending",
    )["MetricDataResults"]

    assert [one["Label"] for one in found] == ["error rate", "rates-0", "rates-1"]
    assert found[0]["Timestamps"] == [minute, later]
    assert found[0]["Values"] == [0.0, 5.0]
    assert found[1]["Values"] == [50.0, 100.0]


def test_an_expression_that_cannot_be_read_is_refused(
    region: RunningRegion, namespace: str, minute: dt.datetime
) -> None:
    with pytest.raises(ClientError, match="Error in expression 'x'") as refused:
        region.client("cloudwatch").get_metric_data(
            MetricDataQueries=[{"Id": "x", "Expression": "SUM(("}],
            StartTime=minute,
            EndTime=minute + dt.timedelta(minutes=1),
        )
    assert refused.value.response["Error"]["Code"] == "ValidationError"


def test_metrics_are_listed_page_by_page(region: RunningRegion, namespace: str) -> None:
    cloudwatch = region.client("cloudwatch")
    for part in range(3):
        cloudwatch.put_metric_data(
            Namespace=namespace,
            MetricData=[
                {
                    "MetricName": "M",
                    "Value": 1.0,
                    "Dimensions": [{"Name": "Shard", "Value": f"{part}-{number}"}],
                }
                for number in range(300)
            ],
        )
    pages = list(cloudwatch.get_paginator("list_metrics").paginate(Namespace=namespace))
    assert [len(page["Metrics"]) for page in pages] == [500, 400]
    one = cloudwatch.list_metrics(
        Namespace=namespace, Dimensions=[{"Name": "Shard", "Value": "1-7"}]
    )["Metrics"]
    assert len(one) == 1


@pytest.mark.parametrize(
    ("datum", "message"),
    [
        ({"Value": 1.0, "Values": [1.0]}, "exactly one of"),
        ({"Values": [1.0], "Counts": [1.0, 2.0]}, "not as many Counts"),
        ({"Value": float("nan")}, "not a finite number"),
    ],
)
def test_a_datum_that_cannot_be_is_refused(
    region: RunningRegion, namespace: str, datum: dict, message: str
) -> None:
    with pytest.raises(ClientError, match=message):
        region.client("cloudwatch").put_metric_data(
            Namespace=namespace, MetricData=[{"MetricName": "M", **datum}]
        )


def test_dashboards_are_kept_listed_and_deleted(region: RunningRegion, namespace: str) -> None:
    cloudwatch = region.client("cloudwatch")
    name = namespace.replace("/", "-")
    body = '{"widgets":[{"type":"text","properties":{"markdown":"x"}}]}'
    cloudwatch.put_dashboard(DashboardName=name, DashboardBody=body)
    assert cloudwatch.get_dashboard(DashboardName=name)["DashboardBody"] == body
    listed = cloudwatch.list_dashboards(DashboardNamePrefix=name)["DashboardEntries"]
    assert [one["DashboardName"] for one in listed] == [name]
    with pytest.raises(ClientError, match="not JSON"):
        cloudwatch.put_dashboard(DashboardName=name, DashboardBody="{")
    cloudwatch.delete_dashboards(DashboardNames=[name])
    with pytest.raises(ClientError, match="does not exist"):
        cloudwatch.get_dashboard(DashboardName=name)
