"""Services on Fargate: size, count, scaling."""

from pydantic import Field

from platformctl.config.base import Count, Section


class HealthCheckConfig(Section):
    """How the load balancer finds out whether a task is well."""

    interval: int = Field(default=30, ge=5, le=300, description="Seconds between two probes.")
    timeout: int = Field(default=5, ge=2, le=120, description="Seconds a probe may take.")
    healthy_threshold: int = Field(
        default=3, ge=2, le=10, description="Probes in a row that make a task healthy."
    )
    unhealthy_threshold: int = Field(
        default=2, ge=2, le=10, description="Probes in a row that make a task unhealthy."
    )


class ServiceConfig(Section):
    """One service on Fargate."""

    cpu: int = Field(
        default=256, description="CPU units of a task, 1024 for one vCPU.", examples=[256]
    )
    memory: int = Field(
        default=512, description="Memory of a task in MiB; must go with `cpu`.", examples=[512]
    )
    desired_count: Count = Field(
        default=2,
        description="Tasks to run. Where the service scales, the count to start with: afterwards "
        "autoscaling owns it.",
    )
    min_count: Count | None = Field(
        default=None, description="Fewest tasks; without it, `desiredCount`."
    )
    max_count: Count | None = Field(
        default=None, description="Most tasks; it turns autoscaling on."
    )
    version: str | None = Field(
        default=None,
        description="Image tag to run; without it, the tag of the current source.",
        pattern=r"^[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}$",
    )
    environment: dict[str, str] = Field(
        default_factory=dict,
        description="Further environment variables. Never secrets: those are generated.",
        examples=[{"LOG_LEVEL": "debug"}],
    )
    health_check: HealthCheckConfig = Field(
        default_factory=HealthCheckConfig, description="Health checks of its tasks."
    )
    deregistration_delay: int = Field(
        default=30,
        ge=0,
        le=3600,
        description="Seconds a leaving task may take to finish its requests.",
    )

    @property
    def bounds(self) -> tuple[int, int] | None:
        """Fewest and most tasks, if autoscaling owns their number."""
        if self.max_count is None:
            return None
        low = self.desired_count if self.min_count is None else self.min_count
        return low, self.max_count


class CpuScaledServiceConfig(ServiceConfig):
    """A service that scales by its CPU."""

    cpu_target: float = Field(
        default=70.0,
        gt=0,
        le=100,
        strict=False,
        description="Average CPU in percent that autoscaling keeps.",
    )


class ConsumerConfig(ServiceConfig):
    """The service that scales by the messages waiting for it."""

    lag_target: int = Field(
        default=10_000, ge=1, description="Waiting messages that autoscaling keeps."
    )
    spot_percent: int = Field(
        default=0,
        ge=0,
        le=100,
        description="Share of its tasks on Fargate Spot, in percent; they may be taken away with "
        "two minutes' warning and cost about 70 % less.",
    )
