"""Which engine an environment gets, and what is said where it cannot have its own."""

import sys

import pytest
from support import pulumi_cli

from platformctl.deployment import choose
from platformctl.deployment.embedded.deployer import EmbeddedDeployer
from platformctl.deployment.project import Project
from platformctl.deployment.pulumi.failures import PulumiError
from platformctl.errors import AuthenticationError
from platformctl.region.client import RegionClient


@pytest.fixture
def project(tmp_path, monkeypatch):
    (tmp_path / "Pulumi.yaml").write_text("name: shop\nruntime: python\n")
    (tmp_path / "Pulumi.local.yaml").write_text("config:\n  shop:environment: local\n")
    (tmp_path / "Pulumi.production.yaml").write_text("config:\n  shop:token: {secure: v1:x}\n")
    (tmp_path / "bin").mkdir()
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_PROFILE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "none"))
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "none"))
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))
    return Project(tmp_path)


def region(project):
    return RegionClient(project.data / "region")


def with_cli(project, version="v3.272.0"):
    there = {"said": "stack select", "code": 0, "stdout": "", "stderr": "", "events": []}
    pulumi_cli.install_player(project.root / "bin", [there], version)


def with_credentials(monkeypatch):
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIAEXAMPLE")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "secret")


def test_a_local_environment_gets_the_embedded_engine(project):
    assert isinstance(choose.deployer(project, "local", region(project)), EmbeddedDeployer)
    assert choose.previewer(project, "local", region(project)).note == ""


def test_an_account_gets_the_official_engine(project, monkeypatch):
    with_cli(project)
    with_credentials(monkeypatch)

    assert (
        type(choose.deployer(project, "production", region(project))).__name__ == "PulumiDeployer"
    )
    previewer = choose.previewer(project, "production", region(project))
    assert type(previewer.deployer).__name__ == "PulumiDeployer"
    assert previewer.note == ""


def test_without_the_cli_an_account_cannot_be_changed_and_the_remedy_is_said(project):
    with pytest.raises(PulumiError, match="not installed") as caught:
        choose.deployer(project, "production", region(project))

    assert "platformctl doctor --install" in caught.value.remedy


def test_a_cli_that_is_too_old_is_refused_with_both_versions(project):
    with_cli(project, version="v3.1.0")

    with pytest.raises(PulumiError, match=r"current CLI version is 3\.1\.0"):
        choose.deployer(project, "production", region(project))


@pytest.mark.skipif(sys.platform == "win32", reason="an executable script")
def test_a_cli_that_does_not_run_is_told_from_one_that_is_missing(project):
    broken = project.root / "bin" / "pulumi"
    broken.write_text("#!/bin/sh\nexit 3\n")
    broken.chmod(0o700)

    with pytest.raises(PulumiError, match="does not run"):
        choose.deployer(project, "production", region(project))


def test_a_stack_that_nobody_deployed_is_previewed_from_the_program_alone(project, monkeypatch):
    with_credentials(monkeypatch)
    absent = {
        "said": "stack select",
        "code": 6,
        "stdout": "",
        "stderr": "error: no stack named 'production' found",
        "events": [],
    }
    pulumi_cli.install_player(project.root / "bin", [absent])

    chosen = choose.previewer(project, "production", region(project))

    assert isinstance(chosen.deployer, EmbeddedDeployer)
    assert "nothing is deployed yet" in chosen.note


@pytest.mark.parametrize(
    ("cli", "credentials", "offline", "note"),
    [
        (False, True, False, "the Pulumi CLI is not installed"),
        (True, False, False, "there are no AWS credentials"),
        (True, True, True, "asked for"),
    ],
)
def test_a_preview_falls_back_to_the_embedded_engine_and_says_why(
    project, monkeypatch, cli, credentials, offline, note
):
    if cli:
        with_cli(project)
    if credentials:
        with_credentials(monkeypatch)

    chosen = choose.previewer(project, "production", region(project), offline=offline)

    assert isinstance(chosen.deployer, EmbeddedDeployer)
    assert note in chosen.note


def test_operating_an_account_without_credentials_is_an_authentication_error(project):
    with pytest.raises(AuthenticationError, match="production"):
        choose.clients(project, "production", region(project))


def test_clients_of_an_account_do_not_follow_a_stray_endpoint(project, monkeypatch):
    with_credentials(monkeypatch)
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:9")

    client = choose.clients(project, "production", region(project))("sts", "us-east-1")

    assert client.meta.endpoint_url.endswith("amazonaws.com")
