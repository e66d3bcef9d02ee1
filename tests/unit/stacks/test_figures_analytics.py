"""Production of the analytics platform has the figures of its architecture document."""

import pytest
from support.paper import document
from support.stacks import dashboard_metrics, dig, security_chain


@pytest.fixture
def plan(production):
    return production


FIGURES = [
    # The ingestion service.
    ("TaskDefinition", "analytics-ingestion-task-definition", "cpu", "256"),
    ("TaskDefinition", "analytics-ingestion-task-definition", "memory", "512"),
    ("ecs/service:Service", "analytics-ingestion-service-blue", "desiredCount", 3),
    ("ecs/service:Service", "analytics-ingestion-service-blue", "deploymentMaximumPercent", 200),
    (
        "ecs/service:Service",
        "analytics-ingestion-service-blue",
        "deploymentMinimumHealthyPercent",
        100,
    ),
    ("TargetGroup", "analytics-ingestion-blue", "port", 8080),
    ("appautoscaling/target:Target", "analytics-ingestion-scaling-blue", "minCapacity", 2),
    ("appautoscaling/target:Target", "analytics-ingestion-scaling-blue", "maxCapacity", 20),
    # The Kafka cluster and its topic.
    ("msk/cluster:Cluster", "analytics-kafka", "clusterName", "analytics-kafka"),
    ("msk/cluster:Cluster", "analytics-kafka", "kafkaVersion", "3.5.1"),
    ("msk/cluster:Cluster", "analytics-kafka", "numberOfBrokerNodes", 3),
    (
        "msk/cluster:Cluster",
        "analytics-kafka",
        "brokerNodeGroupInfo.instanceType",
        "kafka.m5.large",
    ),
    (
        "msk/cluster:Cluster",
        "analytics-kafka",
        "brokerNodeGroupInfo.storageInfo.ebsStorageInfo.volumeSize",
        100,
    ),
    (
        "msk/cluster:Cluster",
        "analytics-kafka",
        "encryptionInfo.encryptionInTransit.clientBroker",
        "TLS",
    ),
    (
        "msk/cluster:Cluster",
        "analytics-kafka",
        "encryptionInfo.encryptionAtRestKmsKeyArn",
        "arn:aws:Key/keys-data",
    ),
    ("msk/topic:Topic", "analytics-kafka-analytics-events", "name", "analytics-events"),
    ("msk/topic:Topic", "analytics-kafka-analytics-events", "partitionCount", 10),
    ("msk/topic:Topic", "analytics-kafka-analytics-events", "replicationFactor", 3),
    # The consumer.
    ("TaskDefinition", "analytics-consumer-task-definition", "cpu", "512"),
    ("TaskDefinition", "analytics-consumer-task-definition", "memory", "1024"),
    ("ecs/service:Service", "analytics-consumer-service-blue", "desiredCount", 5),
    # The database, its replica and its proxy.
    ("Instance", "analytics-database-primary", "identifier", "analytics-primary"),
    ("Instance", "analytics-database-primary", "instanceClass", "db.r5.xlarge"),
    ("Instance", "analytics-database-primary", "engine", "postgres"),
    ("Instance", "analytics-database-primary", "engineVersion", "15"),
    ("Instance", "analytics-database-primary", "allocatedStorage", 500),
    ("Instance", "analytics-database-primary", "storageType", "gp3"),
    ("Instance", "analytics-database-primary", "multiAz", True),
    ("Instance", "analytics-database-primary", "username", "analytics"),
    ("Instance", "analytics-database-primary", "backupRetentionPeriod", 7),
    ("Instance", "analytics-database-primary", "backupWindow", "03:00-04:00"),
    ("Instance", "analytics-database-primary", "maintenanceWindow", "mon:04:00-mon:05:00"),
    ("Instance", "analytics-database-replica", "identifier", "analytics-replica"),
    ("Instance", "analytics-database-replica", "instanceClass", "db.r5.large"),
    ("Instance", "analytics-database-replica", "publiclyAccessible", False),
    ("rds/proxy:Proxy", "analytics-database-proxy", "name", "analytics-proxy"),
    ("rds/proxy:Proxy", "analytics-database-proxy", "engineFamily", "POSTGRESQL"),
    ("rds/proxy:Proxy", "analytics-database-proxy", "requireTls", True),
    ("rds/proxy:Proxy", "analytics-database-proxy", "idleClientTimeout", 1800),
    (
        "ProxyDefaultTargetGroup",
        "analytics-database-proxy-targets",
        "connectionPoolConfig.maxConnectionsPercent",
        100,
    ),
    # The API.
    ("TaskDefinition", "analytics-api-task-definition", "cpu", "256"),
    ("TaskDefinition", "analytics-api-task-definition", "memory", "512"),
    ("ecs/service:Service", "analytics-api-service-blue", "desiredCount", 3),
    ("TargetGroup", "analytics-api-blue", "port", 8000),
    # The cache.
    ("ReplicationGroup", "analytics-cache", "replicationGroupId", "analytics-cache"),
    ("ReplicationGroup", "analytics-cache", "nodeType", "cache.r5.large"),
    ("ReplicationGroup", "analytics-cache", "engineVersion", "7.0"),
    ("ReplicationGroup", "analytics-cache", "numCacheClusters", 2),
    ("ReplicationGroup", "analytics-cache", "snapshotRetentionLimit", 5),
    ("ReplicationGroup", "analytics-cache", "autoMinorVersionUpgrade", True),
    # The alarms.
    (
        "MetricAlarm",
        "analytics-alarms-high-error-rate",
        "metricName",
        "HTTPCode_Target_5XX_Count",
    ),
    ("MetricAlarm", "analytics-alarms-high-error-rate", "threshold", 10),
    ("MetricAlarm", "analytics-alarms-high-error-rate", "evaluationPeriods", 2),
    ("MetricAlarm", "analytics-alarms-high-consumer-lag", "metricName", "ConsumerLag"),
    ("MetricAlarm", "analytics-alarms-high-consumer-lag", "threshold", 100000),
    ("MetricAlarm", "analytics-alarms-database-high-cpu", "metricName", "CPUUtilization"),
    ("MetricAlarm", "analytics-alarms-database-high-cpu", "threshold", 80),
    # The network and the edge.
    ("ec2/vpc:Vpc", "network-vpc", "cidrBlock", "10.0.0.0/16"),
    ("LoadBalancer", "analytics-balancer", "enableDeletionProtection", True),
]


@pytest.mark.parametrize(
    ("kind", "name", "path", "figure"), FIGURES, ids=[f"{f[1]} {f[2]}" for f in FIGURES]
)
def test_a_figure_of_the_document(kind, name, path, figure, plan):
    assert dig(plan.one(kind, name).inputs, path) == figure


def test_the_topic_keeps_three_days_compressed(plan):
    topic = plan.one("msk/topic:Topic", "analytics-kafka-analytics-events").inputs

    assert document(topic["configs"]) == {
        "compression.type": "lz4",
        "retention.ms": "259200000",
    }


def test_ingestion_follows_its_cpu_and_the_consumer_its_lag(plan):
    def tracking(name):
        policy = plan.one("appautoscaling/policy:Policy", f"analytics-{name}-tracking-blue").inputs
        return policy["targetTrackingScalingPolicyConfiguration"]

    ingestion, consumer = tracking("ingestion"), tracking("consumer")
    assert ingestion["targetValue"] == 70
    assert ingestion["predefinedMetricSpecification"] == {
        "predefinedMetricType": "ECSServiceAverageCPUUtilization"
    }
    assert consumer["targetValue"] == 10000
    assert consumer["customizedMetricSpecification"] == {
        "metricName": "ConsumerLag",
        "namespace": "Analytics",
        "statistic": "Average",
    }


KMS = "arn:aws:Key/keys-secrets"
CLUSTER = "arn:aws:kafka:us-east-1:000000000000:{}/analytics-kafka/uuid{}"
KAFKA = CLUSTER.format("cluster", "")
EVENTS = CLUSTER.format("topic", "/analytics-events")
DEAD_LETTERS = CLUSTER.format("topic", "/analytics-events-dead-letter")
TELEMETRY = {
    ("aps:RemoteWrite", "arn:aws:Workspace/metrics"),
    ("xray:PutTelemetryRecords", "*"),
    ("xray:PutTraceSegments", "*"),
}
GROUP = CLUSTER.format("group", "/analytics-consumers")
SECRET = "SecretVersion/analytics-database-secret-version/secretArn"


@pytest.mark.parametrize(
    ("service", "allowed"),
    [
        (
            "ingestion",
            {
                ("kafka:DescribeCluster", KAFKA),
                ("kafka:GetBootstrapBrokers", KAFKA),
                ("kafka-cluster:Connect", KAFKA),
                ("kafka-cluster:DescribeTopic", EVENTS),
                ("kafka-cluster:WriteData", EVENTS),
                ("kafka-cluster:WriteDataIdempotently", KAFKA),
            },
        ),
        (
            "consumer",
            {
                ("kafka-cluster:Connect", KAFKA),
                ("kafka-cluster:DescribeTopic", EVENTS),
                ("kafka-cluster:ReadData", EVENTS),
                ("kafka-cluster:AlterGroup", GROUP),
                ("kafka-cluster:DescribeGroup", GROUP),
                ("kafka-cluster:DescribeTopic", DEAD_LETTERS),
                ("kafka-cluster:WriteData", DEAD_LETTERS),
                ("kafka-cluster:WriteDataIdempotently", KAFKA),
                ("secretsmanager:GetSecretValue", SECRET),
                ("ssm:GetParameter", "arn:aws:Parameter/analytics-consumer-intake"),
                ("kms:Decrypt", KMS),
                (
                    "rds-db:connect",
                    "arn:aws:rds-db:us-east-1:000000000000:dbuser:prx-1/analytics",
                ),
                ("cloudwatch:PutMetricData", "*"),
            },
        ),
    ],
)
def test_a_task_role_may_do_exactly_what_its_service_does(service, allowed, plan):
    policy = document(plan.one("RolePolicy", f"analytics-{service}-task-policy").inputs["policy"])
    found = {
        (action, resource)
        for statement in policy["Statement"]
        for action in statement["Action"]
        for resource in statement["Resource"]
    }

    assert found == allowed | TELEMETRY


def test_the_apis_tasks_may_do_nothing_but_read_flags_and_hand_over_traces_and_metrics(plan):
    policy = document(plan.one("RolePolicy", "analytics-api-task-policy").inputs["policy"])
    actions = {action for each in policy["Statement"] for action in each["Action"]}

    assert actions == {"ssm:GetParameter", *(action for action, _ in TELEMETRY)}


CHAIN = {
    ("internet", "balancer", 443),
    ("internet", "balancer", 80),
    ("balancer", "ingestion", 8080),
    ("balancer", "api", 8000),
    ("ingestion", "kafka", 9098),
    ("consumer", "kafka", 9098),
    ("kafka", "kafka", 9098),  # the replicator, which is in the brokers' own group
    ("consumer", "database", 5432),
    ("api", "database", 5432),
    ("migrations", "database", 5432),
    ("api", "redis", 6379),
    ("database", "database", 5432),
    *((service, "endpoints", 443) for service in ("ingestion", "consumer", "api", "migrations")),
}


def test_the_chain_of_security_groups_is_the_documented_one(plan):
    into, out = security_chain(plan, "analytics")

    assert into == CHAIN
    assert out == {rule for rule in CHAIN if rule[0] != "internet"}


def test_prefix_lists_lead_to_s3_only(plan):
    lists = {
        rule.inputs["prefixListId"]
        for rule in plan.all("SecurityGroupEgressRule")
        if "prefixListId" in rule.inputs and "analytics-" in rule.name
    }

    assert lists == {
        f"VpcEndpoint/{side}network-s3-endpoint/prefixListId" for side in ("", "recovery-")
    }


STORES = {
    "analytics-kafka": "msk/cluster:Cluster",
    "analytics-database-primary": "Instance",
    "analytics-database-replica": "Instance",
    "analytics-cache": "ReplicationGroup",
}


@pytest.mark.parametrize(("name", "kind"), STORES.items(), ids=list(STORES))
def test_stores_are_protected_and_use_the_key_of_their_class(name, kind, plan):
    store = plan.one(kind, name)

    assert store.protect
    assert "arn:aws:Key/keys-data" in str(store.inputs)


def environment_of(plan, service):
    definition = plan.one("TaskDefinition", f"analytics-{service}-task-definition").inputs
    (container, *_) = document(definition["containerDefinitions"])
    return container, {entry["name"]: entry["value"] for entry in container["environment"]}


def test_the_consumer_writes_through_the_proxy_and_the_api_reads_the_replica(plan):
    _, consumer = environment_of(plan, "consumer")
    _, api = environment_of(plan, "api")

    assert consumer["DB_HOST"] == "Proxy/analytics-database-proxy/endpoint"
    assert api["DB_HOST"] == "Instance/analytics-database-replica/address"
    assert consumer["DB_SSLMODE"] == api["DB_SSLMODE"] == "verify-full"


def test_services_sign_in_to_kafka_with_iam(plan):
    for service in ("ingestion", "consumer"):
        _, variables = environment_of(plan, service)
        assert variables["KAFKA_SECURITY_PROTOCOL"] == "SASL_SSL"
        assert variables["KAFKA_BROKERS"] == "Cluster/analytics-kafka/bootstrapBrokersSaslIam"


def test_no_secret_is_a_plain_variable(plan):
    for service in ("ingestion", "consumer", "api"):
        container, variables = environment_of(plan, service)
        assert not any("PASSWORD" in name or "TOKEN" in name for name in variables)
        for secret in container["secrets"]:
            assert secret["valueFrom"].endswith((":password::", ":authToken::"))


def test_every_resource_that_can_carry_tags_says_whose_it_is(plan):
    for resource in plan.resources:
        if "tags" in resource.inputs:
            tags = resource.inputs["tags"]
            assert {"Environment", "Product", "ManagedBy", "CostCenter"} <= tags.keys(), resource
            assert tags["Environment"] == "production"


def test_the_dashboard_shows_every_documented_metric(plan):
    shown = dashboard_metrics(plan, "analytics")

    assert shown >= {
        ("AWS/ApplicationELB", "RequestCount", "Sum"),
        ("AWS/ApplicationELB", "HTTPCode_Target_4XX_Count", "Sum"),
        ("AWS/ApplicationELB", "HTTPCode_Target_5XX_Count", "Sum"),
        *(("AWS/ApplicationELB", "TargetResponseTime", p) for p in ("p50", "p95", "p99")),
        ("AWS/ECS", "CPUUtilization", "Average"),
        ("AWS/ECS", "MemoryUtilization", "Average"),
        ("AWS/Kafka", "MessagesInPerSec", "Average"),
        ("Analytics", "ConsumerLag", "Average"),
        ("AWS/Kafka", "PartitionCount", "Average"),
        ("AWS/RDS", "DatabaseConnections", "Average"),
        ("AWS/RDS", "ReadLatency", "Average"),
        ("AWS/RDS", "ReplicaLag", "Average"),
        ("AWS/RDS", "CPUUtilization", "Average"),
    }


def test_requests_are_routed_by_method_and_path(plan):
    def conditions(name):
        return plan.one("ListenerRule", f"analytics-{name}-rule").inputs["conditions"]

    assert conditions("ingestion") == [
        {"pathPattern": {"values": ["/v1/events"]}},
        {"httpRequestMethod": {"values": ["OPTIONS", "POST"]}},
    ]
    assert conditions("api")[0] == {"pathPattern": {"values": ["/v1/*", "/health"]}}


def test_the_page_has_a_name_and_a_certificate_where_cloudfront_wants_it(plan):
    distribution = plan.one("Distribution", "analytics-frontend").inputs

    assert distribution["aliases"] == ["analytics.example.com"]
    assert distribution["viewerCertificate"]["minimumProtocolVersion"] == "TLSv1.2_2021"
    assert plan.one("Certificate", "analytics-frontend").inputs["region"] == "us-east-1"
    assert plan.outputs["analytics_frontend_url"] == "https://analytics.example.com"
