"""Functions, their aliases and what starts them."""

import json

from platformctl.plugin.provider import CheckFailure
from platformctl.provider.validation.formats import arn
from platformctl.provider.validation.paths import block
from platformctl.provider.validation.rules import (
    AtLeastOne,
    AtMostOne,
    Count,
    Custom,
    ExactlyOne,
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

NAMED = (
    r"(arn:[\w-]+:lambda:)?([a-z]{2}(-[a-z]+){1,2}-\d:)?(\d{12}:)?(function:)?"
    r"[0-9A-Za-z_-]+(:(\$LATEST|[0-9A-Za-z_-]+))?"
)
FUNCTION = r"[A-Za-z0-9_-]{1,64}|(arn:aws[a-z-]*:lambda:[^:]+:)?\d{12}:function:[A-Za-z0-9_-]{1,64}"
RESERVED = frozenset(
    [
        "_HANDLER",
        "_X_AMZN_TRACE_ID",
        "AWS_DEFAULT_REGION",
        "AWS_REGION",
        "AWS_EXECUTION_ENV",
        "AWS_LAMBDA_FUNCTION_NAME",
        "AWS_LAMBDA_FUNCTION_MEMORY_SIZE",
        "AWS_LAMBDA_FUNCTION_VERSION",
        "AWS_LAMBDA_INITIALIZATION_TYPE",
        "AWS_LAMBDA_LOG_GROUP_NAME",
        "AWS_LAMBDA_LOG_STREAM_NAME",
        "AWS_ACCESS_KEY",
        "AWS_ACCESS_KEY_ID",
        "AWS_SECRET_ACCESS_KEY",
        "AWS_SESSION_TOKEN",
        "AWS_LAMBDA_RUNTIME_API",
        "LAMBDA_TASK_ROOT",
        "LAMBDA_RUNTIME_DIR",
    ]
)
ENVIRONMENT = 4096
"""Bytes of all environment variables together."""
APART = (
    ("amazonManagedKafkaEventSourceConfig", "selfManagedEventSource"),
    ("amazonManagedKafkaEventSourceConfig", "selfManagedKafkaEventSourceConfig"),
    ("selfManagedKafkaEventSourceConfig", "eventSourceArn"),
)
FOR_EVER = -1
STREAMS = ("dynamodb", "kinesis")


def _environment(inputs: Inputs) -> Failures:
    """Variables have names of their own and are not too many."""
    variables = block(inputs, "environment").get("variables")
    if not isinstance(variables, dict):
        return
    for key in variables:
        place = f"environment.variables.{key}"
        if key in RESERVED:
            yield CheckFailure(place, f"{place}: Lambda sets {key} itself")
        yield from Pattern("key", r"[a-zA-Z]\w+", "letters, digits, _").judge({"key": key})
    if all(isinstance(value, str) for value in variables.values()):
        size = len(json.dumps(variables).encode())
        if size > ENVIRONMENT:
            yield CheckFailure(
                "environment.variables",
                f"environment.variables must be at most {ENVIRONMENT} bytes, not {size}",
            )


def _size(inputs: Inputs) -> Failures:
    """A function has up to 10 GiB; more only on machines of one's own."""
    most = 32_768 if inputs.get("capacityProviderConfig") is not None else 10_240
    yield from Range("memorySize", 128, most).judge(inputs)
    yield from Range("ephemeralStorage.size", 512, most).judge(inputs)


def _source(inputs: Inputs) -> Failures:
    """Streams are read from somewhere, queues are not; each has its own largest batch."""
    source = inputs.get("eventSourceArn")
    if not isinstance(source, str) or source.count(":") < 5:
        return
    service = source.split(":")[2]
    age = inputs.get("maximumRecordAgeInSeconds")
    if isinstance(age, int) and age != FOR_EVER:
        yield from Range("maximumRecordAgeInSeconds", 60, 604_800).judge(inputs)
    if service in STREAMS:
        yield from When("startingPosition", (None,), needs=("startingPosition",)).judge(inputs)
        yield from Range("batchSize", 1, 10_000).judge(inputs)
    if service == "sqs":
        window = inputs.get("maximumBatchingWindowInSeconds")
        yield from Range("batchSize", 1, 10_000 if window else 10).judge(inputs)
        for key in (
            "startingPosition",
            "parallelizationFactor",
            "bisectBatchOnFunctionError",
            "maximumRetryAttempts",
            "maximumRecordAgeInSeconds",
        ):
            if inputs.get(key) is not None:
                yield CheckFailure(key, f"{key} cannot be given for a queue")


ROWS = {
    "aws:lambda/function:Function": Row(
        "lambda/function.go",
        (
            Pattern("name", FUNCTION, "the name or the ARN of a function"),
            Length("description", 0, 256),
            ExactlyOne(("code", "imageUri", "s3Bucket")),
            Requires("s3Bucket", ("s3Key",)),
            Requires("s3Key", ("s3Bucket",)),
            Requires("replacementSecurityGroupIds", ("replaceSecurityGroupsOnDestroy",)),
            AtMostOne(("s3ObjectVersion", "code")),
            AtMostOne(("s3ObjectVersion", "imageUri")),
            AtMostOne(("sourceKmsKeyArn", "imageUri")),
            When("replaceSecurityGroupsOnDestroy", (True,), needs=("replacementSecurityGroupIds",)),
            Follows("codeSigningConfigArn", arn),
            Follows("deadLetterConfig.targetArn", arn),
            Follows("fileSystemConfig.arn", arn),
            Follows("layers[]", arn),
            When("packageType", ("Zip", None), needs=("handler", "runtime")),
            When("packageType", ("Image",), needs=("imageUri",), excludes=("handler", "runtime")),
            Length("handler", 1, 128),
            Pattern("handler", r"[^\s]+"),
            Follows("role", arn),
            Follows("kmsKeyArn", arn),
            Custom(_size),
            Range("timeout", 1, 900),
            Range("reservedConcurrentExecutions", -1),
            Count("architectures", 0, 1),
            OneOf("architectures[]", ("x86_64", "arm64")),
            Count("layers", 0, 5),
            OneOf("tracingConfig.mode", ("Active", "PassThrough")),
            OneOf("loggingConfig.logFormat", ("JSON", "Text")),
            When(
                "loggingConfig.logFormat",
                ("Text",),
                excludes=("loggingConfig.applicationLogLevel", "loggingConfig.systemLogLevel"),
            ),
            Pattern("loggingConfig.logGroup", r"[.\-_/#A-Za-z0-9]{1,512}"),
            Count("vpcConfig.subnetIds", 0, 16),
            Count("vpcConfig.securityGroupIds", 0, 5),
            Custom(_environment),
        ),
    ),
    "aws:lambda/alias:Alias": Row(
        "lambda/alias.go",
        (
            Length("name", 1, 128),
            Pattern("name", r"(?!\d+$)[\w-]+"),
            Length("description", 0, 256),
        ),
    ),
    "aws:lambda/permission:Permission": Row(
        "lambda/permission.go",
        (
            AtMostOne(("statementId", "statementIdPrefix")),
            Pattern("function", NAMED, "the name or the ARN of a function"),
            Length("function", 1, 140),
            Pattern("statementId", r"[\w-]{1,100}"),
            Pattern("statementIdPrefix", r"[\w-]{1,74}"),
            Pattern("action", r"lambda:(\*|[A-Za-z]+)"),
            Follows("sourceArn", arn),
            Pattern("qualifier", r"[0-9A-Za-z$_-]{1,128}"),
            Pattern("eventSourceToken", r"[0-9A-Za-z._-]{1,256}"),
            When(
                "action",
                ("lambda:InvokeFunctionUrl", None),
                otherwise=True,
                excludes=("functionUrlAuthType",),
            ),
            Pattern("sourceAccount", r"\d{12}"),
        ),
    ),
    "aws:lambda/eventSourceMapping:EventSourceMapping": Row(
        "lambda/event_source_mapping.go",
        (
            ExactlyOne(("eventSourceArn", "selfManagedEventSource")),
            *(AtMostOne(pair) for pair in APART),
            Requires("selfManagedEventSource", ("sourceAccessConfigurations",)),
            Count("filterCriteria.filters", 0, 10),
            When("startingPosition", ("AT_TIMESTAMP",), needs=("startingPositionTimestamp",)),
            Follows("eventSourceArn", arn),
            Custom(_source),
            Range("batchSize", 1, 10_000),
            Range("maximumBatchingWindowInSeconds", 0, 300),
            Range("maximumRetryAttempts", -1, 10_000),
            Range("parallelizationFactor", 1, 10),
            Range("tumblingWindowInSeconds", 0, 900),
            OneOf("startingPosition", ("TRIM_HORIZON", "LATEST", "AT_TIMESTAMP")),
            OneOf("functionResponseTypes[]", ("ReportBatchItemFailures",)),
            Follows("destinationConfig.onFailure.destinationArn", arn),
        ),
    ),
    "aws:lambda/functionEventInvokeConfig:FunctionEventInvokeConfig": Row(
        "lambda/function_event_invoke_config.go",
        (
            AtLeastOne(("destinationConfig", "maximumEventAgeInSeconds", "maximumRetryAttempts")),
            Range("maximumEventAgeInSeconds", 60, 21_600),
            Range("maximumRetryAttempts", 0, 2),
            Follows("destinationConfig.onFailure.destination", arn),
            Follows("destinationConfig.onSuccess.destination", arn),
        ),
    ),
}
