"""What a mapping says of itself, and what it may not say."""

import uuid
from collections.abc import Mapping
from typing import Any

from platformctl.region.services.base import ServiceError
from platformctl.region.services.lambda_events.streams import kind_of

KEPT = (
    "BatchSize",
    "BisectBatchOnFunctionError",
    "DestinationConfig",
    "FunctionResponseTypes",
    "KMSKeyArn",
    "MaximumBatchingWindowInSeconds",
    "MaximumRecordAgeInSeconds",
    "MaximumRetryAttempts",
    "MetricsConfig",
    "ParallelizationFactor",
    "ScalingConfig",
    "StartingPosition",
    "StartingPositionTimestamp",
)
MISSING = (
    "AmazonManagedKafkaEventSourceConfig",
    "DocumentDBEventSourceConfig",
    "FilterCriteria",
    "ProvisionedPollerConfig",
    "Queues",
    "SelfManagedEventSource",
    "SelfManagedKafkaEventSourceConfig",
    "SourceAccessConfigurations",
    "Topics",
    "TumblingWindowInSeconds",
)
"""What the local region cannot do; to accept it and do nothing would be a lie."""
STREAM_DEFAULTS: Mapping[str, Any] = {
    "BatchSize": 100,
    "BisectBatchOnFunctionError": False,
    "MaximumBatchingWindowInSeconds": 0,
    "MaximumRecordAgeInSeconds": -1,
    "MaximumRetryAttempts": -1,
    "ParallelizationFactor": 1,
}
QUEUE_DEFAULTS: Mapping[str, Any] = {"BatchSize": 10, "MaximumBatchingWindowInSeconds": 0}
STREAM_ONLY = STREAM_DEFAULTS.keys() - QUEUE_DEFAULTS.keys() | {"StartingPosition"}


def settings(parameters: Mapping[str, Any], source: str) -> dict[str, Any]:
    """Return the settings that a request names, as they are kept.

    Raises:
        ServiceError: It names something that the source, or the local region, does not know.
    """
    for name in MISSING:
        if parameters.get(name):
            raise invalid(f"{name} is not in the local region")
    if kind_of(source) is None:
        for name in sorted(STREAM_ONLY & parameters.keys()):
            raise invalid(f"Unsupported source parameter : {name} for event source type : SQS")
    kept = {name: parameters[name] for name in KEPT if name in parameters}
    moment = kept.get("StartingPositionTimestamp")
    if moment is not None:
        kept["StartingPositionTimestamp"] = moment.timestamp()
    age = kept.get("MaximumRecordAgeInSeconds", -1)
    if age != -1 and age < 60:
        raise invalid(f"MaximumRecordAgeInSeconds is {age}: must be -1 or at least 60")
    return kept


def new_record(
    parameters: Mapping[str, Any], region: str, account: str, function: str, role: str, now: float
) -> dict[str, Any]:
    """Return the record of a mapping that is to be made.

    Raises:
        ServiceError: The request cannot be followed.
    """
    source = parameters.get("EventSourceArn")
    if not source or (kind_of(source) is None and source.split(":")[2:3] != ["sqs"]):
        raise invalid("Unrecognized event source; the local region has Kinesis, DynamoDB and SQS")
    stream = kind_of(source) is not None
    if stream and "StartingPosition" not in parameters:
        raise invalid("1 validation error: StartingPosition must be given for a stream")
    identity = str(uuid.uuid4())
    defaults = STREAM_DEFAULTS if stream else QUEUE_DEFAULTS
    return {
        **defaults,
        **settings(parameters, source),
        "UUID": identity,
        "EventSourceMappingArn": (
            f"arn:aws:lambda:{region}:{account}:event-source-mapping:{identity}"
        ),
        "EventSourceArn": source,
        "FunctionArn": function,
        "role": role,
        "enabled": parameters.get("Enabled", True),
        "State": "Creating",
        "StateTransitionReason": "USER_INITIATED",
        "LastProcessingResult": "No records processed",
        "LastModified": now,
        "tags": dict(parameters.get("Tags") or {}),
    }


def description(record: Mapping[str, Any]) -> dict[str, Any]:
    """Return a mapping as the API describes it."""
    return {key: value for key, value in record.items() if key not in ("role", "enabled", "tags")}


def invalid(message: str) -> ServiceError:
    """Return the error for parameters that cannot be."""
    return ServiceError("InvalidParameterValueException", message)
