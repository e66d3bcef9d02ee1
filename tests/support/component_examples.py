"""One program for each component, the smallest that makes it; the contract is tested on them."""

NETWORK = """
network = Network("net", NetworkArgs(region="us-east-1", zones=["us-east-1a", "us-east-1b"]))
"""
CLUSTER = 'cluster = ContainerCluster("it", ContainerClusterArgs(cluster_name="it"))\n'
SERVICE = """
service = FargateService("it", FargateServiceArgs(
    service_name="it", container_name="main", region="us-east-1", cluster_arn="arn:cluster/c",
    cluster_name="c", image="repo:1", repository_arn="arn:repo", subnet_ids=["s-1", "s-2"],
    security_group_ids=["sg-1"], port=8080, {more}))
"""
SCHEDULED = """
task = ScheduledTask("it", ScheduledTaskArgs(
    task_name="it", schedule="rate(2 hours)", container_name="main", region="us-east-1",
    cluster_arn="arn:cluster/c", image="repo:1", repository_arn="arn:repo", subnet_ids=["s-1"],
    security_group_ids=["sg-1"], {more}))
"""
ROUTE = 'route=Route(listener_arn="arn:listener", vpc_id="v", priority=1, paths=["/a/*"]),'
SCALING = "scaling=Scaling(minimum=1, maximum=4, tracking=CpuTracking(target=50)),"
DATABASE = """
database = PostgresDatabase("it", PostgresDatabaseArgs(
    identifier="shop", subnet_ids=["s-1", "s-2"], security_group_ids=["sg-1"],
    instance_class="db.r5.large", allocated_storage=100, database="shop", username="shop", {more}))
"""
CACHE = """
cache = RedisCache("it", RedisCacheArgs(
    identifier="shop", subnet_ids=["s-1"], security_group_ids=["sg-1"],
    node_type="cache.r5.large", {more}))
"""
KAFKA = """
kafka = KafkaCluster("it", KafkaClusterArgs(
    cluster_name="it", subnet_ids=["s-1", "s-2", "s-3"], security_group_ids=["sg-1"],
    instance_type="kafka.m5.large", topics=[Topic(name="clicks", partitions=4)], {more}))
"""
DOCUMENTS = """
documents = DocumentDatabase("it", DocumentDatabaseArgs(
    identifier="shop", subnet_ids=["s-1", "s-2"], security_group_ids=["sg-1"],
    instance_class="db.r6g.large", username="shop", {more}))
"""
TABLE = """
table = DynamoTable("it", DynamoTableArgs(
    table_name="UserEvents", hash_key="userId", range_key="timestamp", ttl_attribute="expiresAt",
    indexes=[GlobalIndex(index_name="eventType-timestamp", hash_key="eventType",
                         range_key="timestamp")], {more}))
"""
BALANCER = """
balancer = ApplicationLoadBalancer("it", ApplicationLoadBalancerArgs(
    load_balancer_name="it", subnet_ids=["s-1", "s-2"], security_group_ids=["sg-1"], {more}))
"""
GROUPS = """
groups = SecurityGroups("it", SecurityGroupsArgs(
    vpc_id="v", groups={"front": "Front", "back": "Back"},
    rules=[Allow("internet", "front", 443), Allow("front", "back", 8080),
           Allow("back", "lake", 443), Allow("back", "door", 9000, 9010)],
    existing={"door": "sg-door"}, prefix_lists={"lake": "pl-1"}))
"""

FUNCTION = """
function = LambdaFunction("it", LambdaFunctionArgs(
    function_name="it", code=pulumi.AssetArchive({{"it.py": pulumi.StringAsset("handle = print")}}),
    handler="it.handle", {more}))
"""

KUBERNETES = """
cluster = KubernetesCluster("{name}", KubernetesClusterArgs(
    cluster_name="it", region="us-east-1", subnet_ids=["s-1", "s-2"], key_arn="arn:key",
    public_access_cidrs=["203.0.113.0/24"], administrators=["arn:aws:iam::000000000000:role/ops"],
    node_groups={{"main": NodeGroup(
        instance_types=["m6i.large"], minimum=3, desired=3, maximum=6)}}, {more}))
"""
WORKLOAD = """
workload = KubernetesWorkload("it", KubernetesWorkloadArgs(
    workload_name="web", namespace="shop", namespace_name="shop", image="repo:1",
    identity_provider_arn="arn:oidc", issuer="https://oidc.example.com/id/1", {more}))
"""

EXAMPLES = {
    "Alarms": """
        Alarms("it", AlarmsArgs(prefix="it", topic_arn="arn:t", alarms={
            "busy": Alarm(description="It is busy.", namespace="N", metric="M", threshold=1)}))
        """,
    "Alerts": 'Alerts("it", AlertsArgs(topic_name="it", emails=["a@example.com"]))',
    "ApplicationLoadBalancer": BALANCER.format(more="http_port=8080"),
    "BackupPlan": """
        BackupPlan("it", BackupPlanArgs(
            plan_name="it", vault_name="it", vault_arn="arn:vault",
            selected_tags={"Environment": "dev"}, restore_testing=RestoreTesting()))
        """,
    "BackupVault": """
        BackupVault("it", BackupVaultArgs(vault_name="it", key_arn="arn:key", lock=VaultLock()))
        """,
    "Bucket": 'Bucket("it", BucketArgs(lifecycle=[LifecycleRule(key="old", expire_days=9)]))',
    "Budget": """
        Budget("it", BudgetArgs(budget_name="it", monthly_limit=900, emails=["a@example.com"],
                                cost_tags={"Product": "shop"}))
        """,
    "Certificate": """
        Certificate("it", CertificateArgs(domain="a.example.com", hosted_zone_id="Z1"))
        """,
    "ContainerCluster": CLUSTER,
    "Dashboard": """
        Dashboard("it", DashboardArgs(dashboard_name="it", region="us-east-1", sections={
            "One": [Graph(title="G", metrics=[Metric(namespace="N", name="M")])]}))
        """,
    "DnsHealthCheck": """
        DnsHealthCheck("it", DnsHealthCheckArgs(domain="east.example.com"))
        """,
    "DomainAlias": """
        DomainAlias("it", DomainAliasArgs(domain="a.example.com", hosted_zone_id="Z1",
                                          target_name="lb.example.com", target_zone_id="Z2"))
        """,
    "FailoverRecord": """
        FailoverRecord("it", FailoverRecordArgs(domain="a.example.com", hosted_zone_id="Z1",
            primary=FailoverTarget(dns_name="e.example.com", zone_id="Z2", health_check_id="h1"),
            secondary=FailoverTarget(dns_name="w.example.com", zone_id="Z3")))
        """,
    "DocumentDatabase": DOCUMENTS.format(more=""),
    "DynamoTable": TABLE.format(more="stream='KEYS_ONLY'"),
    "FargateService": SERVICE.format(more=ROUTE + SCALING),
    "GithubDeployRole": """
        GithubDeployRole("it", GithubDeployRoleArgs(repository="example/shop",
            environments=["production"], statements=[
                Statement(actions=["ecr:PutImage"], resources=["arn:repository"])]))
        """,
    "GrafanaWorkspace": """
        GrafanaWorkspace("it", GrafanaWorkspaceArgs(
            workspace_name="it", metrics_arns=["arn:w"], members={"ADMIN": ["group-1"]}))
        """,
    "HostedZone": 'HostedZone("it", HostedZoneArgs(domain="shop.example.com"))',
    "FeatureFlags": 'FeatureFlags("it", FeatureFlagsArgs(parameter_name="/it/flags"))',
    "ImageRepository": 'ImageRepository("it", ImageRepositoryArgs(repository_name="it"))',
    "KafkaCluster": KAFKA.format(more=""),
    "KafkaReplicator": """
        KafkaReplicator("it", KafkaReplicatorArgs(
            replicator_name="it", topics=["clicks"],
            source=ReplicatedCluster(arn="arn:aws:kafka:us-east-1:1:cluster/a/1",
                                     subnet_ids=["s-1", "s-2"], security_group_ids=["sg-1"]),
            target=ReplicatedCluster(arn="arn:aws:kafka:us-west-2:1:cluster/a/2",
                                     subnet_ids=["s-3", "s-4"], security_group_ids=["sg-2"])))
        """,
    "KinesisStream": 'KinesisStream("it", KinesisStreamArgs(stream_name="it"))',
    "Keys": """
        Keys("it", KeysArgs(alias_prefix="it", classes={
            "data": [], "logs": ["logs.us-east-1.amazonaws.com"],
            "messages": ["cloudwatch.amazonaws.com", "sns.amazonaws.com"]}))
        """,
    "LambdaFunction": FUNCTION.format(
        more="""
        streams={"events": StreamSource(arn="arn:stream", on_failure_arn="arn:queue")},
        queues={"orders": QueueSource(arn="arn:orders", visibility_timeout=180)},
        invokers={"rotation": Invoker(principal="secretsmanager.amazonaws.com")},
        on_failure_arn="arn:queue","""
    ),
    "KubernetesCluster": KUBERNETES.format(name="it", more=""),
    "KubernetesNamespace": """
        KubernetesNamespace("it", KubernetesNamespaceArgs(namespace="shop", cpu_limit=4000))
        """,
    "KubernetesWorkload": WORKLOAD.format(
        more="scaling=PodScaling(minimum=3, maximum=9), callers=['gateway']," + ROUTE
    ),
    "LoadBalancerController": """
        LoadBalancerController("it", LoadBalancerControllerArgs(
            cluster_name="it", region="us-east-1", vpc_id="vpc-1", target_tags={"Product": "it"},
            identity_provider_arn="arn:oidc", issuer="https://oidc.example.com/id/1"))
        """,
    "LogGroup": 'LogGroup("it", LogGroupArgs(name="/it", retention_days=30))',
    "MetricsWorkspace": """
        MetricsWorkspace("it", MetricsWorkspaceArgs(
            alias="it", region="us-east-1", topic_arn="arn:t", alerts={"services": {
                "Down": PrometheusAlert(expression="up == 0", summary="It is down.")}}))
        """,
    "Network": NETWORK.replace('"net"', '"it"'),
    "PostgresDatabase": DATABASE.format(
        more='replica=Replica(instance_class="db.r5.large"), proxy=Proxy()'
    ),
    "PostgresReplica": """
        PostgresReplica("it", PostgresReplicaArgs(
            identifier="shop", source_arn="arn:aws:rds:us-east-1:000000000000:db:shop-primary",
            subnet_ids=["s-1", "s-2"], security_group_ids=["sg-1"], instance_class="db.r5.large",
            key_arn="arn:key"))
        """,
    "Queue": 'Queue("it", QueueArgs(queue_name="it"))',
    "RedisCache": CACHE.format(more=""),
    "SecretRotation": """
        SecretRotation("it", SecretRotationArgs(
            secret_arn="arn:secret", kind="jwt", function_name="it",
            code=pulumi.AssetArchive({"it.py": pulumi.StringAsset("handle = print")})))
        """,
    "RegistryReplication": """
        RegistryReplication("it", RegistryReplicationArgs(
            account="000000000000", regions=["us-west-2"]))
        """,
    "ScheduledTask": SCHEDULED.format(more=""),
    "SecurityGroups": GROUPS,
    "ServiceRole": """
        ServiceRole("it", ServiceRoleArgs(service="ecs-tasks.amazonaws.com", statements=[
            Statement(actions=["s3:GetObject"], resources=["arn:aws:s3:::b/*"])]))
        """,
    "Distribution": """
        Distribution("it", DistributionArgs(origin=ApiOrigin(domain_name="api.example.com")))
    """,
    "SigningSecret": 'SigningSecret("it", SigningSecretArgs(name="it/jwt"))',
    "StandaloneTask": """
        StandaloneTask("it", StandaloneTaskArgs(
            task_name="it", container_name="main", region="us-east-1", cluster_name="c",
            image="repo:1", repository_arn="arn:repo", subnet_ids=["s-1"],
            security_group_ids=["sg-1"]))
        """,
    "StaticSite": """
        StaticSite("it", StaticSiteArgs(api=ApiOrigin(domain_name="api.example.com")))
        """,
    "StoredSecret": """
        StoredSecret("it", StoredSecretArgs(name="it", description="It", value={"key": "v"}))
        """,
    "WebFirewall": 'WebFirewall("it", WebFirewallArgs(firewall_name="it"))',
    "Tracing": """
        Tracing("it", TracingArgs(
            rules={"all": SamplingRule(priority=100, rate=0.05)}, groups={"slow": "duration > 2"}))
        """,
}
