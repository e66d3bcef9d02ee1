"""A rehearsal: what differs from the environment itself, and that nothing else does."""

import json

import pytest

from platformctl.deployment.project import Project
from platformctl.deployment.rehearsal import Rehearsal

STACK = """
config:
  aws:region: us-east-1
  platform:environment: production
  platform:deletionProtection: true
  platform:products: [shop]
  platform:shop:
    api: { cpu: 256, desiredCount: 3, minCount: 2, maxCount: 20 }
    workers: [{ replicas: 1 }]
    nodes: { minimum: 3, desired: 3, maximum: 6 }
    database: { nodes: 5 }
"""


@pytest.fixture
def root(tmp_path):
    (tmp_path / "Pulumi.yaml").write_text("name: platform\nruntime: python\n")
    (tmp_path / "Pulumi.production.yaml").write_text(STACK)
    return tmp_path


def shop(values):
    return json.loads(values["platform:shop"])


def test_it_is_local_although_its_file_says_production(root):
    rehearsal = Rehearsal(root, "production")

    assert rehearsal.is_local("production")
    assert rehearsal.kind("production") == "production"


def test_it_keeps_state_and_region_apart_from_everything_else(root):
    assert Rehearsal(root, "production").data != Project(root).data
    assert Rehearsal(root, "production").data.is_relative_to(Project(root).data)


def test_without_a_cap_only_the_protection_differs(root):
    real = Project(root).configuration("production").values
    rehearsed = Rehearsal(root, "production").configuration("production").values

    differing = {key for key in rehearsed if rehearsed[key] != real.get(key)}
    assert differing == {"platform:deletionProtection", "platform:rehearsal"}
    assert real.keys() <= rehearsed.keys()


def test_a_cap_lowers_counts_of_tasks_and_nothing_else(root):
    capped = shop(Rehearsal(root, "production", most=2).configuration("production").values)

    assert capped == {
        "api": {"cpu": 256, "desiredCount": 2, "minCount": 2, "maxCount": 2},
        "workers": [{"replicas": 1}],
        "nodes": {"minimum": 2, "desired": 2, "maximum": 2},
        "database": {"nodes": 5},
    }


def test_what_the_account_has_already_is_made(root):
    (root / "Pulumi.production.yaml").write_text(
        STACK + "  platform:edge: { domain: example.com, hostedZoneId: Z0123456789ABCDEFGHIJ }\n"
    )
    values = Rehearsal(root, "production").configuration("production").values

    assert json.loads(values["platform:edge"]) == {"domain": "example.com"}
