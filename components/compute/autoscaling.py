"""How many tasks a service runs, and who decides."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from platformctl.components.compute.schedule_expressions import schedule_mistakes


@dataclass(frozen=True, kw_only=True)
class CpuTracking:
    """Keep the average CPU of the service at a value.

    Attributes:
        target: Percent.
    """

    target: float = 70.0

    def configuration(self) -> dict[str, Any]:
        """Return what Application Auto Scaling calls it."""
        return {
            "predefined_metric_specification": {
                "predefined_metric_type": "ECSServiceAverageCPUUtilization"
            },
            "target_value": self.target,
        }


@dataclass(frozen=True, kw_only=True)
class MetricTracking:
    """Keep a metric of one's own at a value.

    Attributes:
        namespace: CloudWatch namespace.
        metric: Name of the metric, published without dimensions.
        target: Value to keep.
        statistic: Statistic of the metric.
    """

    namespace: str
    metric: str
    target: float
    statistic: str = "Average"

    def configuration(self) -> dict[str, Any]:
        """Return what Application Auto Scaling calls it."""
        return {
            "customized_metric_specification": {
                "namespace": self.namespace,
                "metric_name": self.metric,
                "statistic": self.statistic,
            },
            "target_value": self.target,
        }


@dataclass(frozen=True, kw_only=True)
class CpuSteps:
    """Add tasks while the CPU is high, and take some away while it is low.

    Attributes:
        up_percent: Average CPU of the service above which tasks are added.
        up_periods: Periods in a row that must be above it.
        up_tasks: Tasks to add.
        down_percent: Average CPU below which tasks are taken away.
        down_periods: Periods in a row that must be below it.
        down_tasks: Tasks to take away.
        period: Seconds of a period.
    """

    up_percent: float = 70.0
    up_periods: int = 2
    up_tasks: int = 1
    down_percent: float = 30.0
    down_periods: int = 5
    down_tasks: int = 1
    period: int = 60

    def mistakes(self) -> Iterator[str]:
        """Yield one sentence for each argument that cannot be."""
        if not 0 < self.down_percent < self.up_percent <= 100:
            bounds = f"{self.down_percent} and {self.up_percent}"
            yield f"steps are at {bounds} percent: down must be below up, both from 0 to 100"
        for name in ("up_periods", "up_tasks", "down_periods", "down_tasks"):
            if getattr(self, name) < 1:
                yield f"steps have {name} {getattr(self, name)}: must be at least 1"
        if self.period < 60 or self.period % 60:
            yield f"steps have period {self.period}: must be whole minutes"


@dataclass(frozen=True, kw_only=True)
class ScheduledCapacity:
    """Bounds from a moment on, such as more tasks in the morning.

    Attributes:
        schedule: `cron(...)`, `rate(...)` or `at(...)`.
        minimum: Fewest tasks from then on.
        maximum: Most tasks from then on.
        timezone: Time zone of the schedule.
    """

    schedule: str
    minimum: int
    maximum: int
    timezone: str = "UTC"

    def mistakes(self) -> Iterator[str]:
        """Yield one sentence for each argument that cannot be."""
        yield from schedule_mistakes("schedule", self.schedule)
        if not 0 <= self.minimum <= self.maximum:
            yield f"schedule has minimum {self.minimum}: must not exceed maximum {self.maximum}"


@dataclass(frozen=True, kw_only=True)
class Scaling:
    """Bounds of a service, and what it follows between them.

    Attributes:
        minimum: Fewest tasks.
        maximum: Most tasks.
        tracking: What to keep at which value.
        steps: Steps by CPU, beside or instead of `tracking`.
        schedules: Key → bounds from a moment on.
        scale_in_seconds: Seconds between two decisions for fewer tasks.
        scale_out_seconds: Seconds between two decisions for more.
    """

    minimum: int
    maximum: int
    tracking: CpuTracking | MetricTracking | None = None
    steps: CpuSteps | None = None
    schedules: Mapping[str, ScheduledCapacity] = field(default_factory=dict)
    scale_in_seconds: int = 300
    scale_out_seconds: int = 60

    def mistakes(self, desired: int) -> Iterator[str]:
        """Yield one sentence for each bound that cannot be."""
        if not 0 <= self.minimum <= self.maximum:
            yield f"scaling has minimum {self.minimum}: must not exceed maximum {self.maximum}"
        elif not self.minimum <= desired <= self.maximum:
            yield f"desired_count is {desired}: must be from {self.minimum} to {self.maximum}"
        if self.tracking is None and self.steps is None and not self.schedules:
            yield "scaling follows nothing: say tracking, steps or schedules"
        if self.steps is not None:
            yield from self.steps.mistakes()
        for key, capacity in self.schedules.items():
            yield from (f"scaling {key!r}: {mistake}" for mistake in capacity.mistakes())
