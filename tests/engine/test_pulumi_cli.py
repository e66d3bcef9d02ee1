"""Our state in the hands of the official CLI, and the other way round."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from support.engine_program import Project

from platformctl.engine.wire import SIGNATURE

pytestmark = [
    pytest.mark.pulumi_cli,
    pytest.mark.skipif(shutil.which("pulumi") is None, reason="pulumi is not on PATH"),
]

PROGRAM = """
group = Group("group")
a = Thing("a", password=Output.secret("swordfish-1"), list=[1, 2.5, None, {"x": "y"}],
          file=pulumi.StringAsset("text"),
          opts=Options(parent=group, protect=True, ignore_changes=["list"],
                       custom_timeouts=pulumi.CustomTimeouts(create="5m")))
b = Thing("b", source=a.arn, copy=a.password, opts=Options(retain_on_delete=True))
Thing("c", reference=b, opts=Options(deleted_with=b, additional_secret_outputs=["arn"]))
group.register_outputs({"arn": a.arn})
export("password", a.password)
export("arn", b.arn)
"""


class Cli:
    """The official CLI with a backend in a folder."""

    def __init__(self, project: Project) -> None:
        self.folder = project.folder
        (self.folder / "home").mkdir()
        (self.folder / "backend").mkdir()
        self.environment = os.environ | {
            "PULUMI_BACKEND_URL": f"file://{self.folder / 'backend'}",
            "PULUMI_CONFIG_PASSPHRASE": project.passphrase,
            "PULUMI_HOME": str(self.folder / "home"),
            "PULUMI_SKIP_UPDATE_CHECK": "true",
            "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
        }
        self("stack", "init", "dev")

    def __call__(self, *arguments: str) -> str:
        done = subprocess.run(
            ["pulumi", "--non-interactive", *arguments],
            cwd=self.folder,
            env=self.environment,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout


def comparable(document: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the resources without what every writer puts in its own words."""
    return [
        {key: value for key, value in resource.items() if key not in ("created", "modified")}
        for resource in _without_ciphertext(document["deployment"]["resources"])
    ]


def _without_ciphertext(value: Any) -> Any:
    if isinstance(value, dict):
        if SIGNATURE in value and "ciphertext" in value:
            return "secret"
        return {key: _without_ciphertext(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_without_ciphertext(item) for item in value]
    return value


def test_the_cli_takes_our_state_with_its_secrets_and_gives_it_back(project: Project) -> None:
    project.up(PROGRAM)
    cli = Cli(project)
    exported = project.stack.export()
    file = project.folder / "state.json"
    file.write_text(json.dumps(exported))

    cli("stack", "import", "--file", str(file))

    returned = json.loads(cli("stack", "export"))
    assert comparable(returned) == comparable(exported)
    outputs = json.loads(cli("stack", "output", "--json", "--show-secrets"))
    assert outputs == project.stack.outputs(show_secrets=True)
    assert json.loads(cli("stack", "output", "--json"))["password"] == "[secret]"
    assert "swordfish-1" in cli("stack", "export", "--show-secrets")


def test_we_take_the_clis_state_and_find_nothing_changed(project: Project, tmp_path: Path) -> None:
    project.up(PROGRAM)
    cli = Cli(project)
    file = project.folder / "state.json"
    file.write_text(json.dumps(project.stack.export()))
    cli("stack", "import", "--file", str(file))
    returned = json.loads(cli("stack", "export"))

    project.stack.import_(returned)

    changes = project.up().changes
    assert set(changes) == {"same"}
    assert project.stack.outputs(show_secrets=True)["password"] == "swordfish-1"


COMPONENTS = """
outer = Group("outer")
inner = Group("inner", opts=Options(parent=outer))
inner.register_outputs({"password": Output.secret("swordfish-1"), "size": 2})
outer.register_outputs({})
export("size", 2)
"""


def test_our_preview_is_the_document_that_the_cli_prints(project: Project) -> None:
    project.write(COMPONENTS)
    (project.folder / "Pulumi.yaml").write_text("name: shop\nmain: program\nruntime: python\n")
    theirs = json.loads(Cli(project)("preview", "--json", "--suppress-progress"))

    ours = project.preview(COMPONENTS)

    assert plain(theirs["steps"]) == plain(ours.steps)
    assert theirs["changeSummary"] == dict(ours.changes)


def plain(steps: Any) -> list[dict[str, Any]]:
    """Return steps without what only one writer can know: when, and on which line."""
    spoken = ("created", "modified", "sourcePosition", "stackTrace")
    return [
        step | {"newState": {key: v for key, v in step["newState"].items() if key not in spoken}}
        for step in sorted(steps, key=lambda step: step["urn"])
    ]
