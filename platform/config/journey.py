"""`platform:journey`: user journeys, recorded and analysed as they happen."""

from pydantic import Field

from platformctl.config.base import Section
from platformctl.config.compute import CpuScaledServiceConfig, ServiceConfig
from platformctl.config.data import CacheConfig
from platformctl.config.recovery import RecoveryConfig


class JourneyComputeConfig(Section):
    """The services of the product."""

    api: CpuScaledServiceConfig = Field(
        description="Takes events in, answers questions, asks Bedrock and SageMaker."
    )
    websocket: CpuScaledServiceConfig = Field(
        description="Tells open dashboards what happens, as it happens."
    )
    user_app: ServiceConfig = Field(description="Nginx with the application of the users.")
    dashboard: ServiceConfig = Field(description="Nginx with the dashboard of the analysts.")


class EventStreamConfig(Section):
    """The Kinesis stream that events come on."""

    shards: int | None = Field(
        default=None,
        ge=1,
        le=500,
        description="Shards, each for 1,000 events a second; without it AWS adds and removes them.",
    )
    retention_hours: int = Field(
        default=168, ge=24, le=8760, description="Hours that the stream keeps events."
    )


class ProcessorConfig(Section):
    """The Lambda function that writes events to the tables."""

    memory: int = Field(default=512, ge=128, le=10_240, description="Memory in MiB.")
    timeout: int = Field(default=60, ge=1, le=900, description="Seconds an invocation may take.")
    batch_size: int = Field(default=100, ge=1, le=10_000, description="Most events at a time.")
    window_seconds: int = Field(
        default=1, ge=0, le=300, description="Seconds to gather events for before they are handled."
    )
    parallelization: int = Field(
        default=2, ge=1, le=10, description="Batches of one shard at a time."
    )
    max_retries: int = Field(
        default=3,
        ge=0,
        le=10_000,
        description="Attempts after the first before an event goes to the dead-letter queue.",
    )
    max_age_seconds: int | None = Field(
        default=86_400,
        ge=60,
        le=604_800,
        description="Seconds after which an event goes to the dead-letter queue untried.",
    )
    reserved_concurrency: int | None = Field(
        default=None, ge=1, description="Most invocations at a time, kept free for it."
    )


class TablesConfig(Section):
    """The DynamoDB tables."""

    event_days: int = Field(
        default=365, ge=1, le=3650, description="Days until an event expires in its table."
    )
    read_minimum: int = Field(default=5, ge=1, description="Fewest read units of each table.")
    read_maximum: int = Field(default=100, ge=1, description="Most read units of each table.")
    write_minimum: int = Field(default=5, ge=1, description="Fewest write units of each table.")
    write_maximum: int = Field(default=100, ge=1, description="Most write units of each table.")
    utilization: float = Field(
        default=70.0,
        ge=20,
        le=90,
        strict=False,
        description="Use of the capacity in percent that autoscaling keeps.",
    )


class LakeConfig(Section):
    """The bucket with everything that is kept for later."""

    infrequent_days: int = Field(
        default=30, ge=30, description="Days until raw events move to storage for rare reads."
    )
    archive_days: int = Field(default=90, ge=31, description="Days until they are archived.")
    expire_days: int = Field(default=730, ge=32, description="Days until they are deleted.")
    log_days: int = Field(default=90, ge=1, description="Days until logs are deleted.")
    export_days: int = Field(default=35, ge=1, description="Days until exports are deleted.")


class AnalysisConfig(Section):
    """The artificial intelligence that the API may ask."""

    bedrock_models: tuple[str, ...] = Field(
        default=("anthropic.claude-3-haiku-20240307-v1:0",),
        strict=False,
        description="Foundation models of Bedrock.",
    )
    bedrock_agents: tuple[str, ...] = Field(
        default=(),
        strict=False,
        description="Agents of Bedrock, each as `agent-id/alias-id`.",
        examples=[["ABCDEFGHIJ/KLMNOPQRST"]],
    )
    sagemaker_endpoints: tuple[str, ...] = Field(
        default=("journey-predictions",), strict=False, description="Endpoints of SageMaker."
    )


class JourneyAlarmsConfig(Section):
    """When people are told."""

    target_errors: int = Field(
        default=10, ge=1, description="Server errors in a period, above it twice in a row."
    )
    latency_seconds: float = Field(
        default=1.0, gt=0, strict=False, description="95th percentile of the answers, above it."
    )
    iterator_age_seconds: int = Field(
        default=60, ge=1, description="Age of the event that is handled, in seconds, above it."
    )
    processor_errors: int = Field(
        default=5, ge=1, description="Invocations that fail in five minutes, above it."
    )
    dead_letters: int = Field(
        default=0, ge=0, description="Messages in the dead-letter queue, above it."
    )
    cache_memory: int = Field(
        default=80, ge=1, le=100, description="Memory of the cache in percent, above it."
    )


class JourneyConfig(Section):
    """Events through Kinesis into DynamoDB, watched live on a dashboard."""

    compute: JourneyComputeConfig = Field(description="The services.")
    cache: CacheConfig = Field(description="Redis with rate limits, sessions and live updates.")
    stream: EventStreamConfig = Field(
        default_factory=EventStreamConfig, description="The stream of events."
    )
    processor: ProcessorConfig = Field(
        default_factory=ProcessorConfig, description="What writes events to the tables."
    )
    tables: TablesConfig = Field(default_factory=TablesConfig, description="The tables.")
    lake: LakeConfig = Field(default_factory=LakeConfig, description="The data lake.")
    analysis: AnalysisConfig = Field(
        default_factory=AnalysisConfig, description="What the API may ask."
    )
    requests_per_minute: int = Field(
        default=1000, ge=1, description="Requests that one user may make in a minute."
    )
    dead_letter_days: int = Field(
        default=14, ge=1, le=14, description="Days that the dead-letter queue keeps an event."
    )
    alarms: JourneyAlarmsConfig = Field(
        default_factory=JourneyAlarmsConfig, description="Thresholds of the alarms."
    )
    recovery: RecoveryConfig | None = Field(
        default=None, description="What a lost region may cost, if there is a recovery region."
    )
