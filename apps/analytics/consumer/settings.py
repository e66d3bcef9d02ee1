"""Settings of the consumer."""

from dataclasses import dataclass

from database.settings import DatabaseSettings
from stream.kafka import KafkaSettings
from telemetry.server import ServerSettings
from telemetry.settings import Environment

from consumer.intake import IntakeSettings


@dataclass(frozen=True)
class Settings:
    """Everything the consumer is told by its environment.

    Attributes:
        intake: Which side this task is and who says which one takes messages in.
        batch_events: Most events written in one transaction.
        metrics_namespace: CloudWatch namespace of the consumer's lag; "" publishes none.
        metrics_seconds: Time between two measurements of the lag.
        region: AWS region to publish to.
    """

    server: ServerSettings
    kafka: KafkaSettings
    database: DatabaseSettings
    intake: IntakeSettings
    batch_events: int
    metrics_namespace: str
    metrics_seconds: int
    region: str

    @classmethod
    def read(cls, environment: Environment) -> "Settings":
        """Read all settings.

        Raises:
            SettingsError: A variable is missing or wrong.
        """
        settings = cls(
            server=ServerSettings.read(environment, "analytics-consumer", 8081),
            kafka=KafkaSettings.read(environment),
            database=DatabaseSettings.read(environment),
            intake=IntakeSettings.read(environment),
            batch_events=environment.integer("BATCH_EVENTS", 2000, least=1),
            metrics_namespace=environment.text("METRICS_NAMESPACE", ""),
            metrics_seconds=environment.integer("METRICS_INTERVAL_SECONDS", 10, least=1),
            region=environment.text("AWS_REGION", "us-east-1"),
        )
        environment.check()
        return settings
