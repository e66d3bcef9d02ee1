"""`platform:cutover`: how traffic moves from one version of a service to the next."""

from typing import Literal

from pydantic import Field

from platformctl.config.base import Section

Preset = Literal["allAtOnce", "canary", "linear"]
ALL = 100
# Weights, and seconds between them: those of ECS's own canary and linear deployments.
PRESETS: dict[Preset, tuple[tuple[int, ...], int]] = {
    "allAtOnce": ((ALL,), 0),
    "canary": ((5, ALL), 600),
    "linear": (tuple(range(10, ALL + 1, 10)), 360),
}
STEP_SECONDS = 60
LONGEST_SECONDS = 48 * 3600


class AnalysisConfig(Section):
    """When a new version is good enough to get more requests."""

    interval_seconds: int = Field(
        default=60, ge=1, le=3600, description="Seconds between two looks at the figures."
    )
    period_seconds: int = Field(
        default=60,
        ge=1,
        le=3600,
        description="Seconds of traffic that one look sums up. CloudWatch has nothing finer than "
        "60 of a load balancer; only the local region has.",
    )
    minimum_requests: int = Field(
        default=20,
        ge=1,
        description="Requests in a period that are needed to judge by.",
    )
    success_percent: float = Field(
        default=99.0,
        gt=0,
        le=100,
        strict=False,
        description="Least share of answers that are no server errors.",
    )
    p50_milliseconds: int | None = Field(
        default=None,
        ge=1,
        description="Most time that half of the answers may take. It tells a slower version by a "
        "handful of requests, as the first answers of a new process, which are slow, hardly count.",
    )
    p95_milliseconds: int | None = Field(
        default=None, ge=1, description="Most time that 95 % of the answers may take."
    )
    p99_milliseconds: int | None = Field(
        default=500, ge=1, description="Most time that 99 % of the answers may take."
    )
    relative_error_percent: float | None = Field(
        default=1.0,
        ge=0,
        le=100,
        strict=False,
        description="How many percentage points more server errors than the old version.",
    )
    relative_latency_percent: float | None = Field(
        default=50.0,
        ge=0,
        strict=False,
        description="How much slower than the old version 95 % of the answers may be, in percent.",
    )
    without_data: Literal["pause", "probe", "fail"] = Field(
        default="pause",
        description="What to do where there are too few requests to judge by: `pause` until there "
        "are or a person decides, `probe` with requests of our own, or `fail` and go back.",
    )
    error_limit: int = Field(
        default=4,
        ge=0,
        le=100,
        description="Looks in a row that may fail to get any figures, before it goes back.",
    )


class CutoverConfig(Section):
    """How a new version takes over, unless the command says otherwise."""

    preset: Preset | None = Field(
        default=None,
        description="`allAtOnce`; `canary`, 5 % and then everything; or `linear`, 10 % more at a "
        "time. `canary` where there are no `weights` either.",
    )
    weights: tuple[int, ...] | None = Field(
        default=None,
        min_length=1,
        strict=False,
        description="Steps of your own instead of a preset: percent of the requests that the new "
        "version gets.",
        examples=[[1, 10, 50, 100]],
    )
    step_seconds: int | None = Field(
        default=None,
        ge=0,
        le=LONGEST_SECONDS,
        description=f"Seconds at each weight; without it, the preset's own: {PRESETS['canary'][1]} "
        f"of `canary`, {PRESETS['linear'][1]} of `linear`; {STEP_SECONDS} with `weights`.",
    )
    bake_seconds: int = Field(
        default=600,
        ge=0,
        le=LONGEST_SECONDS,
        description="Seconds at 100 % that the new version is still watched, and reversed by "
        "itself if it fails.",
    )
    keep_warm_seconds: int = Field(
        default=1800,
        ge=0,
        le=LONGEST_SECONDS,
        description="Seconds after that in which the old version keeps running, so that a rollback "
        "takes seconds.",
    )
    deadline_seconds: int = Field(
        default=600,
        ge=5,
        le=LONGEST_SECONDS,
        description="Seconds in which the new version must have started and be well.",
    )
    ready_seconds: int = Field(
        default=30,
        ge=0,
        le=3600,
        description="Seconds that all of its tasks must have been well without a restart.",
    )
    analysis: AnalysisConfig = Field(
        default_factory=AnalysisConfig, description="What is measured at each weight."
    )

    @property
    def steps(self) -> tuple[int, ...]:
        """Percent of the requests that the new version gets, step by step; ends with 100."""
        if self.weights is not None:
            return self.weights
        return PRESETS[self.preset or "canary"][0]

    @property
    def seconds_between(self) -> int:
        """Seconds at each weight before the next one."""
        if self.step_seconds is not None:
            return self.step_seconds
        return STEP_SECONDS if self.weights is not None else PRESETS[self.preset or "canary"][1]
