"""Pulumi components for AWS: a network, stores, streams, services, an edge, and eyes on them all.

Every component is safe by default (private, encrypted, protected, logged) and stands alone::

    from platformctl.components import Network, NetworkArgs

    network = Network("main", NetworkArgs(region="us-east-1", zones=["us-east-1a", "us-east-1b"]))
"""

from platformctl.components.compute.autoscaling import (
    CpuSteps,
    CpuTracking,
    MetricTracking,
    Scaling,
    ScheduledCapacity,
)
from platformctl.components.compute.cluster import ContainerCluster, ContainerClusterArgs
from platformctl.components.compute.event_sources import QueueSource, StreamSource
from platformctl.components.compute.feature_flags import FeatureFlags, FeatureFlagsArgs
from platformctl.components.compute.function import Invoker, LambdaFunction, LambdaFunctionArgs
from platformctl.components.compute.kubernetes_arguments import (
    KubernetesWorkloadArgs,
    Peer,
    PodScaling,
    Probe,
    Resources,
    SecretKey,
)
from platformctl.components.compute.kubernetes_cluster import (
    KubernetesCluster,
    KubernetesClusterArgs,
    NodeGroup,
)
from platformctl.components.compute.kubernetes_namespace import (
    KubernetesNamespace,
    KubernetesNamespaceArgs,
)
from platformctl.components.compute.kubernetes_workload import KubernetesWorkload
from platformctl.components.compute.load_balancer_controller import (
    LoadBalancerController,
    LoadBalancerControllerArgs,
)
from platformctl.components.compute.repository import (
    ImageRepository,
    ImageRepositoryArgs,
    RegistryReplication,
    RegistryReplicationArgs,
)
from platformctl.components.compute.schedule import ScheduledTask, ScheduledTaskArgs
from platformctl.components.compute.service import FargateService
from platformctl.components.compute.service_args import BlueGreen, FargateServiceArgs, Rolling
from platformctl.components.compute.service_routing import HealthCheck, Route
from platformctl.components.compute.standalone_task import StandaloneTask, StandaloneTaskArgs
from platformctl.components.compute.tracing import MetricsTarget
from platformctl.components.data.backup import (
    BackupPlan,
    BackupPlanArgs,
    BackupRule,
    BackupVault,
    BackupVaultArgs,
    RestoreTesting,
    VaultLock,
)
from platformctl.components.data.bucket import AccessLogs, Bucket, BucketArgs
from platformctl.components.data.bucket_lifecycle import LifecycleRule
from platformctl.components.data.bucket_replication import BucketReplication
from platformctl.components.data.documents import DocumentDatabase, DocumentDatabaseArgs
from platformctl.components.data.postgres import (
    BackupReplication,
    PostgresDatabase,
    PostgresDatabaseArgs,
    Replica,
)
from platformctl.components.data.postgres_proxy import Proxy
from platformctl.components.data.postgres_replica import PostgresReplica, PostgresReplicaArgs
from platformctl.components.data.redis import RedisCache, RedisCacheArgs
from platformctl.components.data.table import (
    DynamoTable,
    DynamoTableArgs,
    GlobalIndex,
    ProvisionedCapacity,
    TableReplica,
)
from platformctl.components.edge.alias import DomainAlias, DomainAliasArgs
from platformctl.components.edge.certificate import Certificate, CertificateArgs
from platformctl.components.edge.cloudfront import ApiOrigin
from platformctl.components.edge.distribution import Distribution, DistributionArgs
from platformctl.components.edge.failover import (
    DnsHealthCheck,
    DnsHealthCheckArgs,
    FailoverRecord,
    FailoverRecordArgs,
    FailoverTarget,
)
from platformctl.components.edge.load_balancer import (
    ApplicationLoadBalancer,
    ApplicationLoadBalancerArgs,
)
from platformctl.components.edge.static_site import (
    StaticFile,
    StaticSite,
    StaticSiteArgs,
)
from platformctl.components.edge.zone import HostedZone, HostedZoneArgs
from platformctl.components.network.network import Network, NetworkArgs
from platformctl.components.observability.alarms import Alarm, Alarms, AlarmsArgs, AnyAlarm
from platformctl.components.observability.alerts import Alerts, AlertsArgs
from platformctl.components.observability.budget import Budget, BudgetArgs
from platformctl.components.observability.dashboard import Dashboard, DashboardArgs, Graph, Metric
from platformctl.components.observability.grafana import GrafanaWorkspace, GrafanaWorkspaceArgs
from platformctl.components.observability.logs import LogGroup, LogGroupArgs, MetricFilter
from platformctl.components.observability.prometheus import (
    MetricsWorkspace,
    MetricsWorkspaceArgs,
    PrometheusAlert,
)
from platformctl.components.observability.tracing import SamplingRule, Tracing, TracingArgs
from platformctl.components.security.firewall import WebFirewall, WebFirewallArgs
from platformctl.components.security.github import GithubDeployRole, GithubDeployRoleArgs
from platformctl.components.security.groups import Allow, SecurityGroups, SecurityGroupsArgs
from platformctl.components.security.keys import Keys, KeysArgs
from platformctl.components.security.roles import ServiceRole, ServiceRoleArgs, Statement
from platformctl.components.security.rotation import SecretRotation, SecretRotationArgs
from platformctl.components.security.secrets import StoredSecret, StoredSecretArgs
from platformctl.components.security.signing import SigningSecret, SigningSecretArgs
from platformctl.components.streaming.kafka import KafkaCluster, KafkaClusterArgs, Topic
from platformctl.components.streaming.queue import Queue, QueueArgs
from platformctl.components.streaming.replicator import (
    KafkaReplicator,
    KafkaReplicatorArgs,
    ReplicatedCluster,
)
from platformctl.components.streaming.stream import KinesisStream, KinesisStreamArgs

__all__ = [
    "AccessLogs",
    "Alarm",
    "Alarms",
    "AlarmsArgs",
    "Alerts",
    "AlertsArgs",
    "Allow",
    "AnyAlarm",
    "ApiOrigin",
    "ApplicationLoadBalancer",
    "ApplicationLoadBalancerArgs",
    "BackupPlan",
    "BackupPlanArgs",
    "BackupReplication",
    "BackupRule",
    "BackupVault",
    "BackupVaultArgs",
    "BlueGreen",
    "Bucket",
    "BucketArgs",
    "BucketReplication",
    "Budget",
    "BudgetArgs",
    "Certificate",
    "CertificateArgs",
    "ContainerCluster",
    "ContainerClusterArgs",
    "CpuSteps",
    "CpuTracking",
    "Dashboard",
    "DashboardArgs",
    "Distribution",
    "DistributionArgs",
    "DnsHealthCheck",
    "DnsHealthCheckArgs",
    "DocumentDatabase",
    "DocumentDatabaseArgs",
    "DomainAlias",
    "DomainAliasArgs",
    "DynamoTable",
    "DynamoTableArgs",
    "FailoverRecord",
    "FailoverRecordArgs",
    "FailoverTarget",
    "FargateService",
    "FargateServiceArgs",
    "FeatureFlags",
    "FeatureFlagsArgs",
    "GithubDeployRole",
    "GithubDeployRoleArgs",
    "GlobalIndex",
    "GrafanaWorkspace",
    "GrafanaWorkspaceArgs",
    "Graph",
    "HealthCheck",
    "HostedZone",
    "HostedZoneArgs",
    "ImageRepository",
    "ImageRepositoryArgs",
    "Invoker",
    "KafkaCluster",
    "KafkaClusterArgs",
    "KafkaReplicator",
    "KafkaReplicatorArgs",
    "Keys",
    "KeysArgs",
    "KinesisStream",
    "KinesisStreamArgs",
    "KubernetesCluster",
    "KubernetesClusterArgs",
    "KubernetesNamespace",
    "KubernetesNamespaceArgs",
    "KubernetesWorkload",
    "KubernetesWorkloadArgs",
    "LambdaFunction",
    "LambdaFunctionArgs",
    "LifecycleRule",
    "LoadBalancerController",
    "LoadBalancerControllerArgs",
    "LogGroup",
    "LogGroupArgs",
    "Metric",
    "MetricFilter",
    "MetricTracking",
    "MetricsTarget",
    "MetricsWorkspace",
    "MetricsWorkspaceArgs",
    "Network",
    "NetworkArgs",
    "NodeGroup",
    "Peer",
    "PodScaling",
    "PostgresDatabase",
    "PostgresDatabaseArgs",
    "PostgresReplica",
    "PostgresReplicaArgs",
    "Probe",
    "PrometheusAlert",
    "ProvisionedCapacity",
    "Proxy",
    "Queue",
    "QueueArgs",
    "QueueSource",
    "RedisCache",
    "RedisCacheArgs",
    "RegistryReplication",
    "RegistryReplicationArgs",
    "Replica",
    "ReplicatedCluster",
    "Resources",
    "RestoreTesting",
    "Rolling",
    "Route",
    "SamplingRule",
    "Scaling",
    "ScheduledCapacity",
    "ScheduledTask",
    "ScheduledTaskArgs",
    "SecretKey",
    "SecretRotation",
    "SecretRotationArgs",
    "SecurityGroups",
    "SecurityGroupsArgs",
    "ServiceRole",
    "ServiceRoleArgs",
    "SigningSecret",
    "SigningSecretArgs",
    "StandaloneTask",
    "StandaloneTaskArgs",
    "Statement",
    "StaticFile",
    "StaticSite",
    "StaticSiteArgs",
    "StoredSecret",
    "StoredSecretArgs",
    "StreamSource",
    "TableReplica",
    "Topic",
    "Tracing",
    "TracingArgs",
    "VaultLock",
    "WebFirewall",
    "WebFirewallArgs",
]
