"""The delivery workflows call what exists, hold no key, and may do no more than they need."""

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest
import typer
import yaml

from platformctl.cli.main import app
from platformctl.config.app import load_apps

ROOT = Path(__file__).resolve().parents[2]
WORKFLOWS = sorted((ROOT / ".github" / "workflows").glob("*.yml"))
ACTIONS = sorted((ROOT / ".github" / "actions").glob("*/action.y*ml"))
PINNED = re.compile(r"[\w.-]+(/[\w.-]+)+@[0-9a-f]{40}")
UNPINNED = {"github/codeql-action/upload-sarif@v3"}  # why, is said beside it


def steps(path):
    document = yaml.safe_load(path.read_text())
    if "runs" in document:
        return document["runs"]["steps"]
    return [step for job in document["jobs"].values() for step in job["steps"]]


def commands(path):
    return "\n".join(step["run"] for step in steps(path) if "run" in step)


def command_exists(words):
    command = typer.main.get_command(app)
    for word in words:
        if not hasattr(command, "commands"):
            return True  # what follows are arguments
        if word not in command.commands:
            return False
        command = command.commands[word]
    return True


@pytest.mark.parametrize("path", [*WORKFLOWS, *ACTIONS], ids=lambda path: path.parent.name)
def test_every_command_and_target_that_a_workflow_calls_exists(path):
    called = re.findall(r"\bplatformctl ((?:[a-z-]+ ?)+)", commands(path))
    targets = re.findall(r"^make ([a-z-]+)", commands(path), re.MULTILINE)
    made = set(re.findall(r"^([a-z-]+)\b.*:", (ROOT / "Makefile").read_text(), re.MULTILINE))

    assert [words for words in called if not command_exists(words.split())] == []
    assert [each for each in targets if each not in made] == []
    files = re.findall(r"(?:^|python )(\.\w[\w/.-]+)", commands(path), re.MULTILINE)
    assert [each for each in files if not (ROOT / each).is_file()] == []


@pytest.mark.parametrize("path", [*WORKFLOWS, *ACTIONS], ids=lambda path: path.parent.name)
def test_every_action_is_pinned_to_a_commit_or_is_our_own(path):
    used = {step["uses"] for step in steps(path) if "uses" in step}
    own = {each for each in used if each.startswith("./")}

    assert [each for each in own if not (ROOT / each / "action.yml").is_file()] == []
    assert {each for each in used - own if not PINNED.fullmatch(each)} <= UNPINNED


def test_no_workflow_holds_a_key_and_only_deploying_jobs_may_ask_for_a_token():
    for path in WORKFLOWS:
        text = path.read_text()
        document = yaml.safe_load(text)

        assert "AWS_SECRET_ACCESS_KEY" not in text
        assert "secrets." not in text
        assert document["permissions"] == {"contents": "read"}
        for name, job in document["jobs"].items():
            trusted = job.get("permissions", {}).get("id-token") == "write"
            assert trusted == ("environment" in job), name
            assert "timeout-minutes" in job, name


def test_production_comes_after_everything_else():
    jobs = yaml.safe_load((ROOT / ".github/workflows/delivery.yml").read_text())["jobs"]

    def before(name):
        needs = jobs[name].get("needs", [])
        direct = [needs] if isinstance(needs, str) else needs
        return set(direct).union(*map(before, direct))

    assert before("production") == set(jobs) - {"production"}
    assert jobs["production"]["environment"] == "production"


def test_the_images_that_are_built_are_those_that_the_program_asks_for():
    printed = subprocess.run(
        [sys.executable, ".github/scripts/images.py"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    images = json.loads(printed.stdout)
    apps = load_apps(ROOT)

    assert {each["image"]: each["tag"] for each in images} == {
        name: apps[name].digest for name in (each["image"] for each in images)
    }
    assert all((ROOT / each["file"]).is_file() for each in images)
    assert len(images) == len(list(ROOT.glob("apps/*/*/Dockerfile")))
