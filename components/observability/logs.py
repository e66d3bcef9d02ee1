"""Log groups that forget in time."""

from collections.abc import Iterator
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from platformctl.components.base import Args, Component
from platformctl.config.tables import LOG_RETENTION_DAYS


@dataclass(frozen=True, kw_only=True)
class LogGroupArgs(Args):
    """What a log group is.

    Attributes:
        name: Name in CloudWatch, such as `/ecs/analytics-api`.
        retention_days: Days to keep events, one of those CloudWatch offers.
        key_arn: KMS key; CloudWatch's own without it.
        region: Region to make it in; the provider's without it. Logs of CloudFront and Route 53
            live in `us-east-1`.
    """

    name: str
    retention_days: int = 365
    key_arn: pulumi.Input[str] | None = None
    region: str | None = None

    def mistakes(self) -> Iterator[str]:
        """Yield one sentence for each argument that cannot be."""
        if self.retention_days not in LOG_RETENTION_DAYS:
            allowed = ", ".join(map(str, LOG_RETENTION_DAYS))
            yield f"retention_days is {self.retention_days}: must be one of {allowed}"


class LogGroup(Component):
    """A CloudWatch log group with a retention period.

    Example::

        LogGroup("api", LogGroupArgs(name="/ecs/api", retention_days=30))

    Monthly cost in us-east-1: $0.50 for each GB taken in and $0.03 for each GB kept; 50 GB are
    50 × $0.50 = $25.

    Attributes:
        arn: ARN, without the `:*` that means its streams.
        group_name: Name in CloudWatch.
    """

    arn: pulumi.Output[str]
    group_name: pulumi.Output[str]

    def __init__(
        self, name: str, args: LogGroupArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("observability:LogGroup", name, args, opts)
        self.group = self.child(
            "",
            aws.cloudwatch.LogGroup,
            name=args.name,
            retention_in_days=args.retention_days,
            kms_key_id=args.key_arn,
            region=args.region,
        )
        self.arn = self.group.arn
        self.group_name = self.group.name
        self.finish("arn", "group_name")
