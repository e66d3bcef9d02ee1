import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from platformctl import errors

ROOT = Path(__file__).parents[3]
EXPECTED = {
    "PlatformError": 1,
    "InvocationError": 2,
    "ConfigurationError": 2,
    "AuthenticationError": 3,
    "ResourceError": 4,
    "PolicyViolationError": 5,
    "StackNotFoundError": 6,
    "UnexpectedChangesError": 7,
    "CancelledError": 8,
    "OperationTimeoutError": 9,
    "StateError": 1,
    "LockedError": 1,
    "RegionError": 1,
}


def all_errors(kind=errors.PlatformError):
    yield kind
    for child in kind.__subclasses__():
        yield from all_errors(child)


def test_every_error_has_the_exit_status_the_table_gives_it():
    ours = [kind for kind in all_errors() if kind.__module__ == "platformctl.errors"]

    assert {kind.__name__: kind.exit_code for kind in ours} == EXPECTED


def test_every_error_has_a_code_of_its_own():
    codes = [kind.code for kind in all_errors()]

    assert len(codes) == len(set(codes))


@pytest.mark.parametrize(
    ("arguments", "status", "said"),
    [
        (["--help"], 0, ""),
        (["no-such-command"], 2, "No such command"),
        (["up"], 2, "Missing argument"),
        (["outputs", "nowhere"], 6, "there is no environment named 'nowhere'"),
    ],
)
def test_the_process_ends_with_the_status_and_says_why(tmp_path, arguments, status, said):
    (tmp_path / "Pulumi.yaml").write_text("name: platform\nruntime: python\nmain: stacks\n")
    run = subprocess.run(
        [sys.executable, "-m", "platformctl.cli", *arguments],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )

    assert run.returncode == status
    assert said in run.stderr
    assert "Traceback" not in run.stderr


def test_outside_a_project_the_error_says_where_to_go(tmp_path):
    run = subprocess.run(
        [sys.executable, "-m", "platformctl.cli", "outputs", "local"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )

    assert run.returncode == 2
    assert "Pulumi.yaml" in run.stderr


@pytest.mark.parametrize("command", [["deploy"], ["cutover", "start"]])
def test_nothing_is_deployed_by_a_stack_file_with_mistakes(project, command):
    stack = project / "Pulumi.local.yaml"
    wrong = stack.read_text().replace("[10, 50, 100]", "[50, -10, 90]")
    assert wrong != stack.read_text()
    stack.write_text(wrong)
    run = subprocess.run(
        [sys.executable, "-m", "platformctl.cli", *command, "local", "analytics-api"],
        cwd=project,
        capture_output=True,
        text=True,
        check=False,
    )

    assert run.returncode == 2
    assert "platform:cutover.weights is [50, -10, 90]: must be from 1 to 100 each" in run.stderr
    assert not (project / ".platformctl").exists(), "nothing was looked at"


def test_a_stack_file_is_judged_before_the_missing_cli_is_told(project):
    stack = project / "Pulumi.production.yaml"
    text = (ROOT / stack.name).read_text()
    wrong = text.replace("platform:region: us-east-1", "platform:regoin: us-east-1")
    assert wrong != text
    stack.write_text(wrong)
    run = subprocess.run(
        [sys.executable, "-m", "platformctl.cli", "up", "production", "--yes"],
        cwd=project,
        env={**os.environ, "PATH": "", "HOME": str(project)},
        capture_output=True,
        text=True,
        check=False,
    )

    assert run.returncode == 2, run.stderr
    assert "regoin" in run.stderr
    assert "Pulumi CLI" not in run.stderr


@pytest.fixture
def project(tmp_path):
    """Return a copy of the project's files about environments."""
    for name in ("Pulumi.yaml", "Pulumi.local.yaml"):
        shutil.copy(ROOT / name, tmp_path)
    return tmp_path
