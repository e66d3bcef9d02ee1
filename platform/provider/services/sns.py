"""Topics and subscriptions."""

from typing import Any

from platformctl.plugin.provider import ResourceOperationError
from platformctl.provider.context import Context
from platformctl.provider.identity import assigned, parameter, template
from platformctl.provider.services.sqs import text
from platformctl.provider.spec import (
    Ask,
    Fidelity,
    Find,
    Name,
    ResourceSpec,
    Tagging,
    Update,
)

TOPIC = {"TopicArn": "{id}"}
PROTOCOLS = {
    "application": "Application",
    "firehose": "Firehose",
    "http": "HTTP",
    "lambda": "Lambda",
    "sqs": "SQS",
}
FEEDBACK = {
    f"{protocol}{kind}": f"{member}{kind}"
    for protocol, member in PROTOCOLS.items()
    for kind in (
        "FailureFeedbackRoleArn",
        "SuccessFeedbackRoleArn",
        "SuccessFeedbackSampleRate",
    )
}
ATTRIBUTES = {
    "archivePolicy": "ArchivePolicy",
    "contentBasedDeduplication": "ContentBasedDeduplication",
    "deliveryPolicy": "DeliveryPolicy",
    "displayName": "DisplayName",
    "fifoThroughputScope": "FifoThroughputScope",
    "fifoTopic": "FifoTopic",
    "kmsMasterKeyId": "KmsMasterKeyId",
    "policy": "Policy",
    "signatureVersion": "SignatureVersion",
    "tracingConfig": "TracingConfig",
    **FEEDBACK,
}
SUBSCRIPTION = {
    "deliveryPolicy": "DeliveryPolicy",
    "filterPolicy": "FilterPolicy",
    "filterPolicyScope": "FilterPolicyScope",
    "rawMessageDelivery": "RawMessageDelivery",
    "redrivePolicy": "RedrivePolicy",
    "replayPolicy": "ReplayPolicy",
    "subscriptionRoleArn": "SubscriptionRoleArn",
}
PENDING = "PendingConfirmation"


def _given(context: Context, table: dict[str, str]) -> dict[str, str]:
    return {
        member: text(context.inputs[key])
        for key, member in table.items()
        if context.inputs.get(key) not in (None, "", False)
    }


def _create_topic(context: Context) -> Any:
    """Create a topic with its attributes and tags."""
    tags = [{"Key": key, "Value": value} for key, value in context.tags.items()]
    attributes = _given(context, ATTRIBUTES)
    return context.call(
        "create_topic", Name=context.inputs["name"], Attributes=attributes, Tags=tags
    )


def _read_topic(context: Context) -> Any:
    """Return the attributes of a topic."""
    found = context.find(Ask("get_topic_attributes", TOPIC, "Attributes"))
    return {**found, "Name": context.id.rpartition(":")[2]} if found else None


def _changed(context: Context, table: dict[str, str]) -> dict[str, str]:
    return {
        member: "" if context.inputs.get(key) is None else text(context.inputs[key])
        for key, member in table.items()
        if context.inputs.get(key) != context.old.get(key)
    }


def _set_topic(context: Context) -> None:
    """Set the attributes that changed, one call each."""
    for name, value in _changed(context, ATTRIBUTES).items():
        context.call(
            "set_topic_attributes", TopicArn=context.id, AttributeName=name, AttributeValue=value
        )


def _set_policy(context: Context) -> Any:
    """Set the policy of a topic."""
    return context.call(
        "set_topic_attributes",
        TopicArn=context.inputs["arn"],
        AttributeName="Policy",
        AttributeValue=text(context.inputs["policy"]),
    )


def _read_policy(context: Context) -> Any:
    """Return the policy of a topic."""
    found = context.find(Ask("get_topic_attributes", TOPIC, "Attributes"))
    if not found:
        return None
    return {"Arn": context.id, "Policy": found.get("Policy"), "Owner": found.get("Owner")}


def _drop_policy(context: Context) -> None:
    """Put the policy back to AWS's own: only the account itself."""
    own = (
        '{"Version":"2008-10-17","Id":"__default_policy_ID","Statement":[{"Sid":'
        '"__default_statement_ID","Effect":"Allow","Principal":{"AWS":"*"},"Action":'
        '["SNS:GetTopicAttributes","SNS:SetTopicAttributes","SNS:AddPermission",'
        '"SNS:RemovePermission","SNS:DeleteTopic","SNS:Subscribe","SNS:ListSubscriptionsByTopic",'
        f'"SNS:Publish"],"Resource":"{context.id}","Condition":{{"StringEquals":'
        '{"AWS:SourceOwner":"000000000000"}}}]}'
    )
    context.call(
        "set_topic_attributes", TopicArn=context.id, AttributeName="Policy", AttributeValue=own
    )


def _subscribe(context: Context) -> Any:
    """Subscribe, and return the subscription's ARN even while it waits to be confirmed."""
    return context.call(
        "subscribe",
        TopicArn=context.inputs["topic"],
        Protocol=context.inputs["protocol"],
        Endpoint=context.inputs["endpoint"],
        Attributes=_given(context, SUBSCRIPTION),
        ReturnSubscriptionArn=True,
    )


def _read_subscription(context: Context) -> Any:
    """Return the attributes of a subscription."""
    if context.id == PENDING:
        raise ResourceOperationError("a subscription that nobody confirmed cannot be read")
    asked = {"SubscriptionArn": "{id}"}
    return context.find(Ask("get_subscription_attributes", asked, "Attributes")) or None


def _set_subscription(context: Context) -> None:
    """Set the attributes of a subscription that changed, one call each."""
    for name, value in _changed(context, SUBSCRIPTION).items():
        context.call(
            "set_subscription_attributes",
            SubscriptionArn=context.id,
            AttributeName=name,
            AttributeValue=value,
        )


SPECS = (
    ResourceSpec(
        type="aws:sns/topic:Topic",
        service="sns",
        identity=template("arn:aws:sns:{region}:{account}:{name}"),
        fidelity=Fidelity.LIVE,
        create=_create_topic,
        read=_read_topic,
        updates=(Update(_set_topic, tuple(key for key in ATTRIBUTES if key != "fifoTopic")),),
        delete=Ask("delete_topic", TOPIC),
        reads=ATTRIBUTES,
        unread=("policy", "deliveryPolicy", "archivePolicy"),
        outputs={"arn": "arn:aws:sns:{region}:{account}:{name}", "owner": "{account}"},
        defaults={"fifoTopic": False, "contentBasedDeduplication": False},
        name=Name("name", 256),
        handled=("name", "namePrefix", *ATTRIBUTES),
        replace=("name", "namePrefix", "fifoTopic"),
        no_local_effect=("maximumMessageSize",),
        tags=Tagging(
            member="Tags",
            form="list",
            add="tag_resource",
            remove="untag_resource",
            resource={"ResourceArn": "{id}"},
            read=Ask("list_tags_for_resource", {"ResourceArn": "{id}"}, "Tags"),
        ),
        note="delivers to queues, functions and HTTP; e-mail is recorded only",
    ),
    ResourceSpec(
        type="aws:sns/topicPolicy:TopicPolicy",
        service="sns",
        identity=parameter("arn"),
        fidelity=Fidelity.API,
        create=_set_policy,
        read=_read_policy,
        updates=(Update(_set_policy, ("policy",)),),
        delete=_drop_policy,
        outputs={"owner": "{account}"},
        handled=("arn", "policy"),
        replace=("arn",),
        note="recorded; the local region asks for no permission",
    ),
    ResourceSpec(
        type="aws:sns/topicSubscription:TopicSubscription",
        service="sns",
        identity=assigned("SubscriptionArn"),
        fidelity=Fidelity.LIVE,
        create=_subscribe,
        read=_read_subscription,
        updates=(Update(_set_subscription, tuple(SUBSCRIPTION)),),
        delete=Ask("unsubscribe", {"SubscriptionArn": "{id}"}),
        reads={**SUBSCRIPTION, "topic": "TopicArn"},
        outputs={"arn": "{id}", "ownerId": "{account}"},
        handled=("topic", "protocol", "endpoint", *SUBSCRIPTION),
        replace=("topic", "protocol", "endpoint"),
        unread=("filterPolicyScope", "replayPolicy"),
        defaults={"rawMessageDelivery": False},
        no_local_effect=("confirmationTimeoutInMinutes", "endpointAutoConfirms"),
        find=Find(
            Ask("list_subscriptions_by_topic", {"TopicArn": "{topic}"}, "Subscriptions"),
            ("protocol", "endpoint"),
        ),
    ),
)
