"""What products share: rotation of keys, metrics of services, the way to AWS, the firewall."""

import pytest
from support.paper import document

PRODUCTS = ("cloudweave", "journey", "aura")


@pytest.mark.parametrize("product", PRODUCTS)
def test_keys_of_tokens_change_every_thirty_days(product, production):
    rotation = production.one("secretRotation:SecretRotation", f"{product}-jwt-rotation").inputs
    version = production.one("SecretVersion", f"{product}-jwt-secret-version")

    assert rotation["rotationRules"] == {"automaticallyAfterDays": 30}
    assert rotation["secretId"] == version.outputs["secretArn"]


@pytest.mark.parametrize("product", PRODUCTS)
def test_somebody_is_told_when_a_key_does_not_change(product, production):
    alarms = {each.name for each in production.all("MetricAlarm")}

    assert f"{product}-jwt-rotation-alarms-jwt-rotation-errors" in alarms


def test_nothing_else_rotates(production):
    rotated = {each.name for each in production.all("secretRotation:SecretRotation")}

    assert rotated == {f"{product}-jwt-rotation" for product in PRODUCTS}


def test_each_side_has_its_own_metrics_and_grafana_reads_both(production):
    names = set(production.names("amp/workspace:Workspace"))
    policy = document(production.one("RolePolicy", "grafana-reader-policy").inputs["policy"])
    read = {
        resource
        for statement in policy["Statement"]
        if "aps:QueryMetrics" in statement["Action"]
        for resource in statement["Resource"]
    }

    assert names == {"metrics", "recovery-metrics"}
    assert read == {"arn:aws:Workspace/metrics", "arn:aws:Workspace/recovery-metrics"}


@pytest.mark.parametrize("side", ["", "recovery-"])
def test_collectors_write_the_metrics_of_a_service_to_the_workspace_of_its_side(side, production):
    definition = production.one("TaskDefinition", f"analytics-{side}api-task-definition").inputs
    program, collector = document(definition["containerDefinitions"])
    variables = {each["name"]: each["value"] for each in collector["environment"]}
    port = program["portMappings"][0]["containerPort"]

    assert variables["AWS_PROMETHEUS_SCRAPING_ENDPOINT"] == f"127.0.0.1:{port}"
    assert variables["AWS_PROMETHEUS_ENDPOINT"].startswith(f"Workspace/{side}metrics/")
    assert variables["AWS_PROMETHEUS_ENDPOINT"].endswith("api/v1/remote_write")


def test_the_local_region_has_no_collector_and_nothing_that_it_would_write_to(local):
    definition = local.one("TaskDefinition", "analytics-api-task-definition").inputs

    assert local.all("amp/workspace:Workspace") == []
    assert local.all("grafana/workspace:Workspace") == []
    assert len(document(definition["containerDefinitions"])) == 1


def test_tasks_reach_what_they_use_inside_the_network(production):
    endpoints = {
        each.inputs["serviceName"].removeprefix("com.amazonaws.us-east-1.")
        for each in production.all("VpcEndpoint")
        if "recovery" not in each.name
    }
    lists = {
        each.inputs["prefixListId"]
        for each in production.all("SecurityGroupEgressRule")
        if each.name.startswith("journey-api") and "prefixListId" in each.inputs
    }

    assert {"xray", "aps-workspaces", "kinesis-streams", "secretsmanager", "logs"} <= endpoints
    assert any("dynamodb" in each for each in lists)


@pytest.mark.parametrize(
    ("firewall", "counts"),
    [
        ("analytics-regional-firewall", True),
        ("analytics-cloudfront-firewall", True),
        ("analytics-recovery-regional-firewall", True),
        ("journey-regional-firewall", False),
    ],
)
def test_only_the_firewalls_of_batches_of_events_let_large_bodies_pass(
    firewall, counts, production
):
    text = str(production.one("wafv2/webAcl:WebAcl", firewall).inputs["rules"])

    assert ("SizeRestrictions_BODY" in text) is counts


def test_operations_are_recorded_in_both_regions(production):
    table = production.one("dynamodb/table:Table", "operations").inputs

    assert table["name"] == "platform-production-operations"
    assert (table["hashKey"], table["rangeKey"], table["billingMode"]) == (
        "pk",
        "sk",
        "PAY_PER_REQUEST",
    )
    assert production.one("TableReplica", "operations-replica-us-west-2")
    assert table["pointInTimeRecovery"]["enabled"]
    assert table["deletionProtectionEnabled"]
    assert table["tags"]["DataClass"] == "confidential", "so that it is in the backups"


def test_operations_are_recorded_locally_as_well(local):
    table = local.one("dynamodb/table:Table", "operations").inputs

    assert local.outputs["operations_table"] == table["name"] == "platform-local-operations"
    assert "TableReplica" not in {each.type.rpartition(":")[2] for each in local.resources}
    assert table["deletionProtectionEnabled"] is False


def test_consumers_can_read_which_side_takes_messages_in(production):
    parameters = {
        each.name: each.inputs["name"] for each in production.all("ssm/parameter:Parameter")
    }
    endpoints = {
        each.inputs["serviceName"].rpartition(".")[2] for each in production.all("VpcEndpoint")
    }

    intake = "/platform/production/analytics-consumer/intake"
    assert parameters["analytics-consumer-intake"] == intake
    assert parameters["analytics-recovery-consumer-intake"] == intake, "in the other region"
    assert "ssm" in endpoints


def test_tasks_know_which_release_they_are(production):
    definition = production.one("TaskDefinition", "analytics-api-task-definition").inputs
    container = document(definition["containerDefinitions"])[0]
    variables = {each["name"]: each["value"] for each in container["environment"]}

    assert variables["RELEASE"] == container["image"].rpartition(":")[2]
    assert variables["SIDE"] == "blue"


@pytest.mark.parametrize("product", ["analytics", "cloudweave", "journey", "aura"])
def test_a_new_version_is_tried_from_the_networks_of_operators_and_nowhere_else(
    product, production
):
    (rule,) = [
        each.inputs
        for each in production.all("SecurityGroupIngressRule")
        if each.inputs["fromPort"] == 8443 and each.name.startswith(f"{product}-testers-")
    ]

    assert (rule["cidrIpv4"], rule["toPort"]) == ("203.0.113.0/24", 8443)
