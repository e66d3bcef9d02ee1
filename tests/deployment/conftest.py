"""An environment under the official engine: the real CLI where there is one, else its recording."""

import os
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from support import pulumi_cli

from platformctl.deployment.interface import DeploymentOptions, Outcome
from platformctl.deployment.project import Project
from platformctl.deployment.pulumi.deployer import PulumiDeployer

PROGRAM = """
import time
import pulumi
from pulumi.dynamic import CreateResult, Resource, ResourceProvider

class Provider(ResourceProvider):
    def create(self, properties):
        if properties["size"] > 9:
            raise ValueError("the quota is 9")
        time.sleep(30 if properties["size"] == 7 else 0)
        return CreateResult(id_=f"thing-{properties['size']}", outs=properties)

class Thing(Resource):
    def __init__(self, name, size):
        super().__init__(Provider(), name, {"size": size})

for name, size in pulumi.Config().require_object("things").items():
    Thing(name, size)
pulumi.export("url", "http://shop.example")
pulumi.export("password", pulumi.Output.secret("swordfish"))
"""


@dataclass
class Official:
    """A project whose environment `dev` the official engine deploys."""

    folder: Path
    asked: Path | None = None
    events: list[Any] = field(default_factory=list)

    @property
    def project(self) -> Project:
        return Project(self.folder / "shop")

    def things(self, **sizes: int) -> None:
        """Say in the stack file which things there are."""
        lines = [f"    {name}: {size}" for name, size in sizes.items()]
        stack = self.folder / "shop" / "Pulumi.dev.yaml"
        kept = [line for line in _lines(stack) if line.startswith("encryptionsalt")]
        stack.write_text("\n".join([*kept, "config:", "  shop:things:", *lines, ""]))

    def deployer(self) -> PulumiDeployer:
        return PulumiDeployer(self.project, "dev")

    def run(self, verb: str, **options: Any) -> Outcome:
        self.events.clear()
        chosen = DeploymentOptions(**options)
        return getattr(self.deployer(), verb)(chosen, self.events.append)


def _lines(path: Path) -> list[str]:
    return path.read_text().splitlines() if path.exists() else []


@pytest.fixture(params=[pytest.param("real", marks=pytest.mark.pulumi_cli), "recorded"])
def official(request, tmp_path, monkeypatch):
    real = pulumi_cli.real_cli()
    bin_folder = tmp_path / "bin"
    bin_folder.mkdir()
    shop = tmp_path / "shop"
    shop.mkdir()
    (shop / "Pulumi.yaml").write_text("name: shop\nruntime: python\n")
    (shop / "__main__.py").write_text(PROGRAM)
    (tmp_path / "backend").mkdir()
    monkeypatch.setenv("PULUMI_BACKEND_URL", f"file://{tmp_path / 'backend'}")
    monkeypatch.setenv("PULUMI_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("PULUMI_CONFIG_PASSPHRASE", "correct horse")
    name = request.node.originalname
    official = Official(tmp_path)
    official.things(a=1)
    if request.param == "recorded":
        official.asked = pulumi_cli.install_player(bin_folder, pulumi_cli.recorded(name))
    elif real is None:
        pytest.skip("pulumi is not on PATH")
    else:
        recording = pulumi_cli.install_recorder(bin_folder, real)
    python = str(Path(sys.executable).parent)
    monkeypatch.setenv("PATH", os.pathsep.join((str(bin_folder), python, os.environ["PATH"])))
    yield official
    if request.param == "real" and os.environ.get("PLATFORMCTL_RECORD"):
        pulumi_cli.save(recording, name, tmp_path, real)
