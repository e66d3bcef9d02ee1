"""`platformctl bootstrap` as a person meets it, against a real local region."""

import json
import subprocess
import sys

import pytest


@pytest.fixture(scope="module")
def shop(region):
    (region.project / "Pulumi.yaml").write_text("name: orders\nruntime: python\n")
    (region.project / "Pulumi.local.yaml").write_text("config: {orders:environment: local}\n")
    return region.project


def bootstrap(folder, *arguments, environment="local"):
    return subprocess.run(
        [sys.executable, "-m", "platformctl.cli", "bootstrap", environment, *arguments],
        cwd=folder,
        capture_output=True,
        text=True,
        stdin=subprocess.DEVNULL,
        check=False,
    )


def test_it_shows_a_plan_makes_it_and_finds_everything_the_next_time(shop):
    files = {name: (shop / name).read_text() for name in ("Pulumi.yaml", "Pulumi.local.yaml")}
    planned = bootstrap(shop, "--repository", "acme/orders", "--dry-run")
    assert "state bucket: orders-state-000000000000-us-east-1" in planned.stderr

    made = bootstrap(shop, "--repository", "acme/orders", "--yes", "--json")
    document = json.loads(made.stdout)

    assert made.returncode == 0, made.stderr
    assert document["done"] == document["plan"]
    assert [each["part"] for each in document["done"]] == [
        "state key",
        "state bucket",
        "secrets key",
        "identity provider",
        "deploy role",
    ]
    assert document["deployRole"] == "arn:aws:iam::000000000000:role/orders-local-deploy"
    again = bootstrap(shop, "--repository", "acme/orders")
    assert again.returncode == 0
    assert "everything is as it must be" in again.stderr
    # A rehearsal leaves the project's files alone.
    assert {name: (shop / name).read_text() for name in files} == files


def test_without_a_terminal_it_insists_on_yes_and_makes_nothing(shop, region):
    (shop / "Pulumi.rehearsal.yaml").write_text("config: {orders:environment: local}\n")

    refused = bootstrap(shop, "--repository", "acme/orders", environment="rehearsal")

    assert refused.returncode == 2
    assert "add --yes" in refused.stderr
    names = [role["RoleName"] for role in region.client("iam").list_roles()["Roles"]]
    assert "orders-rehearsal-deploy" not in names
