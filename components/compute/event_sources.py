"""What invokes a function: records of a stream, messages of a queue."""

# pulumi_aws loads its modules when they are first named; annotations must not name them.
from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

import pulumi
import pulumi_aws as aws

from platformctl.components.base import Component
from platformctl.components.security import access
from platformctl.components.security.roles import Statement

LARGEST_BATCH, LARGEST_QUEUE_BATCH, LARGEST_PLAIN_QUEUE_BATCH = 10_000, 10_000, 10
LONGEST_WINDOW = 300
LARGEST_RETRIES, OLDEST_RECORD = 10_000, 604_800
VISIBILITY_FACTOR = 6
"""How many times a function's timeout a queue hides a message, by AWS's recommendation."""

_FAMILY: Mapping[str, str] = {"kinesis": ":kinesis:", "dynamodb": ":dynamodb:"}


@dataclass(frozen=True, kw_only=True)
class StreamSource:
    """A stream whose records invoke a function, in order within each shard.

    A record that still fails after all attempts is described in a message to `on_failure_arn`, so
    that it never holds up the records behind it.

    Attributes:
        arn: ARN of the Kinesis stream, or of the DynamoDB table's stream.
        service: Whose stream it is.
        on_failure_arn: SQS queue or SNS topic that is told which records were given up.
        key_arn: KMS key of the stream, if it has one of its own.
        on_failure_key_arn: KMS key of the queue or topic, if it has one of its own.
        batch_size: Most records of an invocation, 1 to 10000.
        window_seconds: Seconds to gather a batch for, 0 to 300.
        parallelization: Batches of one shard at a time, 1 to 10; a partition key stays in order.
        max_retries: Attempts after the first, 0 to 10000.
        max_age_seconds: Age at which a record is given up, 60 to 604800; None for no limit.
        bisect: Whether a failed batch is cut in halves, to find what is wrong with it.
        partial_responses: Whether the function names the records that failed
            (`batchItemFailures`); the handler must do so.
        starting_position: Where to begin: `TRIM_HORIZON` for all there is, `LATEST` for what comes.
        enabled: Whether it reads at all.
    """

    arn: pulumi.Input[str]
    on_failure_arn: pulumi.Input[str]
    service: Literal["kinesis", "dynamodb"] = "kinesis"
    key_arn: pulumi.Input[str] | None = None
    on_failure_key_arn: pulumi.Input[str] | None = None
    batch_size: int = 100
    window_seconds: int = 0
    parallelization: int = 1
    max_retries: int = 3
    max_age_seconds: int | None = None
    bisect: bool = True
    partial_responses: bool = True
    starting_position: Literal["TRIM_HORIZON", "LATEST"] = "TRIM_HORIZON"
    enabled: bool = True

    def mistakes(self, name: str) -> Iterator[str]:
        """Yield one sentence for each figure that cannot be."""
        ranges = (
            ("batch_size", self.batch_size, 1, LARGEST_BATCH),
            ("window_seconds", self.window_seconds, 0, LONGEST_WINDOW),
            ("parallelization", self.parallelization, 1, 10),
            ("max_retries", self.max_retries, 0, LARGEST_RETRIES),
            ("max_age_seconds", self.max_age_seconds, 60, OLDEST_RECORD),
        )
        for what, value, low, high in ranges:
            if value is not None and not low <= value <= high:
                yield f"{what} of the stream {name!r} is {value}: must be {low} to {high}"
        if self.service not in _FAMILY:
            allowed = ", ".join(_FAMILY)
            yield f"service of the stream {name!r} is {self.service!r}: must be one of {allowed}"


@dataclass(frozen=True, kw_only=True)
class QueueSource:
    """A queue whose messages invoke a function.

    A message that fails comes back after the queue's visibility timeout, and after the queue's
    `max_receives` goes to its dead-letter queue. That timeout must be at least six times the
    function's.

    Attributes:
        arn: ARN of the queue.
        key_arn: KMS key of the queue, if it has one of its own.
        visibility_timeout: Visibility timeout of the queue in seconds.
        batch_size: Most messages of an invocation; more than 10 need a window.
        window_seconds: Seconds to gather a batch for, 0 to 300.
        max_concurrency: Most invocations at a time, 2 to 1000; None for no limit of its own.
        partial_responses: Whether the function names the messages that failed
            (`batchItemFailures`); the handler must do so.
        enabled: Whether it reads at all.
    """

    arn: pulumi.Input[str]
    visibility_timeout: int
    key_arn: pulumi.Input[str] | None = None
    batch_size: int = 10
    window_seconds: int = 0
    max_concurrency: int | None = None
    partial_responses: bool = True
    enabled: bool = True

    def mistakes(self, name: str, timeout: int) -> Iterator[str]:
        """Yield one sentence for each figure that cannot be with a function's timeout."""
        least = VISIBILITY_FACTOR * timeout
        if self.visibility_timeout < least:
            yield (
                f"visibility_timeout of the queue {name!r} is {self.visibility_timeout}: must be "
                f"at least {VISIBILITY_FACTOR} times the function's timeout, {least}"
            )
        most = LARGEST_QUEUE_BATCH if self.window_seconds else LARGEST_PLAIN_QUEUE_BATCH
        ranges = (
            ("batch_size", self.batch_size, 1, most),
            ("window_seconds", self.window_seconds, 0, LONGEST_WINDOW),
            ("max_concurrency", self.max_concurrency, 2, 1000),
        )
        for what, value, low, high in ranges:
            if value is not None and not low <= value <= high:
                yield f"{what} of the queue {name!r} is {value}: must be {low} to {high}"


@dataclass(frozen=True, kw_only=True)
class Sources:
    """Everything that a function reads from.

    Attributes:
        streams: Streams by a key of their own.
        queues: Queues by a key of their own.
    """

    streams: Mapping[str, StreamSource] = field(default_factory=dict)
    queues: Mapping[str, QueueSource] = field(default_factory=dict)

    def statements(self) -> list[Statement]:
        """Return what the function's role must be allowed for reading from them."""
        allowed: list[Statement] = []
        for stream in self.streams.values():
            allowed += access.read_stream(stream.arn, stream.service, stream.key_arn)
            allowed += access.report_failure(stream.on_failure_arn, stream.on_failure_key_arn)
        for queue in self.queues.values():
            allowed += access.receive_messages(queue.arn, queue.key_arn)
        return allowed


def add_mappings(
    component: Component,
    sources: Sources,
    alias_arn: pulumi.Input[str],
    role_policy: pulumi.Resource,
) -> dict[str, aws.lambda_.EventSourceMapping]:
    """Make the event source mappings as children of a component.

    AWS tries whether the role may read the source, so the policy has to be there before.
    """
    options = pulumi.ResourceOptions(depends_on=[role_policy])
    inputs = {key: _stream_inputs(stream) for key, stream in sources.streams.items()}
    inputs |= {key: _queue_inputs(queue) for key, queue in sources.queues.items()}
    return {
        key: component.child(
            f"from-{key}",
            aws.lambda_.EventSourceMapping,
            function_name=alias_arn,
            **values,
            options=options,
        )
        for key, values in inputs.items()
    }


def _stream_inputs(source: StreamSource) -> dict[str, Any]:
    return {
        "event_source_arn": source.arn,
        "enabled": source.enabled,
        "batch_size": source.batch_size,
        "maximum_batching_window_in_seconds": source.window_seconds,
        "parallelization_factor": source.parallelization,
        "starting_position": source.starting_position,
        "maximum_retry_attempts": source.max_retries,
        "maximum_record_age_in_seconds": -1
        if source.max_age_seconds is None
        else source.max_age_seconds,
        "bisect_batch_on_function_error": source.bisect,
        "function_response_types": _response_types(source.partial_responses),
        "destination_config": {"on_failure": {"destination_arn": source.on_failure_arn}},
    }


def _queue_inputs(source: QueueSource) -> dict[str, Any]:
    limit = source.max_concurrency
    return {
        "event_source_arn": source.arn,
        "enabled": source.enabled,
        "batch_size": source.batch_size,
        "maximum_batching_window_in_seconds": source.window_seconds,
        "function_response_types": _response_types(source.partial_responses),
        "scaling_config": None if limit is None else {"maximum_concurrency": limit},
    }


def _response_types(partial: bool) -> list[str] | None:
    return ["ReportBatchItemFailures"] if partial else None
