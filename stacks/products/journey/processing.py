"""What happens to events: a function writes them to the tables, what it cannot goes aside."""

import pulumi
from pulumi import AssetArchive, FileAsset

from platformctl.components import (
    Alarm,
    KinesisStream,
    LambdaFunction,
    LambdaFunctionArgs,
    Queue,
    QueueArgs,
    StreamSource,
)
from platformctl.config.app import files
from platformctl.errors import ConfigurationError
from platformctl.stacks.layers.security import DATA, LOGS, MESSAGES
from platformctl.stacks.products.journey.context import (
    METRICS_NAMESPACE,
    PROCESSOR,
    JourneyContext,
    environment,
)
from platformctl.stacks.products.journey.stores import READ, WRITE, Tables, use_tables

KINESIS, LAMBDA, SQS = "AWS/Kinesis", "AWS/Lambda", "AWS/SQS"
SECONDS_A_DAY = 86_400
VISIBILITY_TIMEOUT = 300


def failures(context: JourneyContext) -> Queue:
    """Make the queue that tells of events that were given up: the dead-letter queue.

    It has one of its own, for what fails again when it is redriven.
    """
    return Queue(
        context.name("failures"),
        QueueArgs(
            queue_name=f"user-events-{environment(context)}-dlq",
            retention_seconds=context.config.dead_letter_days * SECONDS_A_DAY,
            visibility_timeout=VISIBILITY_TIMEOUT,
            max_receives=1000,
            key_arn=context.shared.keys.arns[MESSAGES],
            tags=context.tags("failures", "confidential"),
        ),
        context.options,
    )


def processor(
    context: JourneyContext, stream: KinesisStream, tables: Tables, queue: Queue
) -> LambdaFunction:
    """Make the function that writes events, sessions and summaries.

    Raises:
        ConfigurationError: Its application is not there.
    """
    config, shared, app = context.config.processor, context.shared, context.app(PROCESSOR)
    if app is None or app.function is None:
        raise ConfigurationError(
            f"there is no function {context.product}-{PROCESSOR}",
            why=f"no apps/*/*/app.yaml has the image {context.product}-{PROCESSOR} and a function",
        )
    return LambdaFunction(
        context.name(PROCESSOR),
        LambdaFunctionArgs(
            function_name=f"{context.product}-{PROCESSOR}",
            description="Writes user events, sessions and daily summaries",
            code=AssetArchive({name: FileAsset(str(path)) for name, path in files(app).items()}),
            handler=app.function.handler,
            runtime=app.function.runtime,
            memory=config.memory,
            timeout=config.timeout,
            deployment=context.shared.config.deployment,
            environment={
                "EVENTS_TABLE": tables.events.table_name,
                "SESSIONS_TABLE": tables.sessions.table_name,
                "SUMMARY_TABLE": tables.summary.table_name,
                "EVENT_DAYS": str(context.config.tables.event_days),
                "METRICS_NAMESPACE": METRICS_NAMESPACE,
                "LOG_LEVEL": "info",
            },
            key_arn=shared.keys.arns[DATA],
            statements=use_tables(context, tables.all, (*READ, *WRITE)),
            streams={
                "events": StreamSource(
                    arn=stream.arn,
                    key_arn=shared.keys.arns[DATA],
                    on_failure_arn=queue.arn,
                    on_failure_key_arn=shared.keys.arns[MESSAGES],
                    batch_size=config.batch_size,
                    window_seconds=config.window_seconds,
                    parallelization=config.parallelization,
                    max_retries=config.max_retries,
                    max_age_seconds=config.max_age_seconds,
                )
            },
            reserved_concurrency=config.reserved_concurrency,
            log_key_arn=shared.keys.arns[LOGS],
            log_retention_days=shared.config.logs.retention_days,
            tags=context.tags(PROCESSOR, "confidential"),
        ),
        context.options,
    )


def alarms(
    context: JourneyContext, stream: KinesisStream, function: LambdaFunction, queue: Queue
) -> dict[str, Alarm]:
    """Return when people are told that events wait, fail, or were given up."""
    limits = context.config.alarms
    name = {"FunctionName": function.function_name}
    return {
        "dead-letters": Alarm(
            description="Events were given up: platformctl dlq show, then dlq redrive.",
            namespace=SQS,
            metric="ApproximateNumberOfMessagesVisible",
            dimensions={"QueueName": queue_name(queue.arn)},
            statistic="Maximum",
            threshold=limits.dead_letters,
            missing_data="notBreaching",
        ),
        "dead-letters-again": Alarm(
            description="Dead letters were looked at too often and given up: platformctl dlq show.",
            namespace=SQS,
            metric="ApproximateNumberOfMessagesVisible",
            dimensions={"QueueName": queue_name(queue.dead_letter_arn)},
            statistic="Maximum",
            threshold=0,
            missing_data="notBreaching",
        ),
        "processor-errors": Alarm(
            description="The event processor fails: look at its log.",
            namespace=LAMBDA,
            metric="Errors",
            dimensions=name,
            statistic="Sum",
            threshold=limits.processor_errors,
            period=300,
            missing_data="notBreaching",
        ),
        "processor-throttles": Alarm(
            description="The event processor is throttled: look at its concurrency.",
            namespace=LAMBDA,
            metric="Throttles",
            dimensions=name,
            statistic="Sum",
            threshold=0,
            period=300,
            missing_data="notBreaching",
        ),
        "stream-iterator-age": Alarm(
            description="Events wait to be handled: look at the processor and the tables.",
            namespace=KINESIS,
            metric="GetRecords.IteratorAgeMilliseconds",
            dimensions={"StreamName": stream.stream_name},
            statistic="Maximum",
            threshold=limits.iterator_age_seconds * 1000,
            periods=3,
            missing_data="notBreaching",
        ),
    }


def queue_name(arn: pulumi.Input[str]) -> pulumi.Output[str]:
    """Return the name of a queue by its ARN."""
    return pulumi.Output.from_input(arn).apply(lambda whole: whole.rpartition(":")[2])
