"""A queue whose poison goes elsewhere."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pulumi
import pulumi_aws as aws

from platformctl.components.base import Args, Component

LONGEST_RETENTION = 1_209_600


@dataclass(frozen=True, kw_only=True)
class QueueArgs(Args):
    """What a queue is.

    Attributes:
        queue_name: Its name in SQS; its dead-letter queue is `<queue_name>-dead-letters`.
        retention_seconds: Seconds that a message is kept, 60 to 1209600 (14 days).
        visibility_timeout: Seconds that a message is hidden while somebody works on it.
        max_receives: Attempts before a message goes to the dead-letter queue.
        key_arn: KMS key; SQS's own without it.
    """

    queue_name: str
    retention_seconds: int = LONGEST_RETENTION
    visibility_timeout: int = 30
    max_receives: int = 5
    key_arn: pulumi.Input[str] | None = None

    def mistakes(self) -> Iterator[str]:
        """Yield one sentence for each argument that cannot be."""
        if not 60 <= self.retention_seconds <= LONGEST_RETENTION:
            said = self.retention_seconds
            yield f"retention_seconds is {said}: must be 60 to {LONGEST_RETENTION}"
        if not 1 <= self.max_receives <= 1000:
            yield f"max_receives is {self.max_receives}: must be 1 to 1000"


class Queue(Component):
    """An encrypted SQS queue with a dead-letter queue.

    Example::

        Queue("orders", QueueArgs(queue_name="orders", max_receives=3))

    Monthly cost: the first million requests are free, then $0.40 for each million.

    Attributes:
        url: URL of the queue.
        arn: ARN of the queue.
        dead_letter_url: URL of its dead-letter queue.
        dead_letter_arn: ARN of its dead-letter queue.
    """

    url: pulumi.Output[str]
    arn: pulumi.Output[str]
    dead_letter_url: pulumi.Output[str]
    dead_letter_arn: pulumi.Output[str]

    def __init__(
        self, name: str, args: QueueArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("streaming:Queue", name, args, opts)
        self.dead_letters = self.child(
            "dead-letters",
            aws.sqs.Queue,
            name=f"{args.queue_name}-dead-letters",
            message_retention_seconds=LONGEST_RETENTION,
            **_encryption(args.key_arn),
        )
        self.queue = self.child(
            "",
            aws.sqs.Queue,
            name=args.queue_name,
            message_retention_seconds=args.retention_seconds,
            visibility_timeout_seconds=args.visibility_timeout,
            redrive_policy=pulumi.Output.json_dumps(
                {
                    "deadLetterTargetArn": self.dead_letters.arn,
                    "maxReceiveCount": args.max_receives,
                }
            ),
            **_encryption(args.key_arn),
        )
        self.url = self.queue.url
        self.arn = self.queue.arn
        self.dead_letter_url = self.dead_letters.url
        self.dead_letter_arn = self.dead_letters.arn
        self.finish("url", "arn", "dead_letter_url", "dead_letter_arn")


def _encryption(key_arn: pulumi.Input[str] | None) -> dict[str, Any]:
    return {"sqs_managed_sse_enabled": True} if key_arn is None else {"kms_master_key_id": key_arn}
