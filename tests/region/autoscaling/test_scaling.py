"""Services that follow their metrics up and down, within their limits."""

import datetime as dt
import uuid
from collections.abc import Iterator
from typing import Any

import pytest
from botocore.exceptions import ClientError
from support.ecs import Stage, wait_for
from support.region import RunningRegion


class Scaled:
    """A service with a scalable target, and a metric of its own."""

    def __init__(self, stage: Stage) -> None:
        self.stage = stage
        self.client = stage.region.client("application-autoscaling")
        self.cloudwatch = stage.region.client("cloudwatch")
        self.metric = f"lag-{uuid.uuid4().hex[:8]}"
        self.names = {
            "ServiceNamespace": "ecs",
            "ResourceId": f"service/{stage.cluster}/web",
            "ScalableDimension": "ecs:service:DesiredCount",
        }

    def register(self, fewest: int, most: int, **more: Any) -> None:
        self.client.register_scalable_target(
            MinCapacity=fewest, MaxCapacity=most, **self.names, **more
        )

    def desired(self) -> int:
        return self.stage.service("web")["desiredCount"]

    def put(self, value: float) -> bool:
        data = [{"MetricName": self.metric, "Value": value}]
        self.cloudwatch.put_metric_data(Namespace="Test/Scaling", MetricData=data)
        return True

    def step_policy(self, adjustment: int) -> str:
        answer = self.client.put_scaling_policy(
            PolicyName=f"by{adjustment:+d}",
            PolicyType="StepScaling",
            StepScalingPolicyConfiguration={
                "AdjustmentType": "ChangeInCapacity",
                "Cooldown": 1,
                "StepAdjustments": [
                    {"MetricIntervalLowerBound": 0, "ScalingAdjustment": adjustment}
                    if adjustment > 0
                    else {"MetricIntervalUpperBound": 0, "ScalingAdjustment": adjustment}
                ],
            },
            **self.names,
        )
        return answer["PolicyARN"]

    def alarm(self, policy: str, operator: str, threshold: float) -> None:
        self.cloudwatch.put_metric_alarm(
            AlarmName=f"{self.metric}-{operator}",
            Namespace="Test/Scaling",
            MetricName=self.metric,
            Statistic="Maximum",
            Period=1,
            EvaluationPeriods=1,
            Threshold=threshold,
            ComparisonOperator=operator,
            AlarmActions=[policy],
        )


@pytest.fixture
def scaled(region: RunningRegion) -> Iterator[Scaled]:
    """Yield a service of one quiet task."""
    stage = Stage(region)
    stage.serve("web", stage.define(), count=1)
    yield Scaled(stage)
    stage.clear()


def test_registering_brings_the_service_within_its_limits(scaled: Scaled) -> None:
    scaled.register(2, 4)
    assert scaled.desired() == 2
    scaled.stage.await_stable("web")
    scaled.register(0, 1)
    assert scaled.desired() == 1


def test_step_policies_scale_out_and_in_and_stop_at_the_limits(scaled: Scaled) -> None:
    scaled.register(1, 3)
    scaled.alarm(scaled.step_policy(+1), "GreaterThanThreshold", 100)
    scaled.alarm(scaled.step_policy(-1), "LessThanThreshold", 10)

    wait_for(lambda: scaled.put(500) and scaled.desired() == 3, what="three tasks")
    scaled.stage.await_stable("web")
    wait_for(lambda: scaled.put(1) and scaled.desired() == 1, what="one task")

    activities = scaled.client.describe_scaling_activities(ServiceNamespace="ecs")
    mine = [
        one
        for one in activities["ScalingActivities"]
        if one["ResourceId"] == scaled.names["ResourceId"]
    ]
    assert [one["Description"] for one in mine] == [
        "Setting desired count to 1.",
        "Setting desired count to 2.",
        "Setting desired count to 3.",
        "Setting desired count to 2.",
    ]
    assert {one["StatusCode"] for one in mine} == {"Successful"}
    assert "triggered policy by+1" in mine[-1]["Cause"]


def test_target_tracking_makes_two_alarms_and_follows_a_custom_metric(scaled: Scaled) -> None:
    scaled.register(1, 4)
    answer = scaled.client.put_scaling_policy(
        PolicyName="lag",
        PolicyType="TargetTrackingScaling",
        TargetTrackingScalingPolicyConfiguration={
            "TargetValue": 10_000.0,
            "CustomizedMetricSpecification": {
                "Namespace": "Test/Scaling",
                "MetricName": scaled.metric,
                "Statistic": "Average",
            },
            "ScaleOutCooldown": 5,
            "ScaleInCooldown": 5,
        },
        **scaled.names,
    )
    names = [alarm["AlarmName"] for alarm in answer["Alarms"]]
    assert [name.rsplit("-", 5)[0].rsplit("-", 1)[1] for name in names] == ["AlarmHigh", "AlarmLow"]

    wait_for(lambda: scaled.put(30_000) and scaled.desired() == 3, 60, what="three tasks")
    policy = scaled.client.describe_scaling_policies(ServiceNamespace="ecs", PolicyNames=["lag"])
    assert policy["ScalingPolicies"][0]["Alarms"] == answer["Alarms"]
    scaled.client.delete_scaling_policy(PolicyName="lag", **scaled.names)
    assert scaled.cloudwatch.describe_alarms(AlarmNames=names)["MetricAlarms"] == []


def test_a_suspended_target_stays_as_it_is(scaled: Scaled) -> None:
    scaled.register(1, 3, SuspendedState={"DynamicScalingOutSuspended": True})
    scaled.alarm(scaled.step_policy(+1), "GreaterThanThreshold", 100)

    def alarmed() -> bool:
        scaled.put(500)
        history = scaled.cloudwatch.describe_alarms(StateValue="ALARM")["MetricAlarms"]
        return any(alarm.get("MetricName") == scaled.metric for alarm in history)

    wait_for(alarmed)
    assert scaled.desired() == 1
    scaled.register(1, 3, SuspendedState={"DynamicScalingOutSuspended": False})
    wait_for(lambda: scaled.put(500) and scaled.desired() > 1)


def test_a_scheduled_action_changes_the_limits_when_it_is_due(scaled: Scaled) -> None:
    scaled.register(1, 3)
    soon = dt.datetime.now(dt.UTC) + dt.timedelta(seconds=3)
    at = soon.strftime("%Y-%m-%dT%H:%M:%S")
    scaled.client.put_scheduled_action(
        ScheduledActionName="morning",
        Schedule=f"at({at})",
        ScalableTargetAction={"MinCapacity": 2, "MaxCapacity": 4},
        **scaled.names,
    )
    wait_for(lambda: scaled.desired() == 2)
    target = scaled.client.describe_scalable_targets(
        ServiceNamespace="ecs", ResourceIds=[scaled.names["ResourceId"]]
    )["ScalableTargets"][0]
    assert (target["MinCapacity"], target["MaxCapacity"]) == (2, 4)


def test_a_forgotten_target_takes_its_policies_and_alarms_along(scaled: Scaled) -> None:
    scaled.register(1, 3)
    cpu = {"PredefinedMetricType": "ECSServiceAverageCPUUtilization"}
    answer = scaled.client.put_scaling_policy(
        PolicyName="cpu",
        PolicyType="TargetTrackingScaling",
        TargetTrackingScalingPolicyConfiguration={
            "TargetValue": 70.0,
            "PredefinedMetricSpecification": cpu,
        },
        **scaled.names,
    )
    alarm = scaled.cloudwatch.describe_alarms(AlarmNames=[answer["Alarms"][0]["AlarmName"]])
    assert alarm["MetricAlarms"][0]["Namespace"] == "AWS/ECS"
    assert alarm["MetricAlarms"][0]["Threshold"] == 70.0
    scaled.client.deregister_scalable_target(**scaled.names)

    names = [one["AlarmName"] for one in answer["Alarms"]]
    assert scaled.cloudwatch.describe_alarms(AlarmNames=names)["MetricAlarms"] == []
    with pytest.raises(scaled.client.exceptions.ObjectNotFoundException):
        scaled.client.deregister_scalable_target(**scaled.names)


def test_what_cannot_be_scaled_is_refused(scaled: Scaled) -> None:
    with pytest.raises(ClientError, match="doesn't exist"):
        scaled.client.register_scalable_target(
            ServiceNamespace="ecs",
            ResourceId=f"service/{scaled.stage.cluster}/nobody",
            ScalableDimension="ecs:service:DesiredCount",
            MinCapacity=1,
            MaxCapacity=2,
        )
    with pytest.raises(ClientError, match="between 0 and MaxCapacity"):
        scaled.register(3, 2)
    with pytest.raises(scaled.client.exceptions.ObjectNotFoundException):
        scaled.step_policy(1)


def test_the_limits_of_a_table_are_recorded(region: RunningRegion):
    client = region.client("application-autoscaling")
    names = {
        "ServiceNamespace": "dynamodb",
        "ResourceId": f"table/events-{uuid.uuid4().hex[:8]}",
        "ScalableDimension": "dynamodb:table:ReadCapacityUnits",
    }
    tracking = {
        "PredefinedMetricSpecification": {
            "PredefinedMetricType": "DynamoDBReadCapacityUtilization"
        },
        "TargetValue": 70.0,
    }

    client.register_scalable_target(MinCapacity=5, MaxCapacity=50, **names)
    client.put_scaling_policy(
        PolicyName="reads",
        PolicyType="TargetTrackingScaling",
        TargetTrackingScalingPolicyConfiguration=tracking,
        **names,
    )

    (target,) = client.describe_scalable_targets(
        ServiceNamespace="dynamodb", ResourceIds=[names["ResourceId"]]
    )["ScalableTargets"]
    (policy,) = client.describe_scaling_policies(
        ServiceNamespace="dynamodb", ResourceId=names["ResourceId"]
    )["ScalingPolicies"]
    assert (target["MinCapacity"], target["MaxCapacity"]) == (5, 50)
    assert policy["Alarms"] == []
