"""Schedules of EventBridge."""

from platformctl.provider.validation.formats import arn, schedule
from platformctl.provider.validation.rules import (
    AtMostOne,
    Count,
    Follows,
    Length,
    OneOf,
    Pattern,
    Range,
    Row,
    When,
)

ECS = "target.ecsParameters"
NAME = r"[0-9A-Za-z_.-]{1,64}"

ROWS = {
    "aws:scheduler/schedule:Schedule": Row(
        "scheduler/schedule.go",
        (
            AtMostOne(("name", "namePrefix")),
            Pattern("name", NAME),
            Pattern("namePrefix", r"[0-9A-Za-z_.-]{1,38}"),
            Pattern("groupName", NAME),
            Follows("kmsKeyArn", arn),
            Length("description", 0, 512),
            Follows("scheduleExpression", schedule),
            Length("scheduleExpression", 1, 256),
            OneOf("state", ("ENABLED", "DISABLED")),
            OneOf("flexibleTimeWindow.mode", ("OFF", "FLEXIBLE")),
            When(
                "flexibleTimeWindow.mode",
                ("FLEXIBLE",),
                needs=("flexibleTimeWindow.maximumWindowInMinutes",),
            ),
            Range("flexibleTimeWindow.maximumWindowInMinutes", 1, 1440),
            Follows("target.arn", arn),
            Follows("target.roleArn", arn),
            Follows("target.deadLetterConfig.arn", arn),
            Range("target.retryPolicy.maximumEventAgeInSeconds", 60, 86_400),
            Range("target.retryPolicy.maximumRetryAttempts", 0, 185),
            Follows(f"{ECS}.taskDefinitionArn", arn),
            Range(f"{ECS}.taskCount", 1, 10),
            OneOf(f"{ECS}.propagateTags", ("TASK_DEFINITION",)),
            AtMostOne(("launchType", "capacityProviderStrategies"), ECS),
            Count(f"{ECS}.networkConfiguration.subnets", 1, 16),
            Count(f"{ECS}.networkConfiguration.securityGroups", 1, 5),
        ),
    ),
    "aws:scheduler/scheduleGroup:ScheduleGroup": Row(
        "scheduler/schedule_group.go", (Pattern("name", NAME),)
    ),
}
