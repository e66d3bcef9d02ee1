"""Where operations are recorded: what was released, who did what, and what is still open."""

from dataclasses import replace

import pulumi

from platformctl.components import (
    Alarm,
    Alarms,
    AlarmsArgs,
    DynamoTable,
    DynamoTableArgs,
    TableReplica,
)
from platformctl.naming.names import operations_table
from platformctl.naming.tags import component_tags
from platformctl.stacks.layers.security import DATA
from platformctl.stacks.layers.shared import SHARED, Shared, tags


def operations_layer(shared: Shared) -> DynamoTable:
    """Make the table of operations, with a copy in the region that takes over.

    It has to be there when a region is lost, for it says what was going on.
    """
    config, there = shared.config, shared.recovery
    replicas = [TableReplica(region=there.region, key_arn=there.keys.arns[DATA])] if there else []
    table = DynamoTable(
        "operations",
        DynamoTableArgs(
            table_name=operations_table(pulumi.get_project(), pulumi.get_stack()),
            hash_key="pk",
            range_key="sk",
            ttl_attribute="expires",
            stream="NEW_AND_OLD_IMAGES" if replicas else None,
            key_arn=shared.keys.arns[DATA],
            replicas=replicas,
            deletion_protection=config.deletion_protection,
            tags=component_tags(tags(config, SHARED), "operations", "confidential"),
        ),
        shared.options,
    )
    throttled = Alarm(
        description="Operations cannot be recorded, so that they stop: see who uses the table.",
        namespace="AWS/DynamoDB",
        metric="WriteThrottleEvents",
        dimensions={"TableName": table.table_name},
        statistic="Sum",
        threshold=0,
        missing_data="notBreaching",
    )
    Alarms(
        "operations-alarms",
        AlarmsArgs(
            prefix="operations",
            topic_arn=shared.alerts.topic_arn,
            alarms={
                "reads-throttled": replace(throttled, metric="ReadThrottleEvents"),
                "writes-throttled": throttled,
            },
            tags=component_tags(tags(config, SHARED), "operations"),
        ),
        shared.options,
    )
    return table
