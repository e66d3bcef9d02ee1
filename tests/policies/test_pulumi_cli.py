"""The rules as a policy pack of the official CLI."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from support.policies import PACK

pytestmark = [
    pytest.mark.pulumi_cli,
    pytest.mark.skipif(shutil.which("pulumi") is None, reason="pulumi is not on PATH"),
]

# Components need no provider plugin; a waiver that holds for too long breaks a mandatory rule.
PROGRAM = """
import pulumi

group = pulumi.ComponentResource("shop:index:Group", "group")
waiver = pulumi.ComponentResource("platformctl:policy:Waiver", "waiver", {
    "rule": "rds-not-public", "reason": "a test", "owner": "shop", "until": "2099-01-31"},
    pulumi.ResourceOptions(parent=group))
"""


def preview(folder, program):
    """Preview a program with the pack, in a backend of its own."""
    folder.mkdir()
    (folder / "Pulumi.yaml").write_text("name: shop\nruntime: python\n")
    (folder / "__main__.py").write_text(program)
    (folder / "backend").mkdir()
    environment = os.environ | {
        "PULUMI_BACKEND_URL": f"file://{folder / 'backend'}",
        "PULUMI_CONFIG_PASSPHRASE": "correct horse",
        "PULUMI_HOME": str(folder / "home"),
        "PULUMI_SKIP_UPDATE_CHECK": "true",
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
    }

    def pulumi(*arguments):
        return subprocess.run(
            ["pulumi", "--non-interactive", *arguments],
            cwd=folder,
            env=environment,
            capture_output=True,
            text=True,
            check=False,
        )

    assert pulumi("stack", "init", "production").returncode == 0
    return pulumi("preview", "--policy-pack", str(PACK))


def test_the_official_engine_refuses_what_breaks_a_mandatory_rule(tmp_path):
    done = preview(tmp_path / "bad", PROGRAM)

    assert done.returncode != 0
    assert "[waiver-invalid]" in done.stdout + done.stderr


def test_the_official_engine_goes_on_where_every_rule_is_kept(tmp_path):
    done = preview(tmp_path / "good", PROGRAM.partition("waiver =")[0])

    assert done.returncode == 0, done.stdout + done.stderr
    assert "platformctl" in done.stdout


TOPIC = """
import datetime
import pulumi
from platformctl.policies.waive import waive

topic = pulumi.ComponentResource("aws:sns/topic:Topic", "orders", {"name": "orders", "tags": {
    "Environment": "production", "Product": "shop", "ManagedBy": "pulumi", "CostCenter": "1",
    "Owner": "shop", "Component": "orders", "DataClass": "internal"}})
until = (datetime.date.today() + datetime.timedelta(days=90)).isoformat()
"""
WAIVED = 'waive(topic, "sns-encrypted", reason="it holds no data", owner="shop", until=until)'


def test_a_waiver_in_the_program_holds_under_the_official_engine_too(tmp_path):
    refused = preview(tmp_path / "plain", TOPIC)
    waived = preview(tmp_path / "waived", TOPIC + WAIVED)

    assert refused.returncode != 0
    assert "[sns-encrypted]" in refused.stdout + refused.stderr
    assert waived.returncode == 0, waived.stdout + waived.stderr
    assert "[sns-encrypted] waived until" in waived.stdout
