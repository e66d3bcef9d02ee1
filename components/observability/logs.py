"""Log groups that forget in time, and what is counted in them."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

import pulumi
import pulumi_aws as aws

from platformctl.components.base import Args, Component
from platformctl.config.tables import LOG_RETENTION_DAYS

LONGEST_PATTERN, LONGEST_NAME = 1024, 255


@dataclass(frozen=True, kw_only=True)
class MetricFilter:
    """What to count in a log group.

    Attributes:
        pattern: CloudWatch's filter pattern: terms, or JSON such as `{ $.level = "error" }`.
        namespace: CloudWatch namespace of the metric.
        metric: Name of the metric.
        value: What an event counts: a number, or a selector such as `$.duration`.
        default: What a minute counts in which no event matches; none without it.
        dimensions: Dimension → selector, such as `$.route`; not together with `default`.
        unit: CloudWatch's unit.
    """

    pattern: str
    namespace: str
    metric: str
    value: str = "1"
    default: float | None = None
    dimensions: Mapping[str, str] = field(default_factory=dict)
    unit: str = "Count"

    def mistakes(self) -> Iterator[str]:
        """Yield one sentence for each argument that cannot be."""
        if len(self.pattern) > LONGEST_PATTERN:
            yield f"pattern has {len(self.pattern)} characters: at most {LONGEST_PATTERN}"
        for name in ("namespace", "metric"):
            said = getattr(self, name)
            if not 1 <= len(said) <= LONGEST_NAME or any(sign in said for sign in ":*$"):
                yield f"{name} is {said!r}: 1 to {LONGEST_NAME} characters without :, * and $"
        if self.dimensions and self.default is not None:
            yield "default and dimensions exclude each other"

    def transformation(self) -> dict[str, object]:
        """Return what CloudWatch calls it."""
        wanted: dict[str, object] = {
            "name": self.metric,
            "namespace": self.namespace,
            "value": self.value,
            "unit": self.unit,
        }
        if self.default is not None:
            wanted["default_value"] = f"{self.default:g}"
        if self.dimensions:
            wanted["dimensions"] = dict(self.dimensions)
        return wanted


@dataclass(frozen=True, kw_only=True)
class LogGroupArgs(Args):
    """What a log group is.

    Attributes:
        name: Name in CloudWatch, such as `/ecs/analytics-api`.
        retention_days: Days to keep events, one of those CloudWatch offers.
        key_arn: KMS key; CloudWatch's own without it.
        region: Region to make it in; the provider's without it. Logs of CloudFront and Route 53
            live in `us-east-1`.
        metric_filters: Name of a filter → what to count.
    """

    name: str
    retention_days: int = 365
    key_arn: pulumi.Input[str] | None = None
    region: str | None = None
    metric_filters: Mapping[str, MetricFilter] = field(default_factory=dict)

    def mistakes(self) -> Iterator[str]:
        """Yield one sentence for each argument that cannot be."""
        if self.retention_days not in LOG_RETENTION_DAYS:
            allowed = ", ".join(map(str, LOG_RETENTION_DAYS))
            yield f"retention_days is {self.retention_days}: must be one of {allowed}"
        for name, wanted in self.metric_filters.items():
            yield from (f"metric filter {name!r}: {mistake}" for mistake in wanted.mistakes())


class LogGroup(Component):
    """A CloudWatch log group with a retention period, and metrics of what is in it.

    Example::

        LogGroup("api", LogGroupArgs(name="/ecs/api", retention_days=30))
        LogGroup("jobs", LogGroupArgs(name="/ecs/jobs", metric_filters={"errors": MetricFilter(
            pattern='{ $.level = "error" }', namespace="Shop", metric="Errors", default=0)}))

    Monthly cost in us-east-1: $0.50 for each GB taken in and $0.03 for each GB kept; 50 GB are
    50 × $0.50 = $25. A metric filter's metric is $0.30.

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
        for key, wanted in args.metric_filters.items():
            self.child(
                f"counts-{key}",
                aws.cloudwatch.LogMetricFilter,
                name=key,
                log_group_name=self.group.name,
                pattern=wanted.pattern,
                metric_transformation=wanted.transformation(),
                region=args.region,
            )
        self.arn = self.group.arn
        self.group_name = self.group.name
        self.finish("arn", "group_name")
