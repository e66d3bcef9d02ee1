"""Queues and their policies."""

from platformctl.plugin.provider import CheckFailure
from platformctl.provider.validation.formats import arn, json_document, parsed, resource_policy
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
    Row,
    When,
)

RECEIVES = 1000


def _fifo(inputs: Inputs) -> Failures:
    """A FIFO queue's name ends with .fifo, and no other's does; only it sorts out duplicates."""
    name, fifo = inputs.get("name"), inputs.get("fifoQueue") is True
    if isinstance(name, str) and name.endswith(".fifo") is not fifo:
        ending = "must" if fifo else "must not"
        yield CheckFailure("name", f"name {ending} end with .fifo, not {name!r}")
    if inputs.get("contentBasedDeduplication") is True and not fifo:
        yield CheckFailure(
            "contentBasedDeduplication", "contentBasedDeduplication needs fifoQueue to be true"
        )


def _redrive(inputs: Inputs) -> Failures:
    """Dead letters go to a queue after so many receives."""
    document = parsed(inputs.get("redrivePolicy"))
    if not isinstance(document, dict):
        return
    target, count = document.get("deadLetterTargetArn"), document.get("maxReceiveCount")
    if not isinstance(target, str) or arn(target):
        yield CheckFailure("redrivePolicy", "redrivePolicy must have a deadLetterTargetArn")
    if not isinstance(count, int) or not 1 <= count <= RECEIVES:
        yield CheckFailure(
            "redrivePolicy",
            f"redrivePolicy must have a whole maxReceiveCount up to {RECEIVES}, not {count!r}",
        )


ROWS = {
    "aws:sqs/queue:Queue": Row(
        "sqs/queue.go",
        (
            AtMostOne(("name", "namePrefix")),
            Pattern("name", r"[0-9A-Za-z_-]{1,80}|[0-9A-Za-z_-]{1,75}\.fifo"),
            Custom(_fifo),
            Range("delaySeconds", 0, 900),
            Range("maxMessageSize", 1024, 1_048_576),
            Range("messageRetentionSeconds", 60, 1_209_600),
            Range("receiveWaitTimeSeconds", 0, 20),
            Range("visibilityTimeoutSeconds", 0, 43_200),
            Range("kmsDataKeyReusePeriodSeconds", 60, 86_400),
            AtMostOne(("kmsMasterKeyId", "sqsManagedSseEnabled")),
            OneOf("deduplicationScope", ("messageGroup", "queue")),
            OneOf("fifoThroughputLimit", ("perQueue", "perMessageGroupId")),
            When(
                "fifoQueue",
                (True,),
                otherwise=True,
                excludes=("deduplicationScope", "fifoThroughputLimit"),
            ),
            Follows("policy", resource_policy),
            Follows("redrivePolicy", json_document),
            Follows("redriveAllowPolicy", json_document),
            Custom(_redrive),
        ),
    ),
    "aws:sqs/queuePolicy:QueuePolicy": Row(
        "sqs/queue_policy.go",
        (
            Pattern("queueUrl", "https?://.+", "the URL of a queue"),
            Follows("policy", resource_policy),
            Length("policy", 1, 8192),
        ),
    ),
}
