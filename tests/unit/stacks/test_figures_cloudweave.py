"""CloudWeave has the figures of its design document, in production and in staging."""

import pytest
from support.paper import document
from support.stacks import dashboard_metrics, dig, security_chain

FRONTEND, BACKEND = "cloudweave-frontend", "cloudweave-backend"
DATABASE, CACHE = "cloudweave-database-primary", "cloudweave-cache"
SERVICE, TARGET = "ecs/service:Service", "appautoscaling/target:Target"
HEALTHY = {"healthyThreshold": 3, "unhealthyThreshold": 2, "interval": 30, "matcher": "200"}

FIGURES = [
    # Frontend: 2 vCPU, 4 GB, at least two tasks, up to ten.
    ("TaskDefinition", f"{FRONTEND}-task-definition", "cpu", "2048"),
    ("TaskDefinition", f"{FRONTEND}-task-definition", "memory", "4096"),
    ("TargetGroup", f"{FRONTEND}-blue", "port", 80),
    ("TargetGroup", f"{FRONTEND}-blue", "protocol", "HTTP"),
    ("TargetGroup", f"{FRONTEND}-blue", "healthCheck.path", "/health"),
    (TARGET, f"{FRONTEND}-scaling-blue", "tags.MinimumTasks", "2"),
    (TARGET, f"{FRONTEND}-scaling-blue", "maxCapacity", 10),
    # Backend: 1 vCPU, 2 GB, at least two tasks, up to twenty.
    ("TaskDefinition", f"{BACKEND}-task-definition", "cpu", "1024"),
    ("TaskDefinition", f"{BACKEND}-task-definition", "memory", "2048"),
    ("TargetGroup", f"{BACKEND}-blue", "port", 3001),
    ("TargetGroup", f"{BACKEND}-blue", "healthCheck.path", "/api/v1/health"),
    (TARGET, f"{BACKEND}-scaling-blue", "tags.MinimumTasks", "2"),
    (TARGET, f"{BACKEND}-scaling-blue", "maxCapacity", 20),
    # PostgreSQL 15 in two zones, a week of backups.
    ("Instance", DATABASE, "engine", "postgres"),
    ("Instance", DATABASE, "engineVersion", "15"),
    ("Instance", DATABASE, "instanceClass", "db.t3.medium"),
    ("Instance", DATABASE, "multiAz", True),
    ("Instance", DATABASE, "backupRetentionPeriod", 7),
    ("Instance", DATABASE, "storageEncrypted", True),
    ("Instance", DATABASE, "kmsKeyId", "arn:aws:Key/keys-data"),
    ("Instance", DATABASE, "username", "cloudweave_user"),
    ("Instance", DATABASE, "dbName", "cloudweave_prod"),
    # Redis 7: one primary, one replica, encrypted both ways.
    ("ReplicationGroup", CACHE, "engineVersion", "7.1"),
    ("ReplicationGroup", CACHE, "nodeType", "cache.t3.micro"),
    ("ReplicationGroup", CACHE, "numCacheClusters", 2),
    ("ReplicationGroup", CACHE, "transitEncryptionEnabled", True),
    ("ReplicationGroup", CACHE, "atRestEncryptionEnabled", True),
]


@pytest.mark.parametrize(
    ("kind", "name", "path", "figure"), FIGURES, ids=[f"{f[1]} {f[2]}" for f in FIGURES]
)
def test_a_figure_of_the_document(kind, name, path, figure, production):
    assert dig(production.one(kind, name).inputs, path) == figure


STAGING = [
    ("Instance", DATABASE, "instanceClass", "db.t3.micro"),
    ("Instance", DATABASE, "multiAz", False),
    ("Instance", DATABASE, "backupRetentionPeriod", 7),
    ("Instance", DATABASE, "dbName", "cloudweave_staging"),
    ("ReplicationGroup", CACHE, "nodeType", "cache.t3.micro"),
    ("ReplicationGroup", CACHE, "numCacheClusters", 2),
]


@pytest.mark.parametrize(
    ("kind", "name", "path", "figure"), STAGING, ids=[f"{f[1]} {f[2]}" for f in STAGING]
)
def test_a_figure_of_staging(kind, name, path, figure, staging):
    assert dig(staging.one(kind, name).inputs, path) == figure


@pytest.mark.parametrize("name", [FRONTEND, BACKEND])
def test_health_checks_are_the_documented_ones(name, production):
    check = production.one("TargetGroup", f"{name}-blue").inputs["healthCheck"]

    assert HEALTHY.items() <= check.items()


@pytest.mark.parametrize("name", [FRONTEND, BACKEND])
def test_more_tasks_after_two_busy_periods_and_fewer_after_five_quiet_ones(name, production):
    up = production.one("MetricAlarm", f"{name}-cpu-up-blue").inputs
    down = production.one("MetricAlarm", f"{name}-cpu-down-blue").inputs

    assert (up["threshold"], up["evaluationPeriods"]) == (70, 2)
    assert (down["threshold"], down["evaluationPeriods"]) == (30, 5)
    tracking = production.one("appautoscaling/policy:Policy", f"{name}-tracking-blue").inputs
    assert tracking["targetTrackingScalingPolicyConfiguration"]["targetValue"] == 70


# `003`: ALB from the internet only, frontend from the ALB only, API from the frontend only, stores
# from the API only. The inner load balancer is in the frontend's group.
CHAIN = {
    ("internet", "balancer", 443),
    ("internet", "balancer", 80),
    ("balancer", "frontend", 80),
    ("frontend", "frontend", 443),
    ("frontend", "backend", 3001),
    ("backend", "database", 5432),
    ("backend", "redis", 6379),
    ("frontend", "endpoints", 443),
    ("backend", "endpoints", 443),
}


def test_the_chain_of_security_groups_is_the_documented_one(production):
    into, out = security_chain(production, "cloudweave")

    assert into == CHAIN
    assert out == {rule for rule in CHAIN if rule[0] != "internet"}


def test_only_the_frontend_can_send_requests_to_the_api(production):
    rule = production.one("ListenerRule", f"{BACKEND}-rule").inputs
    inner = production.one("LoadBalancer", "cloudweave-inner-balancer").inputs

    assert rule["listenerArn"] == "arn:aws:Listener/cloudweave-inner-balancer-listener"
    assert rule["conditions"] == [{"pathPattern": {"values": ["/api/*"]}}]
    assert inner["internal"] is True
    assert inner["securityGroups"] == ["SecurityGroup/cloudweave-frontend"]


SECRETS = {
    "cloudweave-database-secret": {"host", "username", "password", "database"},
    "cloudweave-jwt-secret": {"secret", "expiresIn", "refreshExpiresIn"},
    "cloudweave-cache-secret": {"endpoint", "port", "authToken"},
}


@pytest.mark.parametrize(("name", "keys"), SECRETS.items(), ids=list(SECRETS))
def test_secrets_have_the_documented_keys(name, keys, production):
    version = production.one("SecretVersion", f"{name}-version").inputs

    assert document(version["secretString"]).keys() == keys


def test_tokens_live_as_long_as_the_document_says(production):
    version = production.one("SecretVersion", "cloudweave-jwt-secret-version").inputs
    key = production.one("RandomPassword", "cloudweave-jwt-key").inputs

    assert document(version["secretString"])["expiresIn"] == "15m"
    assert document(version["secretString"])["refreshExpiresIn"] == "7d"
    assert key["length"] * 5.95 > 255  # bits, of 62 characters


@pytest.mark.parametrize("name", [FRONTEND, BACKEND])
def test_services_wait_for_their_first_release_without_tasks(name, production):
    for side in ("blue", "green"):
        service = production.one(SERVICE, f"{name}-service-{side}").inputs
        assert service["desiredCount"] == 0
        assert service["tags"]["Release"] == "awaiting-first-release"


def variables(plan, name):
    definition = plan.one("TaskDefinition", f"{name}-task-definition").inputs
    (container, *_) = document(definition["containerDefinitions"])
    return container, {entry["name"]: entry["value"] for entry in container["environment"]}


def test_the_frontend_sends_requests_of_the_api_to_the_inner_load_balancer(production):
    _, found = variables(production, FRONTEND)

    assert found["API_ORIGIN"] == "https://us-east-1.inner.cloudweave.example.com"


def test_the_api_knows_its_stores_and_gets_its_secrets_by_reference(production):
    container, found = variables(production, BACKEND)

    assert found["DB_NAME"] == "cloudweave_prod"
    assert found["DB_SSLMODE"] == "verify-full"
    assert found["REDIS_HOST"] == "ReplicationGroup/cloudweave-cache/primaryEndpointAddress"
    assert {entry["name"] for entry in container["secrets"]} == {
        "DB_PASSWORD",
        "REDIS_AUTH_TOKEN",
        "JWT_SECRET",
        "JWT_EXPIRES_IN",
        "JWT_REFRESH_EXPIRES_IN",
    }
    assert not any(word in name for name in found for word in ("PASSWORD", "TOKEN", "SECRET"))


def test_cloudfront_is_before_the_load_balancer_and_caches_assets_only(production):
    distribution = production.one("Distribution", FRONTEND).inputs

    assert distribution["aliases"] == ["cloudweave.example.com"]
    (origin,) = distribution["origins"]
    assert origin["domainName"] == "origin.cloudweave.example.com"
    assert [each["pathPattern"] for each in distribution["orderedCacheBehaviors"]] == ["/assets/*"]
    assert distribution["webAclId"] == "arn:aws:WebAcl/cloudweave-cloudfront-firewall"


def test_the_dashboard_shows_services_database_and_cache(production):
    assert dashboard_metrics(production, "cloudweave") >= {
        ("AWS/ApplicationELB", "RequestCount", "Sum"),
        ("AWS/ApplicationELB", "TargetResponseTime", "p95"),
        ("AWS/ECS", "CPUUtilization", "Average"),
        ("AWS/RDS", "DatabaseConnections", "Average"),
        ("AWS/ElastiCache", "CacheHits", "Sum"),
    }
