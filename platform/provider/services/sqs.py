"""Queues."""

from typing import Any

from platformctl.provider.context import Context
from platformctl.provider.identity import assigned, parameter
from platformctl.provider.spec import (
    Ask,
    Fidelity,
    Find,
    Name,
    ResourceSpec,
    Tagging,
    Update,
)

QUEUE = {"QueueUrl": "{id}"}
ATTRIBUTES = {
    "contentBasedDeduplication": "ContentBasedDeduplication",
    "deduplicationScope": "DeduplicationScope",
    "delaySeconds": "DelaySeconds",
    "fifoQueue": "FifoQueue",
    "fifoThroughputLimit": "FifoThroughputLimit",
    "kmsDataKeyReusePeriodSeconds": "KmsDataKeyReusePeriodSeconds",
    "kmsMasterKeyId": "KmsMasterKeyId",
    "maxMessageSize": "MaximumMessageSize",
    "messageRetentionSeconds": "MessageRetentionPeriod",
    "policy": "Policy",
    "receiveWaitTimeSeconds": "ReceiveMessageWaitTimeSeconds",
    "redriveAllowPolicy": "RedriveAllowPolicy",
    "redrivePolicy": "RedrivePolicy",
    "sqsManagedSseEnabled": "SqsManagedSseEnabled",
    "visibilityTimeoutSeconds": "VisibilityTimeout",
}
"""Inputs that are attributes, with the attributes' names."""
FIXED = ("fifoQueue",)


def text(value: Any) -> str:
    """Return an attribute value as the API wants it."""
    return str(value).lower() if isinstance(value, bool) else str(value)


def _attributes(context: Context) -> dict[str, str]:
    return {
        member: text(context.inputs[key])
        for key, member in ATTRIBUTES.items()
        if context.inputs.get(key) not in (None, "", False)
    }


def _create(context: Context) -> Any:
    """Create a queue with its attributes and tags."""
    tags = {"tags": dict(context.tags)} if context.tags else {}
    name = context.inputs["name"]
    return context.call("create_queue", QueueName=name, Attributes=_attributes(context), **tags)


def _read(context: Context) -> Any:
    """Return the attributes of a queue."""
    asked = {**QUEUE, "AttributeNames": ["All"]}
    found = context.find(Ask("get_queue_attributes", asked, "Attributes"))
    if not found:
        return None
    return {**found, "QueueUrl": context.id, "Name": found["QueueArn"].rpartition(":")[2]}


def _by_name(context: Context) -> Any:
    """Return the queue of that name, if there is one."""
    found = context.find(Ask("get_queue_url", {"QueueName": "{name}"}))
    return [{"QueueUrl": found["QueueUrl"], "Name": context.inputs["name"]}] if found else []


def _set(context: Context) -> None:
    """Set the attributes that changed; what is no longer said goes back to its default."""
    changed = {
        member: "" if context.inputs.get(key) is None else text(context.inputs[key])
        for key, member in ATTRIBUTES.items()
        if key not in FIXED and context.inputs.get(key) != context.old.get(key)
    }
    context.call("set_queue_attributes", QueueUrl=context.id, Attributes=changed)


def _set_policy(context: Context) -> Any:
    """Set the policy of a queue."""
    url, policy = context.inputs["queueUrl"], text(context.inputs["policy"])
    return context.call("set_queue_attributes", QueueUrl=url, Attributes={"Policy": policy})


def _read_policy(context: Context) -> Any:
    """Return the policy of a queue, None if it has none."""
    asked = {**QUEUE, "AttributeNames": ["Policy"]}
    found = context.find(Ask("get_queue_attributes", asked, "Attributes.Policy"))
    return {"QueueUrl": context.id, "Policy": found} if found else None


SPECS = (
    ResourceSpec(
        type="aws:sqs/queue:Queue",
        service="sqs",
        identity=assigned("QueueUrl"),
        fidelity=Fidelity.LIVE,
        create=_create,
        read=_read,
        updates=(Update(_set, tuple(key for key in ATTRIBUTES if key not in FIXED)),),
        delete=Ask("delete_queue", QUEUE),
        reads={**ATTRIBUTES, "arn": "QueueArn"},
        outputs={"url": "{id}", "arn": "arn:aws:sqs:{region}:{account}:{name}"},
        defaults={
            "delaySeconds": 0,
            "maxMessageSize": 262144,
            "messageRetentionSeconds": 345600,
            "receiveWaitTimeSeconds": 0,
            "visibilityTimeoutSeconds": 30,
            "fifoQueue": False,
            "contentBasedDeduplication": False,
        },
        name=Name("name", 80),
        handled=("name", "namePrefix", *ATTRIBUTES),
        replace=("name", "namePrefix", *FIXED),
        tags=Tagging(
            member="tags",
            form="map",
            add="tag_queue",
            remove="untag_queue",
            resource=QUEUE,
            read=Ask("list_queue_tags", QUEUE, "Tags"),
        ),
        find=Find(_by_name, ("name",)),
        note="messages really move, redrive included",
    ),
    ResourceSpec(
        type="aws:sqs/queuePolicy:QueuePolicy",
        service="sqs",
        identity=parameter("queueUrl"),
        fidelity=Fidelity.API,
        create=_set_policy,
        read=_read_policy,
        updates=(Update(_set_policy, ("policy",)),),
        delete=Ask("set_queue_attributes", {**QUEUE, "Attributes": {"Policy": ""}}),
        handled=("queueUrl", "policy"),
        replace=("queueUrl",),
        note="recorded; the local region asks for no permission",
    ),
)
