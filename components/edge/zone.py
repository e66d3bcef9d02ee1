"""A public hosted zone that records what it is asked."""

# pulumi_aws loads its modules when they are first named; annotations must not name them.
from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from platformctl.components.base import Args, Component
from platformctl.components.edge.failover import DOMAIN
from platformctl.components.observability.logs import LogGroup, LogGroupArgs

LOG_REGION = "us-east-1"
"""The one region in which Route 53 writes the logs of public zones."""


@dataclass(frozen=True, kw_only=True)
class HostedZoneArgs(Args):
    """Which domain the zone is for.

    Attributes:
        domain: The domain.
        query_logs: Whether to record what it is asked.
        log_retention_days: Days to keep those records.
        log_key_arn: KMS key of the records, in us-east-1; CloudWatch's own without it.
        deletion_protection: Whether Pulumi refuses to delete the zone, whose name servers the
            registrar has been told of.
    """

    domain: str
    query_logs: bool = True
    log_retention_days: int = 90
    log_key_arn: pulumi.Input[str] | None = None
    deletion_protection: bool = True

    def mistakes(self) -> Iterator[str]:
        """Yield one sentence for each argument that cannot be."""
        if not DOMAIN.fullmatch(self.domain):
            yield f"domain is {self.domain!r}: that is no domain name"


class HostedZone(Component):
    """A public Route 53 hosted zone with query logs.

    Example::

        HostedZone("shop", HostedZoneArgs(domain="shop.example.com"))

    Monthly cost: $0.50, $0.40 for a million queries that are not for aliases of AWS's, and $0.50
    for each GB of query logs.

    Attributes:
        hosted_zone_id: Id of the zone, for records.
        name_servers: Its name servers, for the registrar.
    """

    hosted_zone_id: pulumi.Output[str]
    name_servers: pulumi.Output[Sequence[str]]

    def __init__(
        self, name: str, args: HostedZoneArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("edge:HostedZone", name, args, opts)
        self.zone = self.child(
            "",
            aws.route53.Zone,
            name=args.domain,
            comment="Public zone",
            options=pulumi.ResourceOptions(protect=args.deletion_protection),
        )
        if args.query_logs:
            _query_logs(self, args)
        self.hosted_zone_id = self.zone.zone_id
        self.name_servers = self.zone.name_servers
        self.finish("hosted_zone_id", "name_servers")


def _query_logs(zone: HostedZone, args: HostedZoneArgs) -> None:
    """Let Route 53 write the queries of this zone to a log group of its own."""
    group = LogGroup(
        f"{zone.name}-queries",
        LogGroupArgs(
            name=f"/aws/route53/{args.domain}",
            retention_days=args.log_retention_days,
            key_arn=args.log_key_arn,
            region=LOG_REGION,
            tags=args.tags,
        ),
        zone.options(),
    )
    account = aws.get_caller_identity_output(
        opts=pulumi.InvokeOutputOptions(parent=zone)
    ).account_id
    policy = zone.child(
        "query-log-policy",
        aws.cloudwatch.LogResourcePolicy,
        policy_name=f"route53-{args.domain}",
        region=LOG_REGION,
        policy_document=pulumi.Output.json_dumps(
            {
                "Version": "2012-10-17",
                "Statement": [
                    {
                        "Effect": "Allow",
                        "Principal": {"Service": "route53.amazonaws.com"},
                        "Action": ["logs:CreateLogStream", "logs:PutLogEvents"],
                        "Resource": pulumi.Output.concat(group.arn, ":*"),
                        "Condition": {"StringEquals": {"aws:SourceAccount": account}},
                    }
                ],
            }
        ),
    )
    zone.child(
        "query-log",
        aws.route53.QueryLog,
        zone_id=zone.zone.zone_id,
        cloudwatch_log_group_arn=group.arn,
        # Route 53 tries to write when it is told of the group.
        options=pulumi.ResourceOptions(depends_on=[policy]),
    )
