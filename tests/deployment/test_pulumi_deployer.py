"""The deployer on the official engine, with the real CLI or with its recorded conversations."""

import json
import os
import signal
import subprocess
import sys
import textwrap

import pytest
from support.platform import eventually

from platformctl.deployment.pulumi.failures import PulumiError
from platformctl.errors import (
    AuthenticationError,
    CancelledError,
    ResourceError,
    StackNotFoundError,
)


def steps(official):
    """Return what was done to things, as pairs (operation, name)."""
    ended = [event.res_outputs_event for event in official.events if event.res_outputs_event]
    return [
        (
            str(getattr(each.metadata.op, "value", each.metadata.op)),
            each.metadata.urn.split("::")[-1],
        )
        for each in ended
        if "dynamic:Resource" in each.metadata.type
    ]


def test_the_first_up_makes_the_stack_and_the_next_changes_nothing(official):
    first = official.run("up", message="first")

    assert first.changes["create"] == 2  # the thing, and the stack itself
    assert ("create", "a") in steps(official)
    assert first.outputs == {"url": "http://shop.example", "password": "[secret]"}
    assert official.run("up").changed == 0


def test_a_preview_counts_what_up_then_does(official):
    official.run("up")
    official.things(a=1, b=2)

    preview = official.run("preview")

    assert preview.changes["create"] == 1
    assert ("create", "b") in steps(official)
    assert official.run("up").changes["create"] == preview.changes["create"]


def test_a_preview_of_a_stack_that_nobody_deployed_says_so(official):
    with pytest.raises(StackNotFoundError, match="dev"):
        official.run("preview")
    assert official.deployer().exists is False


def test_outputs_are_masked_unless_asked_for(official):
    official.run("up")
    deployer = official.deployer()

    assert deployer.outputs()["password"] == "[secret]"
    assert deployer.outputs(show_secrets=True)["password"] == "swordfish"


def test_the_export_keeps_secrets_sealed_and_can_be_imported_again(official):
    official.run("up")
    deployer = official.deployer()
    exported = deployer.export()

    assert exported["version"] == 3
    assert "swordfish" not in json.dumps(exported)
    deployer.import_(exported)
    assert official.run("up").changed == 0


def test_the_history_tells_what_was_done_and_why(official):
    official.run("up", message="first")
    official.run("destroy", message="enough")

    history = official.deployer().history()

    assert [(each["kind"], each["result"]) for each in history][:2] == [
        ("destroy", "succeeded"),
        ("update", "succeeded"),
    ]
    assert [each["message"] for each in history][:2] == ["enough", "first"]
    assert all(each["environment"]["user"] for each in history)


def test_refresh_reads_what_is_recorded(official):
    official.run("up")

    assert official.run("refresh").changed == 0


def test_destroy_leaves_nothing(official):
    official.run("up")

    assert official.run("destroy").changes["delete"] == 2
    assert "resources" not in official.deployer().export()["deployment"]


def test_a_resource_that_fails_is_named_with_its_reason(official):
    official.things(a=1, big=10)

    with pytest.raises(ResourceError, match="the quota is 9") as caught:
        official.run("up")

    assert caught.value.exit_code == 4


def test_a_wrong_passphrase_is_an_authentication_error(official, monkeypatch):
    official.run("up")
    monkeypatch.setenv("PULUMI_CONFIG_PASSPHRASE", "wrong")

    with pytest.raises(AuthenticationError, match="passphrase"):
        official.run("up")


def test_a_plugin_that_cannot_be_had_is_named(official):
    program = official.folder / "shop" / "__main__.py"
    program.write_text(
        "import pulumi\n"
        "class Thing(pulumi.CustomResource):\n"
        "    def __init__(self):\n"
        '        super().__init__("absent:index:Thing", "a", {})\n'
        "Thing()\n"
    )
    with pytest.raises(PulumiError, match="'absent'") as caught:
        official.run("up")

    assert caught.value.remedy == "pulumi plugin install resource absent"


def test_ctrl_c_stops_the_engine_cleanly_and_releases_the_lock(official):
    official.things(a=7)  # a thing that takes half a minute
    program = textwrap.dedent(
        f"""
        from pathlib import Path
        from platformctl.deployment.interface import DeploymentOptions
        from platformctl.deployment.project import Project
        from platformctl.deployment.pulumi.deployer import PulumiDeployer
        from platformctl.errors import CancelledError

        def tell(event):
            started = event.resource_pre_event
            if started and "dynamic" in started.metadata.type:
                print("started", flush=True)

        deployer = PulumiDeployer(Project(Path({str(official.project.root)!r})), "dev")
        try:
            deployer.up(DeploymentOptions(), tell)
        except CancelledError as error:
            print("cancelled", error.exit_code, flush=True)
        """
    )
    child = subprocess.Popen(
        [sys.executable, "-c", program], stdout=subprocess.PIPE, text=True, env=dict(os.environ)
    )
    bin_folder = official.folder / "bin"
    eventually(lambda: _is_working(official, bin_folder), seconds=60)

    child.send_signal(signal.SIGINT)

    stdout, _ = child.communicate(timeout=60)
    assert f"cancelled {CancelledError.exit_code}" in stdout
    locks = official.folder / "backend" / ".pulumi" / "locks"
    assert list(locks.rglob("*.json")) == []


def _is_working(official, bin_folder):
    """Tell whether the CLI is in the middle of creating the slow thing."""
    if official.asked is not None:
        return (bin_folder / "waiting").exists()
    log = bin_folder / "events.log"
    return log.exists() and '"dynamic:Resource' in log.read_text().replace("pulumi-python:", '"')
