"""Scalable targets, scaling policies, scheduled actions."""

from platformctl.plugin.provider import CheckFailure
from platformctl.provider.validation.formats import arn, schedule
from platformctl.provider.validation.rules import (
    AtLeastOne,
    AtMostOne,
    Count,
    Custom,
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
)

RESOURCES = {
    "ecs": r"service/[\w-]{1,255}/[\w-]{1,255}",
    "dynamodb": r"table/[\w.-]{3,255}(/index/[\w.-]{3,255})?",
}
"""Namespace → what the id of its resources looks like."""
DIMENSIONS = (
    "ecs:service:DesiredCount",
    "dynamodb:table:ReadCapacityUnits",
    "dynamodb:table:WriteCapacityUnits",
    "dynamodb:index:ReadCapacityUnits",
    "dynamodb:index:WriteCapacityUnits",
)


def _resource(inputs: Inputs) -> Failures:
    """The resource's id and the dimension belong to the namespace."""
    namespace = inputs.get("serviceNamespace")
    pattern = RESOURCES.get(namespace) if isinstance(namespace, str) else None
    if pattern is None:
        return
    yield from Pattern("resourceId", pattern).judge(inputs)
    fitting = tuple(each for each in DIMENSIONS if each.startswith(f"{namespace}:"))
    yield from OneOf("scalableDimension", fitting).judge(inputs)
    resource, dimension = inputs.get("resourceId"), inputs.get("scalableDimension")
    if namespace != "dynamodb" or not isinstance(resource, str) or not isinstance(dimension, str):
        return
    if ("/index/" in resource) != (":index:" in dimension):
        yield CheckFailure(
            "scalableDimension", f"scalableDimension {dimension} is not one of {resource}"
        )


def _capacities(inputs: Inputs) -> Failures:
    """The smallest capacity is not above the largest."""
    low, high = inputs.get("minCapacity"), inputs.get("maxCapacity")
    if isinstance(low, int) and isinstance(high, int) and low > high:
        yield CheckFailure("minCapacity", f"minCapacity {low} is above maxCapacity {high}")


STEPS = "stepScalingPolicyConfiguration"
TRACKING = "targetTrackingScalingPolicyConfiguration"
CUSTOMIZED = f"{TRACKING}.customizedMetricSpecification"
NUMBER = r"|[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?"
MOMENT = r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)"

ROWS = {
    "aws:appautoscaling/target:Target": Row(
        "appautoscaling/target.go",
        (
            Custom(_resource),
            Custom(_capacities),
            Range("minCapacity", 0),
            Range("maxCapacity", 0),
            Follows("roleArn", arn),
        ),
    ),
    "aws:appautoscaling/policy:Policy": Row(
        "appautoscaling/policy.go",
        (
            Custom(_resource),
            Length("name", 1, 255),
            Pattern("name", r"[^\r\n\x00]+"),
            When("policyType", ("TargetTrackingScaling",), needs=(TRACKING,), excludes=(STEPS,)),
            When("policyType", ("StepScaling", None), needs=(STEPS,), excludes=(TRACKING,)),
            ExactlyOne(
                ("predefinedMetricSpecification", "customizedMetricSpecification"), TRACKING
            ),
            Requires("targetTrackingScalingPolicyConfiguration", (f"{TRACKING}.targetValue",)),
            *(
                AtMostOne(("metrics", each), CUSTOMIZED)
                for each in ("metricName", "namespace", "statistic", "dimensions", "unit")
            ),
            *(
                AtLeastOne((each, "metrics"), CUSTOMIZED)
                for each in ("metricName", "namespace", "statistic")
            ),
            ExactlyOne(("expression", "metricStat"), f"{CUSTOMIZED}.metrics[]"),
            *(
                Pattern(f"{STEPS}.stepAdjustments[].metricInterval{each}Bound", NUMBER, "a number")
                for each in ("Lower", "Upper")
            ),
            When(
                f"{STEPS}.adjustmentType",
                ("PercentChangeInCapacity",),
                otherwise=True,
                excludes=(f"{STEPS}.minAdjustmentMagnitude",),
            ),
            Count(f"{STEPS}.stepAdjustments", 1, 20),
            OneOf(f"{STEPS}.metricAggregationType", ("Average", "Minimum", "Maximum")),
        ),
    ),
    "aws:appautoscaling/scheduledAction:ScheduledAction": Row(
        "appautoscaling/scheduled_action.go",
        (
            Custom(_resource),
            Follows("schedule", schedule),
            Length("name", 1, 256),
            AtLeastOne(("minCapacity", "maxCapacity"), "scalableTargetAction"),
            Range("scalableTargetAction.minCapacity", 0),
            Range("scalableTargetAction.maxCapacity", 0),
            *(
                Pattern(each, MOMENT, "a time such as 2030-01-31T08:00:00Z")
                for each in ("startTime", "endTime")
            ),
        ),
    ),
}
