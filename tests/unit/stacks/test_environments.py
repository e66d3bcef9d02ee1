"""The other environments, and what all have in common."""

import json
import re

import pytest
from support.environments import environment
from support.paper import REPOSITORY, document

from platformctl.config.app import load_apps
from platformctl.config.environment import PRODUCTS
from platformctl.errors import ConfigurationError
from platformctl.stacks.building.edge import static_files
from platformctl.stacks.exports import SHARED_OUTPUTS
from platformctl.stacks.products.table import PACKAGES, product


def test_the_local_environment_speaks_plain_http_at_its_addresses(local):
    assert (
        local.outputs["analytics_api_url"] == "http://LoadBalancer/analytics-balancer/dnsName:8080"
    )
    assert (
        local.outputs["analytics_frontend_url"]
        == "http://Distribution/analytics-frontend/domainName"
    )
    assert local.all("Certificate") == local.all("Record") == []


def test_nothing_of_the_local_environment_is_protected(local):
    assert not any(resource.protect for resource in local.resources)
    assert not any(
        bucket.inputs["forceDestroy"] is False for bucket in local.all("s3/bucket:Bucket")
    )


def test_every_output_of_the_table_is_exported(local):
    of_the_product = {f"analytics_{name}" for name in product("analytics").outputs}
    missing = (SHARED_OUTPUTS.keys() | of_the_product) - local.outputs.keys()

    # A worker has no rule at all; metrics are AWS's to keep.
    without = (
        *("consumer_test_rule_arn", "consumer_rule_arn", "recovery_region"),
        *("metrics_url", "grafana_host"),
    )
    assert all(name.endswith(without) for name in missing)
    assert local.outputs.keys() <= SHARED_OUTPUTS.keys() | of_the_product


def test_every_product_of_the_configuration_can_be_made():
    assert PACKAGES.keys() == set(PRODUCTS)
    assert all(callable(product(name).make) for name in PRODUCTS)


def test_the_image_of_a_service_is_the_current_source(local):
    apps = load_apps(REPOSITORY)
    for name in ("ingestion", "consumer", "api"):
        task = local.one("TaskDefinition", f"analytics-{name}-task-definition").inputs
        (container,) = document(task["containerDefinitions"])
        digest = apps[f"analytics-{name}"].digest
        assert container["image"] == f"Repository/analytics-{name}/repositoryUrl:{digest}"


def test_logical_names_are_unique_for_each_type(local):
    named = [(resource.type, resource.name) for resource in local.resources]

    assert len(named) == len(set(named))


def test_physical_names_hold_no_part_that_aws_refuses(local):
    for group in local.all("TargetGroup"):
        assert len(group.name) + len("-1234567") <= 32
        assert re.fullmatch(r"[A-Za-z0-9-]{1,32}", group.inputs["name"])
    for role in local.all("iam/role:Role"):
        assert len(role.inputs["name"]) <= 64


def configured(**values):
    def change(configuration):
        product = json.loads(configuration["platform:analytics"])
        for path, value in values.items():
            *parents, last = path.split("__")
            section = product
            for part in parents:
                section = section[part]
            section[last] = value
        configuration["platform:analytics"] = json.dumps(product)

    return change


def test_a_configured_version_is_the_images_tag(tmp_path):
    plan = environment(tmp_path, "local", configured(api__version="v7"))
    task = plan.one("TaskDefinition", "analytics-api-task-definition").inputs

    assert document(task["containerDefinitions"])[0]["image"].endswith(":v7")


def test_configured_variables_reach_the_container_but_never_replace_its_name(tmp_path):
    plan = environment(
        tmp_path, "local", configured(api__environment={"LOG_LEVEL": "debug", "EXTRA": "1"})
    )
    task = plan.one("TaskDefinition", "analytics-api-task-definition").inputs
    variables = {
        entry["name"]: entry["value"]
        for entry in document(task["containerDefinitions"])[0]["environment"]
    }

    assert variables["LOG_LEVEL"] == "debug"
    assert variables["EXTRA"] == "1"
    assert variables["SERVICE_NAME"] == "analytics-api"


# Staging protects nothing, so nothing leaves a final snapshot; it has no other region to recover
# in.
PRODUCTION_ONLY = {
    "random:index/randomId:RandomId",
    "aws:dynamodb/tableReplica:TableReplica",
    "aws:s3/bucketReplicationConfig:BucketReplicationConfig",
    "aws:backup/restoreTestingPlan:RestoreTestingPlan",
    "aws:backup/restoreTestingSelection:RestoreTestingSelection",
    "aws:backup/vaultLockConfiguration:VaultLockConfiguration",
    "aws:ecr/replicationConfiguration:ReplicationConfiguration",
    "aws:msk/clusterPolicy:ClusterPolicy",
    "kubernetes:autoscaling/v2:HorizontalPodAutoscaler",
    "platformctl:compute:RegistryReplication",
}


def test_staging_has_the_same_kinds_of_resources_as_production(staging, production):
    kinds = {
        resource.type
        for resource in production.resources
        if "recovery" not in f"{resource.name} {resource.parent}"
    }

    assert kinds - {resource.type for resource in staging.resources} <= PRODUCTION_ONLY


def test_a_mistake_in_the_stack_file_stops_the_program_with_its_sentence(tmp_path):
    with pytest.raises(Exception, match=r"platform:analytics\.api\.cpu is 300: must be one of"):
        environment(tmp_path, "local", configured(api__cpu=300))


def test_every_file_of_the_page_has_a_key_a_type_and_a_digest(tmp_path):
    (tmp_path / "assets").mkdir()
    for name in ("index.html", "app.js", "assets/logo.svg", "notes.unknown"):
        (tmp_path / name).write_text(name)
    files = static_files(tmp_path)

    assert {key: file.content_type for key, file in files.items()} == {
        "index.html": "text/html; charset=utf-8",
        "app.js": "text/javascript; charset=utf-8",
        "assets/logo.svg": "image/svg+xml",
        "notes.unknown": "application/octet-stream",
    }
    assert files["index.html"].cache_control == "no-cache"
    before = files["app.js"].digest
    (tmp_path / "app.js").write_text("changed")
    assert static_files(tmp_path)["app.js"].digest != before


def test_a_folder_without_a_page_is_refused(tmp_path):
    with pytest.raises(ConfigurationError, match=r"has no index\.html"):
        static_files(tmp_path)
