"""Task definitions of releases, and what a source says about its release."""

import pytest
from support.stacks import REPOSITORY

from platformctl.errors import InvocationError
from platformctl.operations.releases.definition import configuration_of, derive, on_side
from platformctl.operations.releases.images import registry_of, tag_of
from platformctl.operations.releases.model import Image
from platformctl.operations.releases.source import origin_of
from platformctl.operations.services.model import Service

SERVICE = Service(
    name="shop-api", product="shop", kind="balanced", region="us-east-1", container="api"
)
DIGEST = "sha256:" + "a" * 64
IMAGE = Image(reference=f"1.dkr.ecr/shop-api@{DIGEST}", digest=DIGEST, version="1.4.0")
DESCRIBED = {
    "taskDefinitionArn": "arn:aws:ecs:us-east-1:1:task-definition/shop-api:7",
    "revision": 7,
    "status": "ACTIVE",
    "registeredAt": "yesterday",
    "family": "shop-api",
    "cpu": "256",
    "tags": [{"key": "Product", "value": "shop"}],
    "containerDefinitions": [
        {
            "name": "api",
            "image": "1.dkr.ecr/shop-api:1.3.0",
            "environment": [{"name": "SIDE", "value": "blue"}, {"name": "A", "value": "1"}],
            "secrets": [{"name": "DB_PASS", "valueFrom": "arn:secret:password::"}],
        },
        {"name": "collector", "image": "collector:1", "environment": []},
    ],
}


def variables(definition):
    return {
        each["name"]: each["value"] for each in definition["containerDefinitions"][0]["environment"]
    }


def test_a_release_is_registered_as_the_stack_made_it_but_for_image_and_variables():
    made = derive(DESCRIBED, SERVICE, IMAGE, {"A": "2", "B": "3"})

    assert made.keys() == {"family", "cpu", "tags", "containerDefinitions"}
    assert made["containerDefinitions"][0]["image"] == IMAGE.reference
    assert made["containerDefinitions"][0]["secrets"] == [
        {"name": "DB_PASS", "valueFrom": "arn:secret:password::"}
    ]
    assert made["containerDefinitions"][1] == DESCRIBED["containerDefinitions"][1]
    assert variables(made) == {"SIDE": "blue", "A": "2", "B": "3"}


def test_a_side_differs_in_nothing_but_its_name():
    made = derive(DESCRIBED, SERVICE, IMAGE, {})
    green = on_side(made, SERVICE, "r7", "green")

    assert variables(green) == {"SIDE": "green", "A": "1", "RELEASE": "r7"}
    assert configuration_of(green, SERVICE) == configuration_of(made, SERVICE)


def test_another_variable_is_another_configuration_and_another_image_is_not():
    made = derive(DESCRIBED, SERVICE, IMAGE, {})
    other_image = Image(reference="x@sha256:b", digest="sha256:b", version="2")

    assert configuration_of(made, SERVICE) == configuration_of(
        derive(DESCRIBED, SERVICE, other_image, {}), SERVICE
    )
    assert configuration_of(made, SERVICE) != configuration_of(
        derive(DESCRIBED, SERVICE, IMAGE, {"A": "2"}), SERVICE
    )


def test_a_secret_is_never_given_with_a_release():
    with pytest.raises(InvocationError, match="it is a secret, read from arn:secret:password::"):
        derive(DESCRIBED, SERVICE, IMAGE, {"DB_PASS": "hunter2"})


@pytest.mark.parametrize(
    ("reference", "registry", "tag"),
    [
        ("1.dkr.ecr/shop/api:1.3.0", "1.dkr.ecr", "1.3.0"),
        ("1.dkr.ecr/api@sha256:a", "1.dkr.ecr", "sha256:a"),
        ("localhost:5000/api:1", "localhost:5000", "1"),
        ("api", "", ""),
    ],
)
def test_a_reference_is_registry_and_tag(reference, registry, tag):
    assert (registry_of(reference), tag_of(reference)) == (registry, tag)


def test_a_source_says_which_migrations_it_knows_and_what_it_must_answer():
    origin = origin_of(REPOSITORY, "analytics-api")
    migrations = (REPOSITORY / "apps/analytics/database/migrations").rglob("0*.py")

    assert origin.migration_head == max(path.name[:4] for path in migrations)
    assert all(check["path"].startswith("/") for check in origin.smoke)
    assert origin.smoke


def test_a_source_without_a_repository_has_no_commit(tmp_path):
    folder = tmp_path / "apps" / "shop" / "api"
    folder.mkdir(parents=True)
    (folder / "app.yaml").write_text("image: shop-api\ncommand: [python, -m, api]\n")
    (folder / "api.py").write_text("")
    origin = origin_of(tmp_path, "shop-api")

    assert (origin.commit, origin.dirty, origin.migration_head) == ("", False, "")
