"""Topics, their policies, their subscriptions."""

from platformctl.plugin.provider import CheckFailure
from platformctl.provider.validation.formats import arn, json_document, resource_policy
from platformctl.provider.validation.rules import (
    AtMostOne,
    Custom,
    Failures,
    Follows,
    Inputs,
    Length,
    OneOf,
    Pattern,
    Range,
    Requires,
    Row,
    When,
)

PROTOCOLS = (
    "application",
    "email",
    "email-json",
    "firehose",
    "http",
    "https",
    "lambda",
    "sms",
    "sqs",
)
TOLD = ("application", "firehose", "http", "lambda", "sqs")
WAYS = ("Success", "Failure")
ENDPOINTS = {
    "email": r"[^@\s]+@[^@\s]+\.[^@\s]+",
    "https": "https://.+",
    "http": "http://.+",
    "sqs": r"arn:aws[a-z-]*:sqs:.+",
    "lambda": r"arn:aws[a-z-]*:lambda:.+",
    "firehose": r"arn:aws[a-z-]*:firehose:.+",
}
"""Protocol → what its endpoints look like."""


def _fifo(inputs: Inputs) -> Failures:
    """A FIFO topic's name ends with .fifo, and no other's does; only it sorts out duplicates."""
    name, fifo = inputs.get("name"), inputs.get("fifoTopic") is True
    if isinstance(name, str) and name.endswith(".fifo") is not fifo:
        ending = "must" if fifo else "must not"
        yield CheckFailure("name", f"name {ending} end with .fifo, not {name!r}")
    if inputs.get("contentBasedDeduplication") is True and not fifo:
        yield CheckFailure(
            "contentBasedDeduplication", "contentBasedDeduplication needs fifoTopic to be true"
        )


def _endpoint(inputs: Inputs) -> Failures:
    """An endpoint is of its protocol."""
    pattern = ENDPOINTS.get(str(inputs.get("protocol")))
    if pattern:
        yield from Pattern("endpoint", pattern).judge(inputs)


ROWS = {
    "aws:sns/topic:Topic": Row(
        "sns/topic.go",
        (
            AtMostOne(("name", "namePrefix")),
            Pattern("name", r"[0-9A-Za-z_-]{1,256}|[0-9A-Za-z_-]{1,251}\.fifo"),
            Custom(_fifo),
            Length("displayName", 0, 100),
            Follows("policy", resource_policy),
            Follows("deliveryPolicy", json_document),
            OneOf("tracingConfig", ("Active", "PassThrough")),
            Range("signatureVersion", 1, 2),
            Follows("archivePolicy", json_document),
            When(
                "fifoTopic",
                (True,),
                otherwise=True,
                excludes=("archivePolicy", "fifoThroughputScope"),
            ),
            OneOf("fifoThroughputScope", ("MessageGroup", "Topic")),
            Range("maximumMessageSize", 1024, 1_048_576),
            *(Follows(f"{each}{way}FeedbackRoleArn", arn) for each in TOLD for way in WAYS),
            *(Range(f"{each}SuccessFeedbackSampleRate", 0, 100) for each in TOLD),
        ),
    ),
    "aws:sns/topicPolicy:TopicPolicy": Row(
        "sns/topic_policy.go", (Follows("arn", arn), Follows("policy", resource_policy))
    ),
    "aws:sns/topicSubscription:TopicSubscription": Row(
        "sns/topic_subscription.go",
        (
            Follows("topic", arn),
            OneOf("protocol", PROTOCOLS),
            Custom(_endpoint),
            Follows("filterPolicy", json_document),
            OneOf("filterPolicyScope", ("MessageAttributes", "MessageBody")),
            Requires("filterPolicyScope", ("filterPolicy",)),
            Follows("replayPolicy", json_document),
            Follows("subscriptionRoleArn", arn),
            Follows("redrivePolicy", json_document),
            Follows("deliveryPolicy", json_document),
            When("protocol", ("firehose",), needs=("subscriptionRoleArn",)),
            When("protocol", ("firehose",), otherwise=True, excludes=("subscriptionRoleArn",)),
        ),
    ),
}
