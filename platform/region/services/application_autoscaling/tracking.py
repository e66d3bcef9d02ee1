"""The alarms of a target tracking policy, as Application Auto Scaling makes them.

Metrics are judged every ten seconds instead of every minute where a period does not change what
their value means (averages, extremes); sums and counts keep whole minutes.
"""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from platformctl.region.services.application_autoscaling.policies import LOW_SHARE
from platformctl.region.services.base import ServiceError


@dataclass(frozen=True)
class Pace:
    """Seconds of a period, and periods before scaling out and in."""

    period: int
    out: int
    into: int


QUICK, BY_MINUTE = Pace(10, 3, 15), Pace(60, 1, 5)

PREDEFINED: Mapping[str, str] = {
    "ECSServiceAverageCPUUtilization": "CPUUtilization",
    "ECSServiceAverageCPUUtilizationHighResolution": "CPUUtilization",
    "ECSServiceAverageMemoryUtilization": "MemoryUtilization",
    "ECSServiceAverageMemoryUtilizationHighResolution": "MemoryUtilization",
}


def metric_of(configuration: Mapping[str, Any], resource: str) -> tuple[dict[str, Any], Pace]:
    """Return the metric part of a policy's alarms and the pace at which it is judged.

    Raises:
        ServiceError: The metric is not in the local region.
    """
    custom = configuration.get("CustomizedMetricSpecification")
    if custom is None:
        return _predefined(configuration["PredefinedMetricSpecification"], resource)
    if custom.get("Metrics"):
        period = QUICK.period
        metrics = [_with_period(query, period) for query in custom["Metrics"]]
        return {"Metrics": metrics}, QUICK
    pace = BY_MINUTE if custom["Statistic"] in {"Sum", "SampleCount"} else QUICK
    metric = {
        "Namespace": custom["Namespace"],
        "MetricName": custom["MetricName"],
        "Dimensions": list(custom.get("Dimensions") or ()),
        "Statistic": custom["Statistic"],
        "Period": pace.period,
    }
    return ({**metric, "Unit": custom["Unit"]} if custom.get("Unit") else metric), pace


def _predefined(specification: Mapping[str, Any], resource: str) -> tuple[dict[str, Any], Pace]:
    kind = specification["PredefinedMetricType"]
    if kind in PREDEFINED:
        _, cluster, service = resource.split("/")
        dimensions = {"ClusterName": cluster, "ServiceName": service}
        metric = _metric("AWS/ECS", PREDEFINED[kind], dimensions, "Average", QUICK)
        return metric, QUICK
    if kind == "ALBRequestCountPerTarget":
        balancer, separator, group = specification.get("ResourceLabel", "").partition(
            "/targetgroup/"
        )
        if not separator:
            raise ServiceError(
                "ValidationException",
                "ResourceLabel must be app/<name>/<id>/targetgroup/<name>/<id>.",
            )
        dimensions = {"LoadBalancer": balancer, "TargetGroup": f"targetgroup/{group}"}
        return (
            _metric("AWS/ApplicationELB", "RequestCountPerTarget", dimensions, "Sum", BY_MINUTE),
            BY_MINUTE,
        )
    raise ServiceError(
        "ValidationException", f"The predefined metric {kind} is not in the local region."
    )


def _metric(
    namespace: str, name: str, dimensions: Mapping[str, str], statistic: str, pace: Pace
) -> dict[str, Any]:
    return {
        "Namespace": namespace,
        "MetricName": name,
        "Dimensions": [{"Name": key, "Value": value} for key, value in dimensions.items()],
        "Statistic": statistic,
        "Period": pace.period,
    }


def _with_period(query: Mapping[str, Any], period: int) -> dict[str, Any]:
    if "MetricStat" not in query:
        return dict(query)
    return {**query, "MetricStat": {"Period": period, **query["MetricStat"]}}


def alarms(
    configuration: Mapping[str, Any], resource: str, policy_arn: str
) -> list[dict[str, Any]]:
    """Return the parameters of PutMetricAlarm for both alarms of a policy.

    Raises:
        ServiceError: The metric is not in the local region.
    """
    metric, pace = metric_of(configuration, resource)
    target = configuration["TargetValue"]
    common = {
        **metric,
        "AlarmActions": [policy_arn],
        "AlarmDescription": (
            f"DO NOT EDIT OR DELETE. For TargetTrackingScaling policy {policy_arn}."
        ),
    }
    high = {
        **common,
        "AlarmName": f"TargetTracking-{resource}-AlarmHigh-{uuid.uuid4()}",
        "ComparisonOperator": "GreaterThanThreshold",
        "Threshold": float(target),
        "EvaluationPeriods": pace.out,
    }
    if configuration.get("DisableScaleIn"):
        return [high]
    low = {
        **common,
        "AlarmName": f"TargetTracking-{resource}-AlarmLow-{uuid.uuid4()}",
        "ComparisonOperator": "LessThanThreshold",
        "Threshold": target * LOW_SHARE,
        "EvaluationPeriods": pace.into,
    }
    return [high, low]
