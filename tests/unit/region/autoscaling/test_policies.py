"""Scaling policies: how many there ought to be."""

import datetime as dt

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from platformctl.region.services.application_autoscaling import policies, schedules
from platformctl.region.services.application_autoscaling.policies import Limits

STEPS = [
    {"MetricIntervalLowerBound": 0, "MetricIntervalUpperBound": 10, "ScalingAdjustment": 1},
    {"MetricIntervalLowerBound": 10, "ScalingAdjustment": 3},
    {"MetricIntervalUpperBound": 0, "ScalingAdjustment": -1},
]


@pytest.mark.parametrize(
    ("current", "value", "target", "expected"),
    [
        (3, 140.0, 70.0, 6),
        (3, 71.0, 70.0, 4),
        (5, 7.0, 70.0, 1),
        (4, 0.0, 70.0, 0),
        (3, 70.0, 70.0, 3),
    ],
)
def test_target_tracking_scales_in_proportion(
    current: int, value: float, target: float, expected: int
) -> None:
    assert policies.tracked(current, value, target) == expected


@pytest.mark.parametrize(
    ("value", "expected"), [(70, 5), (79.9, 5), (80, 7), (500, 7), (60, 3), (69.9, 3)]
)
def test_a_step_is_chosen_by_the_distance_from_the_threshold(value: float, expected: int) -> None:
    configuration = {"AdjustmentType": "ChangeInCapacity", "StepAdjustments": STEPS}
    assert policies.stepped(configuration, 4, value, 70.0) == expected


@pytest.mark.parametrize(
    ("adjustment", "magnitude", "expected"),
    [(50, None, 6), (10, None, 5), (10, 2, 6), (-50, None, 2), (-10, None, 3), (0, 5, 4)],
)
def test_a_percentage_moves_by_at_least_one(
    adjustment: int, magnitude: int | None, expected: int
) -> None:
    configuration = {
        "AdjustmentType": "PercentChangeInCapacity",
        "StepAdjustments": [{"MetricIntervalLowerBound": 0, "ScalingAdjustment": adjustment}],
        "MinAdjustmentMagnitude": magnitude,
    }
    assert policies.stepped(configuration, 4, 71.0, 70.0) == expected


def test_an_exact_capacity_is_taken_as_it_is() -> None:
    step = {"MetricIntervalLowerBound": 0, "ScalingAdjustment": 9}
    configuration = {"AdjustmentType": "ExactCapacity", "StepAdjustments": [step]}
    assert policies.stepped(configuration, 4, 71.0, 70.0) == 9


@settings(deadline=None)  # a busy machine is no failure
@given(capacity=st.integers(-50, 50), fewest=st.integers(0, 10), more=st.integers(0, 10))
def test_limits_hold(capacity: int, fewest: int, more: int) -> None:
    assert fewest <= Limits(fewest, fewest + more).clamp(capacity) <= fewest + more


@pytest.mark.parametrize(
    ("steps", "message"),
    [
        ([], "needs StepAdjustments"),
        (
            [
                {"MetricIntervalLowerBound": 0, "ScalingAdjustment": 1},
                {"MetricIntervalLowerBound": 5, "ScalingAdjustment": 2},
            ],
            "must not overlap",
        ),
        (
            [
                {
                    "MetricIntervalLowerBound": 5,
                    "MetricIntervalUpperBound": 5,
                    "ScalingAdjustment": 1,
                }
            ],
            "lower bound below",
        ),
    ],
)
def test_steps_that_cannot_be_are_named(steps: list, message: str) -> None:
    asked = {
        "StepScalingPolicyConfiguration": {
            "AdjustmentType": "ChangeInCapacity",
            "StepAdjustments": steps,
        }
    }
    assert message in " ".join(policies.mistakes("StepScaling", asked))


def at(text: str) -> float:
    return dt.datetime.fromisoformat(text).replace(tzinfo=dt.UTC).timestamp()


@pytest.mark.parametrize(
    ("schedule", "after", "now", "is_due"),
    [
        ("at(2026-01-02T03:04:05)", "2026-01-02T03:04:04", "2026-01-02T03:04:05", True),
        ("at(2026-01-02T03:04:05)", "2026-01-02T03:04:05", "2026-01-02T03:04:06", False),
        ("rate(1 hour)", "2026-01-01T00:59:59", "2026-01-01T01:00:00", True),
        ("rate(1 hour)", "2026-01-01T01:00:00", "2026-01-01T01:59:59", False),
        ("cron(0 8 ? * MON-FRI *)", "2026-01-05T07:59:59", "2026-01-05T08:00:00", True),
        ("cron(0 8 ? * MON-FRI *)", "2026-01-04T07:59:59", "2026-01-04T08:00:00", False),
        ("cron(0/15 * * * ? *)", "2026-01-04T07:44:00", "2026-01-04T07:45:10", True),
        ("cron(0 0 1 JAN ? 2027)", "2026-12-31T23:59:59", "2027-01-01T00:00:00", True),
    ],
)
def test_a_schedule_is_due_once(schedule: str, after: str, now: str, is_due: bool) -> None:
    created = at("2026-01-01T00:00:00")
    assert schedules.due(schedule, "UTC", at(after), at(now), created=created) is is_due


def test_a_schedule_follows_its_time_zone() -> None:
    after, now = at("2026-07-01T05:59:00"), at("2026-07-01T06:00:00")
    assert schedules.due("cron(0 8 * * ? *)", "Europe/Berlin", after, now, created=0.0)
    assert not schedules.due("cron(0 8 * * ? *)", "UTC", after, now, created=0.0)


@pytest.mark.parametrize(
    ("schedule", "zone"), [("daily", "UTC"), ("cron(x 8 * * ? *)", "UTC"), ("rate(1 hour)", "Mars")]
)
def test_a_schedule_that_cannot_be_read_is_refused(schedule: str, zone: str) -> None:
    with pytest.raises(schedules.ScheduleError):
        schedules.due(schedule, zone, 0.0, 120.0, created=0.0)
