"""Budgets."""

from platformctl.provider.validation.formats import arn
from platformctl.provider.validation.rules import (
    AtLeastOne,
    AtMostOne,
    Count,
    Follows,
    OneOf,
    Pattern,
    Range,
    Requires,
    Row,
)

MOMENT = r"\d{4}-\d\d-\d\d_\d\d:\d\d"
EMAIL = r"[^@\s]+@[^@\s]+\.[^@\s]+"

ROWS = {
    "aws:budgets/budget:Budget": Row(
        "budgets/budget.go",
        (
            Pattern("name", r"[^:\\]{1,100}", "up to 100 characters without : and \\"),
            OneOf(
                "budgetType",
                (
                    "COST",
                    "USAGE",
                    "RI_UTILIZATION",
                    "RI_COVERAGE",
                    "SAVINGS_PLANS_UTILIZATION",
                    "SAVINGS_PLANS_COVERAGE",
                ),
            ),
            OneOf("timeUnit", ("MONTHLY", "QUARTERLY", "ANNUALLY", "DAILY", "CUSTOM")),
            AtLeastOne(("limitAmount", "plannedLimits", "autoAdjustData")),
            AtMostOne(("limitAmount", "plannedLimits")),
            AtMostOne(("limitUnit", "plannedLimits")),
            AtMostOne(("costFilters", "filterExpression")),
            AtMostOne(("name", "namePrefix")),
            Pattern("accountId", r"\d{12}", "the number of an account"),
            Follows("billingViewArn", arn),
            OneOf("autoAdjustData.autoAdjustType", ("HISTORICAL", "FORECAST")),
            Range("autoAdjustData.historicalOptions.budgetAdjustmentPeriod", 1, 60),
            *(
                Pattern(each, MOMENT, "a time such as 2030-01-01_00:00")
                for each in ("timePeriodStart", "timePeriodEnd", "plannedLimits[].startTime")
            ),
            Requires("limitAmount", ("limitUnit",)),
            Pattern("limitAmount", r"\d{1,16}(\.\d+)?", "an amount of money such as 1500.00"),
            Count("notifications", 0, 10),
            AtLeastOne(
                ("subscriberEmailAddresses", "subscriberSnsTopicArns"), within="notifications[]"
            ),
            Count("notifications[].subscriberEmailAddresses", 0, 10),
            Count("notifications[].subscriberSnsTopicArns", 0, 1),
            Pattern("notifications[].subscriberEmailAddresses[]", EMAIL, "an email address"),
            Follows("notifications[].subscriberSnsTopicArns[]", arn),
            Range("notifications[].threshold", 0, 40_000_000_000),
            OneOf("notifications[].thresholdType", ("PERCENTAGE", "ABSOLUTE_VALUE")),
            OneOf("notifications[].notificationType", ("ACTUAL", "FORECASTED")),
            OneOf("notifications[].comparisonOperator", ("GREATER_THAN", "LESS_THAN", "EQUAL_TO")),
            Pattern("costFilters[].name", r"[A-Za-z]+"),
            Count("costFilters[].values", 1),
        ),
    ),
}
