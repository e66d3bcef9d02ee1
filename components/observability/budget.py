"""A monthly budget."""

# pulumi_aws loads its modules when they are first named; annotations must not name them.
from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import pulumi
import pulumi_aws as aws

from platformctl.components.base import Args, Component

NAME = re.compile(r"[^:\\]{1,100}")
MOST_NOTIFICATIONS = 10
MOST_EMAILS = 10


@dataclass(frozen=True, kw_only=True)
class BudgetArgs(Args):
    """What may be spent, and who is told.

    Attributes:
        budget_name: Its name, unique in the account.
        monthly_limit: US dollars a month.
        cost_tags: Only what carries these tags counts (they must be cost allocation tags);
            everything in the account without any.
        actual_percents: Percents of the limit; who spent that much is reported.
        forecast_percents: Percents of the limit; who will spend that much by the end of the
            month is reported.
        topic_arn: Topic that is told; it must let `budgets.amazonaws.com` publish.
        emails: Addresses that are told.
    """

    budget_name: str
    monthly_limit: float
    cost_tags: Mapping[str, str] = field(default_factory=dict)
    actual_percents: Sequence[float] = (80, 100)
    forecast_percents: Sequence[float] = (100,)
    topic_arn: pulumi.Input[str] | None = None
    emails: Sequence[str] = ()

    def mistakes(self) -> Iterator[str]:
        """Yield one sentence for each argument that cannot be."""
        if not NAME.fullmatch(self.budget_name):
            yield f"budget_name is {self.budget_name!r}: 1 to 100 characters without ':' and '\\'"
        if self.monthly_limit <= 0:
            yield f"monthly_limit is {self.monthly_limit:g}: must be more than nothing"
        percents = [*self.actual_percents, *self.forecast_percents]
        if not 1 <= len(percents) <= MOST_NOTIFICATIONS:
            yield f"there are {len(percents)} percents: must be 1 to {MOST_NOTIFICATIONS}"
        for percent in percents:
            if not 0 < percent <= 1000:
                yield f"a percent is {percent:g}: must be more than 0, at most 1000"
        if self.topic_arn is None and not self.emails:
            yield "topic_arn and emails are both missing: nobody would be told"
        if len(self.emails) > MOST_EMAILS:
            yield f"emails has {len(self.emails)}: at most {MOST_EMAILS}"
        for email in self.emails:
            if email.count("@") != 1:
                yield f"emails has {email!r}: not an address"


class Budget(Component):
    """A monthly cost budget that tells about what was spent and what is going to be.

    Example::

        Budget("shop", BudgetArgs(budget_name="shop", monthly_limit=900,
                                  cost_tags={"Product": "shop"}, emails=["ops@example.com"]))

    Costs nothing: a budget without actions is free.

    Attributes:
        budget_name: Its name.
        arn: Its ARN.
    """

    budget_name: pulumi.Output[str]
    arn: pulumi.Output[str]

    def __init__(
        self, name: str, args: BudgetArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("observability:Budget", name, args, opts)
        tags = [f"user:{key}${value}" for key, value in sorted(args.cost_tags.items())]
        self.budget = self.child(
            "",
            aws.budgets.Budget,
            name=args.budget_name,
            budget_type="COST",
            time_unit="MONTHLY",
            limit_amount=f"{args.monthly_limit:.2f}",
            limit_unit="USD",
            cost_filters=[{"name": "TagKeyValue", "values": tags}] if tags else [],
            notifications=[
                *(_notification(args, "ACTUAL", each) for each in args.actual_percents),
                *(_notification(args, "FORECASTED", each) for each in args.forecast_percents),
            ],
        )
        self.budget_name = self.budget.name
        self.arn = self.budget.arn
        self.finish("budget_name", "arn")


def _notification(args: BudgetArgs, kind: str, percent: float) -> dict[str, Any]:
    told: dict[str, Any] = {}
    if args.topic_arn is not None:
        told["subscriber_sns_topic_arns"] = [args.topic_arn]
    if args.emails:
        told["subscriber_email_addresses"] = list(args.emails)
    return {
        "notification_type": kind,
        "comparison_operator": "GREATER_THAN",
        "threshold": percent,
        "threshold_type": "PERCENTAGE",
        **told,
    }
