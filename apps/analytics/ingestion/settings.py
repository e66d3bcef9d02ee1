"""Settings of the ingestion service."""

from dataclasses import dataclass
from datetime import timedelta

from stream.kafka import KafkaSettings
from telemetry.server import ServerSettings
from telemetry.settings import Environment


@dataclass(frozen=True)
class Limits:
    """What one request may bring.

    Attributes:
        events: Events per request.
        body_bytes: Size of the request's body.
        event_bytes: Size of one event as it is written to Kafka.
        oldest: Age up to which an event is taken.
        newest: How far ahead of our clock an event may be.
    """

    events: int = 1000
    body_bytes: int = 1024 * 1024
    event_bytes: int = 64 * 1024
    oldest: timedelta = timedelta(days=30)
    newest: timedelta = timedelta(minutes=5)


@dataclass(frozen=True)
class Settings:
    """Everything the service is told by its environment.

    Attributes:
        in_flight: Events that may wait for Kafka's acknowledgement at the same time; requests
            beyond it are answered 503.
        delivery_seconds: How long Kafka may take to acknowledge an event.
    """

    server: ServerSettings
    kafka: KafkaSettings
    limits: Limits
    in_flight: int
    delivery_seconds: int

    @classmethod
    def read(cls, environment: Environment) -> "Settings":
        """Read all settings.

        Raises:
            SettingsError: A variable is missing or wrong.
        """
        settings = cls(
            server=ServerSettings.read(environment, "analytics-ingestion", 8080),
            kafka=KafkaSettings.read(environment),
            limits=Limits(
                oldest=timedelta(
                    seconds=environment.integer("EVENT_MAX_AGE_SECONDS", 30 * 24 * 3600, least=60)
                )
            ),
            in_flight=environment.integer("MAX_EVENTS_IN_FLIGHT", 50_000, least=1000),
            delivery_seconds=environment.integer("DELIVERY_TIMEOUT_SECONDS", 10, least=1),
        )
        environment.check()
        return settings
