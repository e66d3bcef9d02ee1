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
