"""What the images are made of."""

import subprocess
import sys
from pathlib import Path

import pytest
from support.analytics import APPS

from platformctl.config.app import load_apps

IMAGES = {
    "analytics-ingestion": 8080,
    "analytics-consumer": 8081,
    "analytics-api": 8000,
}
ROOT = APPS.parents[1]


def test_each_service_is_one_image_with_its_port():
    apps = load_apps(ROOT)

    assert {name: apps[name].port for name in IMAGES} == IMAGES


@pytest.mark.parametrize("image", IMAGES)
def test_the_folders_of_an_image_are_all_it_needs(image, tmp_path):
    app = load_apps(ROOT)[image]
    for folder in app.folders:
        (tmp_path / folder.name).symlink_to(folder)
    module = app.path.parent.name

    run = subprocess.run(
        [sys.executable, "-c", f"import {module}.application, {module}.__main__"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )

    assert run.returncode == 0, run.stderr


@pytest.mark.parametrize("image", IMAGES)
def test_the_dockerfile_is_clean_and_copies_the_same_folders(image):
    app = load_apps(ROOT)[image]
    dockerfile = app.path.parent / "Dockerfile"
    lint = subprocess.run(
        [Path(sys.executable).with_name("hadolint"), dockerfile],
        capture_output=True,
        text=True,
        check=False,
    )

    assert lint.returncode == 0, lint.stdout
    text = dockerfile.read_text()
    copied = {line.split()[1].rstrip("/") for line in text.splitlines() if line.endswith("/")}
    assert copied == {folder.name for folder in app.folders}
    assert f"PORT={app.port}" in text
    assert "USER 10001" in text


def test_the_packages_of_the_images_are_those_of_the_lock():
    check = [sys.executable, APPS / "requirements.py", "--check"]

    assert subprocess.run(check, check=False).returncode == 0


def test_the_health_check_fails_while_nobody_answers():
    run = subprocess.run(
        [sys.executable, "-m", "telemetry.healthcheck"],
        cwd=APPS,
        env={"HOST": "127.0.0.1", "PORT": "1"},
        check=False,
    )

    assert run.returncode == 1
