"""How to reach Kafka: one set of client properties for producer and consumer."""

import logging
from dataclasses import dataclass
from functools import partial
from typing import Any

from telemetry.settings import Environment

from stream.token import access_token

PROTOCOLS = ("PLAINTEXT", "SSL", "SASL_SSL")


@dataclass(frozen=True)
class KafkaSettings:
    """Where Kafka is, and the topics of the product."""

    brokers: str
    protocol: str
    topic: str
    dead_letter_topic: str
    group_id: str
    region: str
    authorities: str

    @classmethod
    def read(cls, environment: Environment) -> "KafkaSettings":
        """Read the settings; the topics' names are the product's own by default."""
        return cls(
            brokers=environment.text("KAFKA_BROKERS"),
            protocol=environment.choice("KAFKA_SECURITY_PROTOCOL", PROTOCOLS, "PLAINTEXT"),
            topic=environment.text("KAFKA_TOPIC", "analytics-events"),
            dead_letter_topic=environment.text(
                "KAFKA_DEAD_LETTER_TOPIC", "analytics-events-dead-letter"
            ),
            group_id=environment.text("KAFKA_GROUP_ID", "analytics-consumers"),
            region=environment.text("AWS_REGION", "us-east-1"),
            authorities=environment.text("SSL_CERT_FILE", ""),
        )

    def client(self, name: str) -> dict[str, Any]:
        """Return the librdkafka properties that every client of ours has.

        Args:
            name: How the client calls itself to the brokers.
        """
        properties: dict[str, Any] = {
            "bootstrap.servers": self.brokers,
            "client.id": name,
            "security.protocol": self.protocol,
            "reconnect.backoff.max.ms": 1000,
            "socket.keepalive.enable": True,
            "logger": logging.getLogger("kafka"),
        }
        if self.protocol != "PLAINTEXT" and self.authorities:
            properties["ssl.ca.location"] = self.authorities
        if self.protocol == "SASL_SSL":
            properties["sasl.mechanisms"] = "OAUTHBEARER"
            properties["oauth_cb"] = partial(access_token, self.region)
        return properties
