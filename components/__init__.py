"""Pulumi components for AWS: a network, stores, streams, services, an edge, and eyes on them all.

Every component is safe by default (private, encrypted, protected, logged) and stands alone::

    from platformctl.components import Network, NetworkArgs

    network = Network("main", NetworkArgs(region="us-east-1", zones=["us-east-1a", "us-east-1b"]))
"""

from platformctl.components.compute.autoscaling import CpuTracking, MetricTracking, Scaling
from platformctl.components.compute.cluster import ContainerCluster, ContainerClusterArgs
from platformctl.components.compute.repository import ImageRepository, ImageRepositoryArgs
from platformctl.components.compute.service import (
    FargateService,
    FargateServiceArgs,
    HealthCheck,
    Route,
)
from platformctl.components.data.bucket import Bucket, BucketArgs, LifecycleRule
from platformctl.components.data.postgres import (
    PostgresDatabase,
    PostgresDatabaseArgs,
    Proxy,
    Replica,
)
from platformctl.components.data.redis import RedisCache, RedisCacheArgs
from platformctl.components.edge.alias import DomainAlias, DomainAliasArgs
from platformctl.components.edge.certificate import Certificate, CertificateArgs
from platformctl.components.edge.load_balancer import (
    ApplicationLoadBalancer,
    ApplicationLoadBalancerArgs,
)
from platformctl.components.edge.static_site import (
    ApiOrigin,
    StaticFile,
    StaticSite,
    StaticSiteArgs,
)
from platformctl.components.network.network import Network, NetworkArgs
from platformctl.components.observability.alarms import Alarm, Alarms, AlarmsArgs
from platformctl.components.observability.alerts import Alerts, AlertsArgs
from platformctl.components.observability.dashboard import Dashboard, DashboardArgs, Graph, Metric
from platformctl.components.observability.logs import LogGroup, LogGroupArgs
from platformctl.components.security.groups import Allow, SecurityGroups, SecurityGroupsArgs
from platformctl.components.security.keys import Keys, KeysArgs
from platformctl.components.security.roles import ServiceRole, ServiceRoleArgs, Statement
from platformctl.components.security.secrets import StoredSecret, StoredSecretArgs
from platformctl.components.streaming.kafka import KafkaCluster, KafkaClusterArgs, Topic
from platformctl.components.streaming.queue import Queue, QueueArgs

__all__ = [
    "Alarm",
    "Alarms",
    "AlarmsArgs",
    "Alerts",
    "AlertsArgs",
    "Allow",
    "ApiOrigin",
    "ApplicationLoadBalancer",
    "ApplicationLoadBalancerArgs",
    "Bucket",
    "BucketArgs",
    "Certificate",
    "CertificateArgs",
    "ContainerCluster",
    "ContainerClusterArgs",
    "CpuTracking",
    "Dashboard",
    "DashboardArgs",
    "DomainAlias",
    "DomainAliasArgs",
    "FargateService",
    "FargateServiceArgs",
    "Graph",
    "HealthCheck",
    "ImageRepository",
    "ImageRepositoryArgs",
    "KafkaCluster",
    "KafkaClusterArgs",
    "Keys",
    "KeysArgs",
    "LifecycleRule",
    "LogGroup",
    "LogGroupArgs",
    "Metric",
    "MetricTracking",
    "Network",
    "NetworkArgs",
    "PostgresDatabase",
    "PostgresDatabaseArgs",
    "Proxy",
    "Queue",
    "QueueArgs",
    "RedisCache",
    "RedisCacheArgs",
    "Replica",
    "Route",
    "Scaling",
    "SecurityGroups",
    "SecurityGroupsArgs",
    "ServiceRole",
    "ServiceRoleArgs",
    "Statement",
    "StaticFile",
    "StaticSite",
    "StaticSiteArgs",
    "StoredSecret",
    "StoredSecretArgs",
    "Topic",
]
