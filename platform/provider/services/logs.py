"""Log groups."""

from typing import Any

from platformctl.provider.context import Context
from platformctl.provider.identity import name
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
)
