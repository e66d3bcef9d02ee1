"""Alarms tell somebody."""

from platformctl.policies.rule import ADVISORY, HIGH, Rule
from platformctl.policies.vocabulary import all_of, given, not_false

RULE = Rule(
    id="alarm-has-actions",
    title="Alarms tell somebody",
    why="An alarm without an action is a graph.",
    fix="give Alarms a `topic_arn`",
    severity=HIGH,
    staging=ADVISORY,
    types=(
        "aws:cloudwatch/metricAlarm:MetricAlarm",
        "aws:cloudwatch/compositeAlarm:CompositeAlarm",
    ),
    judge=all_of(given("alarmActions"), not_false("actionsEnabled")),
    before={"alarmActions": []},
    after={"alarmActions": ["arn:aws:sns:us-east-1:000000000000:alerts"]},
)
