"""`platform:aura`: the encrypted journal on Kubernetes."""

from typing import Literal

from pydantic import Field

from platformctl.config.base import Count, Section
from platformctl.config.data import CacheConfig, DatabaseConfig
from platformctl.config.recovery import RecoveryConfig
from platformctl.config.tables import KUBERNETES_VERSIONS


class NodeGroupConfig(Section):
    """Machines of one kind."""

    instance_types: tuple[str, ...] = Field(
        description="EC2 instance types; several for spot capacity.",
        min_length=1,
        strict=False,
        examples=[["m6i.xlarge"]],
    )
    minimum: Count = Field(description="Fewest nodes.")
    desired: Count = Field(description="Nodes to run.")
    maximum: int = Field(ge=1, le=450, description="Most nodes.")
    architecture: Literal["x86_64", "arm64"] = Field(
        default="x86_64", description="Processors of the nodes, and of the images."
    )
    disk_size: int = Field(default=50, ge=20, le=16384, description="Root volume of a node in GiB.")
    spot: bool = Field(
        default=False,
        description="Spot instances, which may be taken away with two minutes' warning.",
    )


class KubernetesConfig(Section):
    """A Kubernetes cluster (Amazon EKS)."""

    version: str = Field(
        default=KUBERNETES_VERSIONS[-1],
        description="Kubernetes version; one that EKS supports.",
        examples=list(KUBERNETES_VERSIONS),
    )
    public_access_cidrs: tuple[str, ...] = Field(
        default=(),
        strict=False,
        description="Networks that may reach the API server from the internet; without any it can "
        "be reached from inside the VPC only.",
        examples=[["203.0.113.0/24"]],
    )
    administrators: tuple[str, ...] = Field(
        default=(),
        strict=False,
        description="ARNs of roles that may do everything in the cluster, besides who makes it.",
    )
    node_groups: dict[str, NodeGroupConfig] = Field(
        min_length=1, description="Name of a group of nodes → its machines."
    )


class WorkloadConfig(Section):
    """One service on Kubernetes."""

    replicas: Count = Field(
        default=3,
        description="Pods to run. Where the service scales, the number to start with: afterwards "
        "autoscaling owns it.",
    )
    minimum: int | None = Field(
        default=None, ge=1, description="Fewest pods; with `maximum` it turns autoscaling on."
    )
    maximum: int | None = Field(default=None, ge=1, description="Most pods.")
    cpu_target: int = Field(
        default=70,
        ge=1,
        le=100,
        description="Average use of the requested CPU in percent that autoscaling keeps.",
    )
    cpu_request: int = Field(default=250, ge=1, description="Millicores set aside for a pod.")
    cpu_limit: int = Field(default=500, ge=1, description="Millicores that a pod has at most.")
    memory_request: int = Field(default=256, ge=4, description="MiB set aside for a pod.")
    memory_limit: int = Field(default=512, ge=4, description="MiB that a pod has at most.")
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


class AuraServicesConfig(Section):
    """The services of the journal."""

    gateway: WorkloadConfig = Field(
        default_factory=WorkloadConfig, description="Takes requests in, limits and routes them."
    )
    auth: WorkloadConfig = Field(
        default_factory=WorkloadConfig, description="Accounts, sessions and tokens."
    )
    entry_ingestor: WorkloadConfig = Field(
        default_factory=WorkloadConfig, description="Journal entries, encrypted."
    )
    nlp_agent: WorkloadConfig = Field(
        default_factory=WorkloadConfig, description="Sentiment, topics and emotions of entries."
    )
    user: WorkloadConfig = Field(
        default_factory=WorkloadConfig, description="Profiles, preferences, exports."
    )
    notification: WorkloadConfig = Field(
        default_factory=WorkloadConfig, description="Messages to users."
    )
    web: WorkloadConfig = Field(default_factory=WorkloadConfig, description="The web client.")


class DocumentsConfig(Section):
    """A DocumentDB cluster, which speaks MongoDB's protocol."""

    instance_class: str = Field(
        description="Size of an instance.", pattern=r"^db\.", examples=["db.t3.medium"]
    )
    instances: int = Field(default=2, ge=1, le=16, description="Instances, the writer included.")
    backup_retention: int = Field(
        default=7, ge=1, le=35, description="Days to keep automated backups."
    )


class AuraAlarmsConfig(Section):
    """When people are told."""

    target_errors: int = Field(
        default=10, ge=1, description="Server errors in a period, above it twice in a row."
    )
    latency_seconds: float = Field(
        default=1.0, gt=0, strict=False, description="95th percentile of the answers, above it."
    )
    database_cpu: int = Field(
        default=80, ge=1, le=100, description="CPU of the database in percent, above it."
    )
    documents_connections: int = Field(
        default=800, ge=1, description="Connections to DocumentDB, above it."
    )
    cache_memory: int = Field(
        default=80, ge=1, le=100, description="Memory of the cache in percent, above it."
    )


class AuraConfig(Section):
    """Journaling services on EKS with PostgreSQL, DocumentDB and Redis."""

    kubernetes: KubernetesConfig = Field(description="The cluster that the services run in.")
    services: AuraServicesConfig = Field(
        default_factory=AuraServicesConfig, description="The services."
    )
    database: DatabaseConfig = Field(description="PostgreSQL with accounts and entries.")
    documents: DocumentsConfig = Field(description="DocumentDB with analyses of entries.")
    cache: CacheConfig = Field(description="Redis with sessions, limits and pages.")
    alarms: AuraAlarmsConfig = Field(
        default_factory=AuraAlarmsConfig, description="Thresholds of the alarms."
    )
    recovery: RecoveryConfig | None = Field(
        default=None, description="What a lost region may cost, if there is a recovery region."
    )
