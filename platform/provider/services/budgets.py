"""Budgets and who is told when they are spent."""

from typing import Any

from platformctl.aws.clients import ACCOUNT
from platformctl.provider.context import Context
from platformctl.provider.identity import template
from platformctl.provider.services.sqs import text
from platformctl.provider.spec import (
    Ask,
    Fidelity,
    Name,
    ResourceSpec,
    Tagging,
    Update,
)
from platformctl.provider.tags import on_create

BUDGET = {"AccountId": "{accountId|account}", "BudgetName": "{name}"}
ARN = "arn:aws:budgets::{account}:budget/{name}"
CHANGEABLE = ("budgetType", "costFilters", "costTypes", "limitAmount", "limitUnit", "timeUnit")


def _capital(key: str) -> str:
    return key[0].upper() + key[1:]


def _owner(context: Context) -> str:
    return str(context.inputs.get("accountId") or ACCOUNT)


def _budget(context: Context) -> dict[str, Any]:
    """Return a budget as the API takes it."""
    inputs = context.inputs
    limit = {"Amount": text(inputs.get("limitAmount")), "Unit": inputs.get("limitUnit") or "USD"}
    filters = {each["name"]: each["values"] for each in inputs.get("costFilters") or ()}
    types = inputs.get("costTypes") or {}
    return {
        "BudgetName": inputs["name"],
        "BudgetType": inputs["budgetType"],
        "TimeUnit": inputs["timeUnit"],
        **({"BudgetLimit": limit} if inputs.get("limitAmount") else {}),
        **({"CostFilters": filters} if filters else {}),
        **({"CostTypes": {_capital(key): types[key] for key in types}} if types else {}),
    }


def _notification(said: dict[str, Any]) -> dict[str, Any]:
    return {
        "NotificationType": said["notificationType"],
        "ComparisonOperator": said["comparisonOperator"],
        "Threshold": float(said["threshold"]),
        "ThresholdType": said["thresholdType"],
    }


def _subscribers(said: dict[str, Any]) -> list[dict[str, str]]:
    kinds = (("EMAIL", "subscriberEmailAddresses"), ("SNS", "subscriberSnsTopicArns"))
    return [
        {"SubscriptionType": kind, "Address": address}
        for kind, key in kinds
        for address in said.get(key) or ()
    ]


def _create(context: Context) -> Any:
    """Create a budget with its notifications."""
    notifications = [
        {"Notification": _notification(each), "Subscribers": _subscribers(each)}
        for each in context.inputs.get("notifications") or ()
    ]
    return context.call(
        "create_budget",
        AccountId=_owner(context),
        Budget=_budget(context),
        NotificationsWithSubscribers=notifications,
        **on_create(context),
    )


def _change(context: Context) -> None:
    """Change what is budgeted."""
    context.call("update_budget", AccountId=_owner(context), NewBudget=_budget(context))


def _notify(context: Context) -> None:
    """Remove the notifications that are gone or other than before, then make the new ones."""
    names = {"AccountId": _owner(context), "BudgetName": context.inputs["name"]}
    before, after = (each.get("notifications") or () for each in (context.old, context.inputs))
    for each in before:
        if each not in after:
            context.call("delete_notification", **names, Notification=_notification(each))
    for each in after:
        if each not in before:
            context.call(
                "create_notification",
                **names,
                Notification=_notification(each),
                Subscribers=_subscribers(each),
            )


def _read(context: Context) -> Any:
    """Describe a budget under Pulumi's names, with its notifications."""
    names = {"AccountId": "{accountId|account}", "BudgetName": "{name}"}
    if not context.inputs.get("name"):
        context.inputs["accountId"], _, context.inputs["name"] = context.id.partition(":")
    budget = context.find(Ask("describe_budget", names, "Budget"))
    if budget is None:
        return None
    limit = budget.get("BudgetLimit") or {}
    return {
        **budget,
        "Name": budget["BudgetName"],
        "LimitAmount": limit.get("Amount"),
        "LimitUnit": limit.get("Unit"),
        "CostFilters": [
            {"Name": name, "Values": values}
            for name, values in (budget.get("CostFilters") or {}).items()
        ],
        "Notifications": _read_notifications(context, names),
    }


def _read_notifications(context: Context, names: dict[str, str]) -> list[dict[str, Any]]:
    found = context.ask(Ask("describe_notifications_for_budget", names, "Notifications")) or ()
    shown = []
    for each in found:
        asked = {**names, "Notification": _named(each)}
        told = context.ask(Ask("describe_subscribers_for_notification", asked, "Subscribers"))
        by_kind = {
            kind: [one["Address"] for one in told if one["SubscriptionType"] == kind]
            for kind in ("EMAIL", "SNS")
        }
        shown.append(
            {
                **_named(each),
                "SubscriberEmailAddresses": by_kind["EMAIL"],
                "SubscriberSnsTopicArns": by_kind["SNS"],
            }
        )
    return shown


def _named(notification: dict[str, Any]) -> dict[str, Any]:
    """Return the members that name a notification; percent is what it means without a type."""
    members = ("NotificationType", "ComparisonOperator", "Threshold", "ThresholdType")
    return {"ThresholdType": "PERCENTAGE"} | {
        key: notification[key] for key in members if key in notification
    }


SPECS = (
    ResourceSpec(
        type="aws:budgets/budget:Budget",
        service="budgets",
        identity=template("{accountId|account}:{name}"),
        fidelity=Fidelity.API,
        create=_create,
        read=_read,
        updates=(Update(_change, CHANGEABLE), Update(_notify, ("notifications",))),
        delete=Ask("delete_budget", BUDGET),
        outputs={"arn": ARN, "accountId": "{accountId|account}"},
        name=Name("name", 100),
        handled=("name", "accountId", "notifications", *CHANGEABLE),
        replace=("name", "accountId"),
        no_local_effect=(
            "autoAdjustData.*",
            "billingViewArn",
            "filterExpression.*",
            "metrics",
            "plannedLimits.*",
            "timePeriodEnd",
            "timePeriodStart",
        ),
        tags=Tagging(
            member="ResourceTags",
            form="list",
            add="tag_resource",
            remove="untag_resource",
            resource={"ResourceARN": ARN},
            read=Ask("list_tags_for_resource", {"ResourceARN": ARN}, "ResourceTags"),
            tags_member="ResourceTags",
            keys_member="ResourceTagKeys",
        ),
        note="recorded; nothing is billed locally, so nobody is told",
    ),
)
