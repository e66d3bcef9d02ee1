"""Stores: PostgreSQL, Redis, Kafka."""

from typing import Literal

from pydantic import Field

from platformctl.config.base import Section


class ReplicaConfig(Section):
    """A read replica of the database in the same region."""

    instance_class: str = Field(
        description="Size of the replica.", pattern=r"^db\.", examples=["db.r5.large"]
    )


class ProxyConfig(Section):
    """A connection pool (RDS Proxy) in front of the database; TLS is always required."""

    idle_client_timeout: int = Field(
        default=1800, ge=1, le=28800, description="Seconds before an idle client is cut off."
    )
    max_connections_percent: int = Field(
        default=100, ge=1, le=100, description="Share of the database's connections it may use."
    )


class DatabaseConfig(Section):
    """A PostgreSQL database."""

    instance_class: str = Field(
        description="Size of the instance.", pattern=r"^db\.", examples=["db.r5.xlarge"]
    )
    allocated_storage: int = Field(default=20, ge=20, le=65536, description="Storage in GiB, gp3.")
    max_allocated_storage: int | None = Field(
        default=None,
        ge=22,
        le=65536,
        description="GiB up to which RDS adds storage by itself; not at all without it.",
    )
    engine_version: str = Field(
        default="15",
        description="PostgreSQL version: the major, or a minor that AWS still offers. Minor "
        "upgrades are automatic.",
        examples=["15", "15.12"],
    )
    multi_az: bool = Field(
        default=True, alias="multiAZ", description="Keep a standby in a second zone."
    )
    backup_retention: int = Field(
        default=7, ge=0, le=35, description="Days to keep automated backups; 0 turns them off."
    )
    backup_window: str = Field(
        default="03:00-04:00",
        description="Daily window for backups, UTC.",
        pattern=r"^([01]\d|2[0-3]):[0-5]\d-([01]\d|2[0-3]):[0-5]\d$",
    )
    maintenance_window: str = Field(
        default="Mon:04:00-Mon:05:00",
        description="Weekly window for maintenance, UTC.",
        pattern=r"^(Mon|Tue|Wed|Thu|Fri|Sat|Sun):([01]\d|2[0-3]):[0-5]\d"
        r"-(Mon|Tue|Wed|Thu|Fri|Sat|Sun):([01]\d|2[0-3]):[0-5]\d$",
    )
    replica: ReplicaConfig | None = Field(default=None, description="Read replica, if wanted.")
    proxy: ProxyConfig | None = Field(default=None, description="RDS Proxy, if wanted.")


class CacheConfig(Section):
    """A Redis cache: one primary, the rest replicas; encrypted both ways, with an auth token."""

    node_type: str = Field(
        description="Size of a node.", pattern=r"^cache\.", examples=["cache.r5.large"]
    )
    nodes: int = Field(default=2, ge=1, le=6, description="Nodes, the primary included.")
    engine_version: str = Field(default="7.0", description="Redis version.")
    snapshot_retention: int = Field(
        default=5, ge=0, le=35, description="Daily snapshots to keep; 0 turns them off."
    )
    ttl_seconds: int = Field(
        default=60, ge=1, le=86400, description="Seconds that the API keeps an answer."
    )


class KafkaConfig(Section):
    """A Kafka cluster (Amazon MSK)."""

    brokers: int = Field(
        default=3, ge=2, le=30, description="Brokers; a multiple of the number of zones."
    )
    instance_type: str = Field(
        description="Size of a broker.", pattern=r"^kafka\.", examples=["kafka.m5.large"]
    )
    volume_size: int = Field(
        default=100, ge=1, le=16384, description="Storage of each broker in GiB."
    )
    version: str = Field(default="3.5.1", description="Kafka version.")
    authentication: Literal["plaintext", "tls", "iam"] = Field(
        default="iam",
        description="How clients connect, which decides the port: `iam` 9098 (TLS and IAM), `tls` "
        "9094, `plaintext` 9092 (only in a local environment).",
    )
    partitions: int = Field(
        default=10, ge=1, le=1000, description="Partitions of the topic of events."
    )
    retention_hours: int = Field(
        default=72, ge=1, le=8760, description="Hours that the topic keeps events."
    )
