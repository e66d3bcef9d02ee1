"""Alarms and dashboard of user journeys."""

from collections.abc import Mapping

from platformctl.components import (
    Alarm,
    ApplicationLoadBalancer,
    FargateService,
    Graph,
    KinesisStream,
    LambdaFunction,
    Metric,
    Queue,
    RedisCache,
)
from platformctl.stacks.building import watch
from platformctl.stacks.products.journey import processing
from platformctl.stacks.products.journey.context import METRICS_NAMESPACE, JourneyContext
from platformctl.stacks.products.journey.processing import KINESIS, LAMBDA, SQS
from platformctl.stacks.products.journey.stores import Table, Tables

DYNAMODB = "AWS/DynamoDB"


def alarms(
    context: JourneyContext,
    balancer: ApplicationLoadBalancer,
    services: Mapping[str, FargateService],
    stream: KinesisStream,
    function: LambdaFunction,
    queue: Queue,
    tables: Tables,
    cache: RedisCache,
) -> None:
    """Make the alarms that wake somebody; the services are known by their names."""
    limits = context.config.alarms
    watch.alarms(
        context,
        {
            "high-error-rate": watch.server_errors(balancer, limits.target_errors),
            **{
                key: alarm
                for name, service in services.items()
                for key, alarm in watch.service_alarms(context, name, service, balancer).items()
            },
            **{
                f"{table.args.table_name}-{kind.lower()}s-throttled": _throttled(table, kind)
                for table in tables.all
                for kind in ("Read", "Write")
            },
            "slow-answers": watch.slow_answers(balancer, limits.latency_seconds),
            **watch.cache_alarms(cache, limits.cache_memory),
            **processing.alarms(context, stream, function, queue),
        },
    )


def _throttled(table: Table, kind: str) -> Alarm:
    return Alarm(
        description=f"{table.args.table_name} turns {kind.lower()}s away: look at its capacity.",
        namespace=DYNAMODB,
        metric=f"{kind}ThrottleEvents",
        dimensions={"TableName": table.table_name},
        statistic="Sum",
        threshold=0,
        periods=3,
        missing_data="notBreaching",
    )


def dashboard(
    context: JourneyContext,
    balancer: ApplicationLoadBalancer,
    api: FargateService,
    stream: KinesisStream,
    function: LambdaFunction,
    queue: Queue,
    tables: Tables,
    cache: RedisCache,
) -> None:
    """Make the dashboard of the whole product."""
    watch.dashboard(
        context,
        {
            "API": [*watch.request_graphs(balancer, api), watch.task_graph(context, api)],
            "Events": _events(stream, function, queue),
            "Tables": [_capacity(table) for table in tables.all],
            "Cache": watch.cache_graphs(cache),
        },
    )


def _events(stream: KinesisStream, function: LambdaFunction, queue: Queue) -> list[Graph]:
    named = {"StreamName": stream.stream_name}
    dead = {"QueueName": processing.queue_name(queue.arn)}
    processor = {"FunctionName": function.function_name}

    def graph(
        title: str, namespace: str, names: list[str], dimensions: dict, statistic: str
    ) -> Graph:
        metrics = [
            Metric(namespace=namespace, name=name, dimensions=dimensions, statistic=statistic)
            for name in names
        ]
        return Graph(title=title, metrics=metrics)

    age, letters = "GetRecords.IteratorAgeMilliseconds", "ApproximateNumberOfMessagesVisible"
    return [
        graph("Events in", KINESIS, ["IncomingRecords"], named, "Sum"),
        graph("Age of the event that is handled", KINESIS, [age], named, "Maximum"),
        graph("Invocations", LAMBDA, ["Invocations", "Errors", "Throttles"], processor, "Sum"),
        graph("Duration", LAMBDA, ["Duration"], processor, "p95"),
        graph("Dead letters", SQS, [letters], dead, "Maximum"),
        graph("Events handled", METRICS_NAMESPACE, ["EventsStored", "EventsDuplicate"], {}, "Sum"),
    ]


def _capacity(table: Table) -> Graph:
    names = ("ConsumedReadCapacityUnits", "ConsumedWriteCapacityUnits", "ThrottledRequests")
    return Graph(
        title=f"Capacity of {table.args.table_name}",
        metrics=[
            Metric(
                namespace=DYNAMODB,
                name=name,
                dimensions={"TableName": table.table_name},
                statistic="Sum",
            )
            for name in names
        ],
    )
