"""The recovery region of production: what stands ready in it, and that it is really there."""

import pytest
from support.paper import document

# They belong to no region.
GLOBAL = ("aws:route53/", "aws:iam/", "aws:cloudfront/", "random:", "pulumi:")


@pytest.fixture
def recovery(production):
    return [
        each
        for each in production.resources
        # Names that AWS limits are shortened; then the parent still has the whole one.
        if each.custom and "recovery-" in f"{each.name} {each.parent}"
    ]


def test_everything_of_the_recovery_side_is_in_its_region(recovery):
    elsewhere = [
        each.name
        for each in recovery
        if not each.type.startswith(GLOBAL) and each.provider != "recovery"
    ]

    assert elsewhere == []
    assert len(recovery) > 200


def test_nothing_of_the_primary_side_is_in_the_recovery_region(production, recovery):
    there = {e.urn for e in production.resources if e.custom and e.provider == "recovery"}

    assert there <= {each.urn for each in recovery}


def test_the_recovery_region_has_its_own_network_without_overlap(production):
    network = production.one("ec2/vpc:Vpc", "recovery-network-vpc").inputs
    subnets = {
        each.inputs["availabilityZone"]: each.inputs["cidrBlock"]
        for each in production.all("Subnet")
        if each.name.startswith("recovery-network-data")
    }

    assert network["cidrBlock"] == "10.1.0.0/16"
    assert subnets == {
        "us-west-2a": "10.1.21.0/24",
        "us-west-2b": "10.1.22.0/24",
        "us-west-2c": "10.1.23.0/24",
    }


@pytest.mark.parametrize(
    ("product", "size"),
    [("analytics", "db.r5.large"), ("cloudweave", "db.t3.medium"), ("aura", "db.t3.medium")],
)
def test_databases_are_followed_by_a_replica_with_a_key_of_its_own_region(
    product, size, production
):
    replica = production.one("Instance", f"{product}-recovery-database").inputs

    assert replica["replicateSourceDb"] == f"arn:aws:Instance/{product}-database-primary"
    assert replica["instanceClass"] == size
    assert replica["kmsKeyId"] == "arn:aws:Key/recovery-keys-data"
    assert replica["dbSubnetGroupName"].startswith(f"{product}-recovery-database-subnets")


@pytest.mark.parametrize(
    "secret",
    [
        "analytics-database-secret",
        "cloudweave-database-secret",
        "cloudweave-jwt-secret",
        "journey-jwt-secret",
        "journey-firebase",
        "aura-database-secret",
        "aura-documents-secret",
        "aura-jwt-secret",
        "aura-entries-secret",
    ],
)
def test_secrets_are_copied_with_a_key_of_the_other_region(secret, production):
    assert production.one("secretsmanager/secret:Secret", secret).inputs["replicas"] == [
        {"region": "us-west-2", "kmsKeyId": "arn:aws:Key/recovery-keys-secrets"}
    ]


def test_events_are_replicated_with_the_consumers_position(production):
    (replicator,) = production.all("msk/replicator:Replicator")
    source, target = replicator.inputs["kafkaClusters"]
    (topics,) = (each["topicReplications"] for each in [replicator.inputs["replicationInfoList"]])

    assert source["amazonMskCluster"]["mskClusterArn"].endswith(":cluster/analytics-kafka/uuid")
    assert target["amazonMskCluster"]["mskClusterArn"].endswith("/analytics-recovery-kafka/uuid")
    assert topics[0]["topicsToReplicates"] == ["analytics-events", "analytics-events-dead-letter"]


def test_analytics_stands_by_with_one_task_of_each_service_and_cloudweave_with_none(production):
    def counts(product, *services):
        return {
            production.one(
                "ecs/service:Service", f"{product}-recovery-{service}-service-blue"
            ).inputs["desiredCount"]
            for service in services
        }

    assert counts("analytics", "ingestion", "consumer", "api") == {1}
    assert counts("cloudweave", "frontend", "backend") == {0}


@pytest.mark.parametrize("table", ["events", "sessions", "summary"])
def test_tables_of_journeys_are_written_and_read_in_both_regions(table, production):
    replica = production.one("TableReplica", f"journey-{table}-replica-us-west-2").inputs

    assert replica["region"] == "us-west-2"
    assert replica["globalTableArn"] == f"arn:aws:Table/journey-{table}"
    assert replica["kmsKeyArn"] == "arn:aws:Key/recovery-keys-data"
    assert replica["pointInTimeRecovery"] is True
    table = production.one("dynamodb/table:Table", f"journey-{table}").inputs
    assert table["streamViewType"] == "NEW_AND_OLD_IMAGES"


@pytest.mark.parametrize(
    ("source", "target"),
    [("journey-lake", "journey-recovery-lake"), ("aura-exports", "aura-recovery-exports")],
)
def test_buckets_are_followed_with_a_key_of_the_other_region(source, target, production):
    (rule,) = production.one("BucketReplicationConfig", f"{source}-replication").inputs["rules"]
    there = rule["destination"]

    assert there["bucket"] == f"arn:aws:Bucket/{target}"
    assert there["encryptionConfiguration"]["replicaKmsKeyId"] == "arn:aws:Key/recovery-keys-data"


def test_the_lake_follows_within_the_objective_of_journeys(production):
    (rule,) = production.one("BucketReplicationConfig", "journey-lake-replication").inputs["rules"]

    assert rule["destination"]["replicationTime"]["time"] == {"minutes": 15}


def test_journeys_have_a_stream_and_a_processor_of_the_other_region(production):
    stream = production.one("kinesis/stream:Stream", "journey-recovery-events-stream").inputs
    mapping = production.one("EventSourceMapping", "journey-recovery-event-processor-from-events")
    function = production.one("lambda/function:Function", "journey-recovery-event-processor").inputs

    assert stream["name"] == "user-events-prod"
    assert stream["kmsKeyId"] == "arn:aws:Key/recovery-keys-data"
    assert mapping.inputs["eventSourceArn"] == "arn:aws:Stream/journey-recovery-events-stream"
    assert function["environment"]["variables"]["EVENTS_TABLE"] == "prod-UserEvents"


def test_documents_alone_come_back_from_backups(production):
    restored = {
        each.name
        for each in production.resources
        if (each.inputs.get("tags") or {}).get("RecoveryTier") == "backup"
    }

    assert restored
    assert all(name.startswith("aura-documents") for name in restored)


@pytest.mark.parametrize("product", ["analytics", "cloudweave", "journey"])
def test_the_origin_leads_to_the_side_that_is_well(product, production):
    primary = production.one("Record", f"{product}-recovery-origin-primary").inputs
    secondary = production.one("Record", f"{product}-recovery-origin-secondary").inputs
    check = production.one("HealthCheck", f"{product}-recovery-primary-health").inputs

    assert primary["name"] == secondary["name"] == f"origin.{product}.example.com"
    assert primary["failoverRoutingPolicies"] == [{"type": "PRIMARY"}]
    assert primary["healthCheckId"] == f"HealthCheck/{product}-recovery-primary-health"
    assert secondary["failoverRoutingPolicies"] == [{"type": "SECONDARY"}]
    assert secondary["aliases"][0]["name"] == f"LoadBalancer/{product}-recovery-balancer/dnsName"
    assert check["fqdn"] == f"us-east-1.origin.{product}.example.com"
    assert check["resourcePath"] == "/health"
    assert f"{product}-origin" not in production.names("Record")


def test_the_serving_side_is_asked_once_its_services_run(production):
    check = production.one("HealthCheck", "analytics-recovery-primary-health")
    awaited = {
        each.parent.rpartition("::")[2]
        for each in production.all("ecs/service:Service")
        if each.urn in check.depends_on
    }

    assert not check.inputs["disabled"]
    assert awaited == {"analytics-ingestion", "analytics-api"}


@pytest.mark.parametrize("product", ["cloudweave", "journey"])
def test_a_side_without_a_release_is_not_asked(product, production):
    check = production.one("HealthCheck", f"{product}-recovery-primary-health").inputs

    assert check["disabled"]


@pytest.mark.parametrize("product", ["analytics", "cloudweave"])
def test_either_side_has_a_certificate_for_the_common_and_for_its_own_name(product, production):
    for name, region in (
        (f"{product}-origin", "us-east-1"),
        (f"{product}-recovery-origin", "us-west-2"),
    ):
        certificate = production.one("acm/certificate:Certificate", name).inputs
        assert certificate["domainName"] == f"origin.{product}.example.com"
        assert certificate["subjectAlternativeNames"] == [f"{region}.origin.{product}.example.com"]


def test_standby_services_find_their_own_stores_and_the_copied_secret(production):
    definition = production.one("TaskDefinition", "analytics-recovery-api-task-definition").inputs
    (container, *_) = document(definition["containerDefinitions"])
    variables = {each["name"]: each["value"] for each in container["environment"]}

    assert variables["DB_HOST"] == "Instance/analytics-recovery-database/address"
    assert variables["REDIS_HOST"].startswith("ReplicationGroup/analytics-recovery-cache/")
    assert container["logConfiguration"]["options"]["awslogs-region"] == "us-west-2"


def test_an_environment_without_a_recovery_region_has_one_side(staging):
    assert "recovery" not in {each.provider for each in staging.resources}
    assert "analytics-origin" in staging.names("Record")
    assert not any("recovery" in name for name in staging.outputs)


def test_outputs_name_both_sides(production):
    outputs = production.outputs

    assert outputs["recovery_region"] == "us-west-2"
    assert outputs["analytics_recovery_database_identifier"] == "analytics-recovery"
    assert outputs["analytics_recovery_api_service_names"] == {
        "blue": "analytics-api-blue",
        "green": "analytics-api-green",
    }
