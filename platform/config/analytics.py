"""`platform:analytics`: the analytics product."""

from pydantic import Field

from platformctl.config.base import Section
from platformctl.config.compute import ConsumerConfig, CpuScaledServiceConfig
from platformctl.config.data import CacheConfig, DatabaseConfig, KafkaConfig
from platformctl.config.recovery import RecoveryConfig


class AlarmsConfig(Section):
    """When people are told."""

    target_errors: int = Field(
        default=10, ge=1, description="Server errors in a period, above it twice in a row."
    )
    consumer_lag: int = Field(default=100_000, ge=1, description="Messages waiting, above it.")
    database_cpu: int = Field(
        default=80, ge=1, le=100, description="CPU of the database in percent, above it."
    )


class AnalyticsConfig(Section):
    """Events in at the ingestion service, through Kafka into PostgreSQL, out at the API."""

    ingestion: CpuScaledServiceConfig = Field(description="Takes events in over HTTP.")
    consumer: ConsumerConfig = Field(description="Writes events from Kafka to the database.")
    api: CpuScaledServiceConfig = Field(description="Answers questions about the events.")
    database: DatabaseConfig = Field(description="PostgreSQL with the events.")
    cache: CacheConfig = Field(description="Redis with the API's answers.")
    kafka: KafkaConfig = Field(description="Kafka between ingestion and consumer.")
    alarms: AlarmsConfig = Field(
        default_factory=AlarmsConfig, description="Thresholds of the alarms."
    )
    recovery: RecoveryConfig | None = Field(
        default=None, description="What a lost region may cost, if there is a recovery region."
    )
