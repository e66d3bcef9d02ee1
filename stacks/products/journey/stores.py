"""What the product keeps: events, sessions and summaries, and everything for later."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import pulumi

from platformctl.components import (
    Bucket,
    BucketArgs,
    BucketReplication,
    DynamoTable,
    DynamoTableArgs,
    GlobalIndex,
    KinesisStream,
    KinesisStreamArgs,
    LifecycleRule,
    ProvisionedCapacity,
    Statement,
    TableReplica,
)
from platformctl.components.security import access
from platformctl.stacks.building.stores import copied_arn
from platformctl.stacks.layers.access_logs import logged
from platformctl.stacks.layers.security import DATA
from platformctl.stacks.products.journey.context import (
    AGGREGATIONS,
    APPLICATION_LOGS,
    EXPORTS,
    RAW_EVENTS,
    JourneyContext,
    stream_name,
    table_name,
)

EVENTS, SESSIONS, SUMMARY = "UserEvents", "UserSessions", "AnalyticsSummary"
READ = ("BatchGetItem", "GetItem", "Query")
WRITE = ("ConditionCheckItem", "PutItem", "UpdateItem")
ERASE = ("BatchWriteItem", "DeleteItem")


@dataclass(frozen=True)
class ReplicaOfTable:
    """A table as the other region has it.

    Attributes:
        args: What it is.
        table_name: Its name, the same in both.
        arn: Its ARN there.
        index_arns: ARN pattern of its indexes there.
    """

    args: DynamoTableArgs
    table_name: pulumi.Output[str]
    arn: pulumi.Output[str]
    index_arns: pulumi.Output[str]


Table = DynamoTable | ReplicaOfTable


@dataclass(frozen=True)
class Tables:
    """The tables.

    Attributes:
        events: Every event, by user and time.
        sessions: Sessions, by their id and user.
        summary: Figures of each day.
    """

    events: Table
    sessions: Table
    summary: Table

    @property
    def all(self) -> Sequence[Table]:
        """All three."""
        return self.events, self.sessions, self.summary


def tables(context: JourneyContext) -> Tables:
    """Make the tables with the keys of the design document."""
    events = _table(
        context,
        DynamoTableArgs(
            table_name=table_name(context, EVENTS),
            hash_key="userId",
            range_key="timestamp",
            attribute_types={"timestamp": "N"},
            indexes=[
                GlobalIndex(
                    index_name="eventType-timestamp", hash_key="eventType", range_key="timestamp"
                ),
                GlobalIndex(
                    index_name="sessionId-timestamp", hash_key="sessionId", range_key="timestamp"
                ),
            ],
            ttl_attribute="ttl",
            **_common(context, "events"),
        ),
        "events",
    )
    sessions = _table(
        context,
        DynamoTableArgs(
            table_name=table_name(context, SESSIONS),
            hash_key="sessionId",
            range_key="userId",
            attribute_types={"startTime": "N"},
            indexes=[
                GlobalIndex(index_name="userId-startTime", hash_key="userId", range_key="startTime")
            ],
            ttl_attribute="ttl",
            **_common(context, "sessions"),
        ),
        "sessions",
    )
    summary = _table(
        context,
        DynamoTableArgs(
            table_name=table_name(context, SUMMARY),
            hash_key="date",
            range_key="metricType",
            **_common(context, "summary"),
        ),
        "summary",
    )
    return Tables(events=events, sessions=sessions, summary=summary)


def _table(context: JourneyContext, args: DynamoTableArgs, key: str) -> DynamoTable:
    return DynamoTable(context.name(key), args, context.options)


def _common(context: JourneyContext, key: str) -> dict[str, Any]:
    """Return what all tables have in common."""
    config, shared, elsewhere = context.config.tables, context.shared, context.recovery
    replicated: dict[str, Any] = {}
    if elsewhere is not None:
        there = elsewhere.shared
        replica = TableReplica(region=there.region, key_arn=there.keys.arns[DATA])
        replicated = {"replicas": [replica], "stream": "NEW_AND_OLD_IMAGES"}
    return {
        **replicated,
        "capacity": ProvisionedCapacity(
            read_minimum=config.read_minimum,
            read_maximum=config.read_maximum,
            write_minimum=config.write_minimum,
            write_maximum=config.write_maximum,
            utilization=config.utilization,
        ),
        "key_arn": shared.keys.arns[DATA],
        "deletion_protection": shared.config.deletion_protection,
        "tags": context.tags(key, "confidential"),
    }


def replicas(context: JourneyContext, made: Tables) -> Tables:
    """Return the tables as the side that takes over has them, written and read there too.

    Args:
        context: The product on that side.
        made: The tables.
    """

    def there(table: Table) -> ReplicaOfTable:
        return ReplicaOfTable(
            args=table.args,
            table_name=table.table_name,
            arn=copied_arn(context, table.arn),
            index_arns=copied_arn(context, table.index_arns),
        )

    return Tables(*map(there, made.all))


def stream(context: JourneyContext) -> KinesisStream:
    """Make the stream that events come on."""
    config, shared = context.config.stream, context.shared
    return KinesisStream(
        context.name("events-stream"),
        KinesisStreamArgs(
            stream_name=stream_name(context),
            shards=config.shards,
            retention_hours=config.retention_hours,
            key_arn=shared.keys.arns[DATA],
            deletion_protection=shared.config.deletion_protection,
            tags=context.tags("events-stream", "confidential"),
        ),
        context.options,
    )


def lake(context: JourneyContext, copy: Bucket | None = None) -> Bucket:
    """Make the bucket with raw events, aggregations, exports and logs, each with its own age.

    Args:
        context: The product.
        copy: The bucket on the other side that gets everything within 15 minutes.
    """
    config, shared = context.config.lake, context.shared
    return Bucket(
        context.name("lake"),
        BucketArgs(
            key_arn=shared.keys.arns[DATA],
            lifecycle=[
                LifecycleRule(
                    key="raw-events",
                    prefix=RAW_EVENTS,
                    infrequent_days=config.infrequent_days,
                    archive_days=config.archive_days,
                    expire_days=config.expire_days,
                ),
                LifecycleRule(key="aggregations", prefix=AGGREGATIONS, intelligent_days=0),
                LifecycleRule(key="exports", prefix=EXPORTS, expire_days=config.export_days),
                LifecycleRule(key="logs", prefix=APPLICATION_LOGS, expire_days=config.log_days),
                LifecycleRule(key="old-versions", expire_old_versions_days=config.export_days),
            ],
            replication=BucketReplication(
                bucket_arn=copy.arn, key_arn=copy.args.key_arn, time_control=True
            )
            if copy
            else None,
            access_logs=logged(shared, context.name("lake")),
            force_destroy=not shared.config.deletion_protection,
            tags=context.tags("lake", "confidential"),
        ),
        context.options,
    )


def use_tables(
    context: JourneyContext, made: Sequence[Table], actions: Sequence[str]
) -> list[Statement]:
    """Allow actions on tables and their indexes, whose key is the environment's."""
    resources = [arn for table in made for arn in (table.arn, table.index_arns)]
    return [
        Statement(actions=[f"dynamodb:{action}" for action in actions], resources=resources),
        *access.decrypt(context.shared.keys.arns[DATA]),
    ]


def use_lake(context: JourneyContext, bucket: Bucket) -> list[Statement]:
    """Allow reading and writing objects of the lake under its prefixes."""
    objects = [
        pulumi.Output.concat(bucket.arn, "/", prefix, "*")
        for prefix in (RAW_EVENTS, AGGREGATIONS, EXPORTS)
    ]
    key = context.shared.keys.arns[DATA]
    return [
        Statement(actions=["s3:GetObject", "s3:PutObject"], resources=objects),
        Statement(actions=["kms:Decrypt", "kms:GenerateDataKey"], resources=[key]),
    ]
