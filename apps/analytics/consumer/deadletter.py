"""Messages that can never be stored go to a topic of their own, with the reason."""

from collections.abc import Sequence
from typing import cast

from confluent_kafka import KafkaError, KafkaException, Message, Producer
from stream.kafka import KafkaSettings

from consumer.records import Poison

FLUSH_SECONDS = 10


class DeadLetterUnavailable(Exception):  # noqa: N818  # named after what it means to the caller
    """The dead-letter topic did not take a message; the same call may work later."""


class DeadLetters:
    """Writes messages to the dead-letter topic and waits until Kafka has them."""

    def __init__(self, settings: KafkaSettings) -> None:
        self._topic = settings.dead_letter_topic
        self._producer = Producer(
            settings.client("consumer-dead-letter")
            | {
                "acks": "all",
                "enable.idempotence": True,
                "delivery.timeout.ms": (FLUSH_SECONDS - 1) * 1000,
            }
        )

    def write(self, poison: Sequence[Poison]) -> None:
        """Write messages as they came, with headers that say why and from where.

        Raises:
            DeadLetterUnavailable: Kafka has not acknowledged all of them.
        """
        errors: list[KafkaError] = []

        def delivered(error: KafkaError | None, _: Message) -> None:
            if error is not None:
                errors.append(error)

        try:
            for item in poison:
                message = item.message
                self._producer.produce(
                    self._topic,
                    message.value(),
                    message.key(),
                    headers=_headers(item),
                    on_delivery=delivered,
                )
        except (BufferError, KafkaException) as error:
            raise DeadLetterUnavailable(str(error)) from error
        left = self._producer.flush(FLUSH_SECONDS)
        if left or errors:
            reason = errors[0].str() if errors else f"{left} messages are not acknowledged"
            raise DeadLetterUnavailable(reason)


def _headers(item: Poison) -> list[tuple[str, str | bytes | None]]:
    """Return the headers the message came with, then ours."""
    message = item.message
    return [
        *cast("list[tuple[str, bytes | None]]", message.headers() or []),
        ("dead-letter-reason", item.reason),
        ("dead-letter-topic", message.topic() or ""),
        ("dead-letter-partition", str(message.partition())),
        ("dead-letter-offset", str(message.offset())),
    ]
