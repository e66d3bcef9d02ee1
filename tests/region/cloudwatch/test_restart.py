"""What CloudWatch remembers over a stop."""

import datetime as dt
from pathlib import Path

from support.region import running_region


def test_metrics_alarms_and_dashboards_are_there_after_a_stop(tmp_path: Path) -> None:
    with running_region(tmp_path) as region:
        cloudwatch = region.client("cloudwatch")
        minute = dt.datetime.now(dt.UTC).replace(second=0, microsecond=0) - dt.timedelta(minutes=5)
        datum = {"MetricName": "M", "Value": 7.0, "Timestamp": minute}
        cloudwatch.put_metric_data(Namespace="Test", MetricData=[datum])
        cloudwatch.put_metric_alarm(
            AlarmName="kept",
            Namespace="Test",
            MetricName="M",
            Statistic="Sum",
            Period=60,
            EvaluationPeriods=1,
            Threshold=1,
            ComparisonOperator="GreaterThanThreshold",
        )
        region.stop()
        region.start()

        found = region.client("cloudwatch").get_metric_statistics(
            Namespace="Test",
            MetricName="M",
            StartTime=minute,
            EndTime=minute + dt.timedelta(minutes=1),
            Period=60,
            Statistics=["Sum"],
        )["Datapoints"]
        assert [point["Sum"] for point in found] == [7.0]
        alarms = region.client("cloudwatch").describe_alarms()["MetricAlarms"]
        assert [alarm["AlarmName"] for alarm in alarms] == ["kept"]


def test_a_damaged_snapshot_is_put_aside_and_the_region_starts(tmp_path: Path) -> None:
    with running_region(tmp_path) as region:
        region.client("cloudwatch").put_metric_data(
            Namespace="Test", MetricData=[{"MetricName": "M", "Value": 7.0}]
        )
        region.stop()
        snapshot = region.root / "cloudwatch" / "metrics.json.gz"
        snapshot.write_bytes(b"damaged")
        region.start()

        assert region.client("cloudwatch").list_metrics(Namespace="Test")["Metrics"] == []
        assert len(list(snapshot.parent.glob("*damaged*"))) == 1
