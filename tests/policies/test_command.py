"""`platformctl policy check|list|explain`, as a user runs it."""

import json
import subprocess
import sys

import pytest
from support.policies import records, resource

DATABASE = "aws:rds/instance:Instance"
TAGS = dict.fromkeys(
    ("Environment", "Product", "ManagedBy", "CostCenter", "Owner", "Component", "DataClass"), "x"
)


def platformctl(folder, *arguments):
    return subprocess.run(
        [sys.executable, "-m", "platformctl.cli", "policy", *arguments],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.fixture
def checkpoint(tmp_path):
    """Write a checkpoint of another team's project, and return a function that changes it."""

    def write(**inputs):
        table = resource("aws:sqs/queue:Queue", "orders", inputs={"tags": TAGS, **inputs})
        dead = resource("aws:sqs/queue:Queue", "dead", inputs={"redriveAllowPolicy": "{}"})
        kept = {**dead, "inputs": {**dead["inputs"], "tags": TAGS}}
        table["inputs"]["redrivePolicy"] = "{}"
        document = {"version": 3, "deployment": {"resources": records(table, kept)}}
        (tmp_path / "state.json").write_text(json.dumps(document))
        return tmp_path

    return write


def test_what_keeps_every_rule_ends_well(checkpoint):
    done = platformctl(checkpoint(), "check", "production", "--against", "state.json")

    assert done.returncode == 0, done.stdout + done.stderr
    assert "✓ production" in done.stdout


def test_a_mandatory_violation_ends_with_status_five(checkpoint):
    folder = checkpoint(sqsManagedSseEnabled=False)

    done = platformctl(folder, "check", "production", "--against", "state.json")

    assert done.returncode == 5
    assert "sqs-encrypted" in done.stdout
    assert "the policies refuse production" in done.stderr


def test_the_same_is_advice_in_the_local_environment_unless_it_is_to_fail(checkpoint):
    folder = checkpoint(sqsManagedSseEnabled=False)
    arguments = ("check", "local", "--against", "state.json")

    assert platformctl(folder, *arguments).returncode == 0
    assert platformctl(folder, *arguments, "--fail-on", "advisory").returncode == 5


@pytest.mark.parametrize("name", ["json", "sarif"])
def test_documents_are_all_that_is_printed(checkpoint, name):
    folder = checkpoint(sqsManagedSseEnabled=False)

    done = platformctl(folder, "check", "production", "--against", "state.json", "--format", name)

    assert "sqs-encrypted" in json.dumps(json.loads(done.stdout))


def test_what_an_earlier_report_has_does_not_count(checkpoint):
    folder = checkpoint(sqsManagedSseEnabled=False)
    check = ("check", "production", "--against", "state.json")
    (folder / "old.json").write_text(platformctl(folder, *check, "--format", "json").stdout)

    done = platformctl(folder, *check, "--baseline", "old.json")

    assert done.returncode == 0, done.stderr
    assert "1 known" in done.stdout


def test_waivers_of_the_project_hold(checkpoint):
    folder = checkpoint(sqsManagedSseEnabled=False)
    (folder / "policies").mkdir()
    (folder / "policies" / "waivers.yaml").write_text(
        "waivers:\n  - {rule: sqs-encrypted, resource: orders, reason: r, owner: o, "
        "until: 2026-01-31}\n"
    )

    done = platformctl(folder, "check", "production", "--against", "state.json")

    assert done.returncode == 5
    assert "waiver-expired: 1 advisory" in done.stdout


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("check", "production", "--against", "none.json"), "cannot read none.json"),
        (("check", "production", "--against", "state.json", "--format", "x"), "no format 'x'"),
        (("check", "production", "--against", "state.json", "--fail-on", "x"), "fail on x"),
        (("explain", "rds-publc"), "rds-not-public"),
        (("list", "--format", "x"), "no format 'x'"),
    ],
)
def test_what_cannot_be_understood_ends_with_status_two(checkpoint, arguments, said):
    done = platformctl(checkpoint(), *arguments)

    assert done.returncode == 2
    assert said in done.stderr


def test_rules_are_listed_and_explained(tmp_path):
    listed = platformctl(tmp_path, "list", "--env", "staging", "--format", "json")
    names = [each["id"] for each in json.loads(listed.stdout)]
    explained = platformctl(tmp_path, "explain", "rds-not-public")

    assert "rds-not-public" in names
    assert "rds-multi-az" not in names
    for part in ("Why", "To fix", "Breaks it", "Keeps it", "Security Hub RDS.2"):
        assert part in explained.stdout


QUEUE = """
import pulumi_aws as aws

aws.sqs.Queue("orders", sqs_managed_sse_enabled=False)
"""


@pytest.mark.parametrize(("purpose", "status"), [("local", 0), ("production", 5)])
def test_an_environment_is_judged_by_what_its_stack_file_says_it_is_for(tmp_path, purpose, status):
    (tmp_path / "Pulumi.yaml").write_text("name: shop\nruntime: python\n")
    (tmp_path / "__main__.py").write_text(QUEUE)
    config = f"aws:region: us-east-1\n  shop:environment: {purpose}"
    (tmp_path / "Pulumi.demo.yaml").write_text(f"config:\n  {config}\n")

    done = platformctl(tmp_path, "check", "demo")

    assert done.returncode == status, done.stdout + done.stderr
    assert "demo: " in done.stdout
