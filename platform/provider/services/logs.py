"""Log groups and what is counted in them."""

from typing import Any

from platformctl.provider.context import Context
from platformctl.provider.identity import name, parameter
from platformctl.provider.spec import (
    Ask,
    Fidelity,
    Name,
    ResourceSpec,
    Send,
    Tagging,
    Update,
)

ARN = "arn:aws:logs:{region}:{account}:log-group:{name}"

FILTER = {"logGroupName": "{logGroupName}", "filterName": "{name}"}
PUT_FILTER = Send("put_metric_filter", FILTER)


def _read(context: Context) -> Any:
    """Return the log group of exactly that name."""
    groups = context.call("describe_log_groups", logGroupNamePrefix=context.id)["logGroups"]
    return next((group for group in groups if group["logGroupName"] == context.id), None)


def _set_retention(context: Context) -> None:
    """Keep events for some days, or for ever."""
    days = context.inputs.get("retentionInDays")
    if days:
        context.call("put_retention_policy", logGroupName=context.id, retentionInDays=int(days))
    else:
        context.call("delete_retention_policy", logGroupName=context.id)


def _delete(context: Context) -> None:
    """Delete a log group unless it is to be kept."""
    if not context.inputs.get("skipDestroy"):
        context.call("delete_log_group", logGroupName=context.id)


def _read_policy(context: Context) -> Any:
    """Return the account's resource policy of that name."""
    policies = context.call("describe_resource_policies")["resourcePolicies"]
    return next((each for each in policies if each["policyName"] == context.id), None)


def _read_filter(context: Context) -> Any:
    """Return the metric filter of exactly that name; Pulumi has its default value as text."""
    asked = {"logGroupName": "{logGroupName}", "filterNamePrefix": "{name}"}
    filters = context.find(Ask("describe_metric_filters", asked, "metricFilters")) or ()
    found = next((each for each in filters if each["filterName"] == context.id), None)
    for transformation in found["metricTransformations"] if found else ():
        if "defaultValue" in transformation:
            transformation["defaultValue"] = f"{transformation['defaultValue']:g}"
    return found


SPECS = (
    ResourceSpec(
        type="aws:cloudwatch/logGroup:LogGroup",
        service="logs",
        identity=name(),
        fidelity=Fidelity.LIVE,
        create=Send("create_log_group"),
        read=_read,
        updates=(Update(_set_retention, ("retentionInDays",), on_create=True),),
        delete=_delete,
        names={"name": "logGroupName"},
        reads={"name": "logGroupName", "retentionInDays": "retentionInDays || `0`"},
        unread=("kmsKeyId", "logGroupClass"),
        outputs={"arn": ARN},
        defaults={"retentionInDays": 0, "skipDestroy": False},
        name=Name("name", 512),
        handled=("retentionInDays", "skipDestroy"),
        tags=Tagging(
            member="tags",
            form="map",
            add="tag_resource",
            remove="untag_resource",
            resource={"resourceArn": ARN},
            read=Ask("list_tags_for_resource", {"resourceArn": ARN}, "tags"),
            tags_member="tags",
            keys_member="tagKeys",
        ),
        note="tasks write to it; events older than the retention are not served",
    ),
    ResourceSpec(
        type="aws:cloudwatch/logResourcePolicy:LogResourcePolicy",
        service="logs",
        identity=parameter("policyName"),
        fidelity=Fidelity.API,
        create=Send("put_resource_policy"),
        read=_read_policy,
        updates=(
            Update(Send("put_resource_policy", {"policyName": "{id}"}, only=("policyDocument",))),
        ),
        delete=Ask("delete_resource_policy", {"policyName": "{id}"}),
        no_local_effect=("resourceArn",),
    ),
    ResourceSpec(
        type="aws:cloudwatch/logMetricFilter:LogMetricFilter",
        service="logs",
        identity=name(),
        fidelity=Fidelity.LIVE,
        create=PUT_FILTER,
        read=_read_filter,
        updates=(Update(PUT_FILTER),),
        delete=Ask("delete_metric_filter", FILTER),
        names={
            "name": "filterName",
            "pattern": "filterPattern",
            "metricTransformation": "metricTransformations",
            "metricTransformation.name": "metricName",
            "metricTransformation.namespace": "metricNamespace",
            "metricTransformation.value": "metricValue",
        },
        replace=("logGroupName", "name"),
        name=Name("name", 512),
        note="evaluated on every event that is put",
    ),
)
