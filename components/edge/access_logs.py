"""Access logs of CloudFront, delivered to CloudWatch Logs."""

# pulumi_aws loads its modules when they are first named; annotations must not name them.
from __future__ import annotations

import pulumi
import pulumi_aws as aws

from platformctl.components.base import Component
from platformctl.components.observability.logs import LogGroup, LogGroupArgs
from platformctl.naming.names import fit

REGION = "us-east-1"
"""Where CloudFront's log deliveries are set up, wherever the rest is."""
GROUP_PREFIX = "/aws/vendedlogs/cloudfront/"
"""CloudWatch lets AWS's services write to groups under `/aws/vendedlogs/` without a list of each
in the account's one log policy, whose size is limited (CloudWatch Logs User Guide, Enable logging
from AWS services)."""


def deliver_access_logs(
    component: Component,
    distribution: aws.cloudfront.Distribution,
    *,
    retention_days: int,
    key_arn: pulumi.Input[str] | None,
    tags: dict[str, str],
) -> LogGroup:
    """Deliver what a distribution is asked to a log group, and return that.

    Args:
        component: The component that the distribution belongs to.
        distribution: The distribution.
        retention_days: Days to keep the logs.
        key_arn: KMS key of the log group, in us-east-1.
        tags: Tags of the log group.
    """
    group = LogGroup(
        f"{component.name}-access-logs",
        LogGroupArgs(
            name=f"{GROUP_PREFIX}{component.name}",
            retention_days=retention_days,
            key_arn=key_arn,
            region=REGION,
            tags=tags,
        ),
        component.options(),
    )
    name = fit(component.name, "log delivery")
    source = component.child(
        "log-source",
        aws.cloudwatch.LogDeliverySource,
        name=name,
        log_type="ACCESS_LOGS",
        resource_arn=distribution.arn,
        region=REGION,
    )
    destination = component.child(
        "log-destination",
        aws.cloudwatch.LogDeliveryDestination,
        name=name,
        output_format="json",
        delivery_destination_configuration={"destination_resource_arn": group.arn},
        region=REGION,
    )
    component.child(
        "log-delivery",
        aws.cloudwatch.LogDelivery,
        delivery_source_name=source.name,
        delivery_destination_arn=destination.arn,
        region=REGION,
    )
    return group
