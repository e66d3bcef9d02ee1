"""A Kinesis stream."""

# pulumi_aws loads its modules when they are first named; annotations must not name them.
from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import pulumi
import pulumi_aws as aws

from platformctl.components.base import Args, Component

_NAME = re.compile(r"[a-zA-Z0-9_.-]{1,128}")
SHORTEST_RETENTION, LONGEST_RETENTION = 24, 8760
KINESIS_KEY = "alias/aws/kinesis"

ShardMetric = Literal[
    "IncomingBytes",
    "IncomingRecords",
    "IteratorAgeMilliseconds",
    "OutgoingBytes",
    "OutgoingRecords",
    "ReadProvisionedThroughputExceeded",
    "WriteProvisionedThroughputExceeded",
]
HOT_SHARD_METRICS: tuple[ShardMetric, ...] = (
    "IteratorAgeMilliseconds",
    "ReadProvisionedThroughputExceeded",
    "WriteProvisionedThroughputExceeded",
)
"""What tells that one shard gets more than the others, or is read too slowly."""


@dataclass(frozen=True, kw_only=True)
class KinesisStreamArgs(Args):
    """What a stream is.

    Attributes:
        stream_name: Its name in Kinesis.
        shards: Shards, each for 1 MB or 1,000 records a second; can be changed in place, at most
            to twice or half at a time. Without it the stream has its capacity on demand: AWS adds
            and removes shards.
        retention_hours: Hours that a record is kept, 24 to 8760.
        key_arn: KMS key; AWS's own key for Kinesis without it.
        shard_metrics: Metrics that CloudWatch gets of every shard besides those of the stream.
        deletion_protection: Whether Pulumi refuses to delete the stream.
    """

    stream_name: str
    shards: int | None = None
    retention_hours: int = 168
    key_arn: pulumi.Input[str] | None = None
    shard_metrics: Sequence[ShardMetric] = HOT_SHARD_METRICS
    deletion_protection: bool = True

    def mistakes(self) -> Iterator[str]:
        """Yield one sentence for each argument that cannot be."""
        if not _NAME.fullmatch(self.stream_name):
            yield (
                f"stream_name is {self.stream_name!r}: 1 to 128 letters, digits, '_', '.' and "
                "'-' are allowed"
            )
        if self.shards is not None and self.shards < 1:
            yield f"shards is {self.shards}: must be 1 or more, or none for capacity on demand"
        if not SHORTEST_RETENTION <= self.retention_hours <= LONGEST_RETENTION:
            yield (
                f"retention_hours is {self.retention_hours}: must be {SHORTEST_RETENTION} to "
                f"{LONGEST_RETENTION}"
            )


class KinesisStream(Component):
    """An encrypted Kinesis stream whose capacity follows its use, or is said in shards.

    Example::

        KinesisStream("events", KinesisStreamArgs(stream_name="events", retention_hours=168))

    Monthly cost in us-east-1: on demand 730 h × $0.04 = $29.20, $0.08 for each GB in and $0.04 for
    each GB out; with shards 730 h × $0.015 = $10.95 for each and $0.014 for each million records
    put. Keeping records for 7 days costs 730 h × $0.02 = $14.60 for each shard.

    Attributes:
        arn: ARN of the stream.
        stream_name: Its name.
    """

    arn: pulumi.Output[str]
    stream_name: pulumi.Output[str]

    def __init__(
        self, name: str, args: KinesisStreamArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("streaming:KinesisStream", name, args, opts)
        self.stream = self.child(
            "",
            aws.kinesis.Stream,
            name=args.stream_name,
            retention_period=args.retention_hours,
            encryption_type="KMS",
            kms_key_id=KINESIS_KEY if args.key_arn is None else args.key_arn,
            shard_level_metrics=sorted(args.shard_metrics),
            enforce_consumer_deletion=not args.deletion_protection,
            options=pulumi.ResourceOptions(protect=args.deletion_protection),
            **_capacity(args.shards),
        )
        self.arn = self.stream.arn
        self.stream_name = self.stream.name
        self.finish("arn", "stream_name")


def _capacity(shards: int | None) -> dict[str, Any]:
    """Return how much a stream takes; on demand it must not have a number of shards."""
    if shards is None:
        return {"stream_mode_details": {"stream_mode": "ON_DEMAND"}}
    return {"stream_mode_details": {"stream_mode": "PROVISIONED"}, "shard_count": shards}
