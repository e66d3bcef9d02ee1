"""Rules about the repository itself."""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def test_the_platform_folder_never_hides_the_standard_library_module():
    assert not (ROOT / "platform" / "__init__.py").exists()


def test_every_file_with_a_test_in_it_is_collected():
    uncollected = [
        str(path.relative_to(ROOT))
        for path in (ROOT / "tests").rglob("*.py")
        if "\ndef test_" in path.read_text() or "\nasync def test_" in path.read_text()
        if not path.name.startswith("test_")
    ]

    assert uncollected == []


def test_every_mapped_package_carries_its_types():
    folders = [*(ROOT / "platform").iterdir(), *(ROOT / n for n in ("cli", "components", "stacks"))]

    assert [f.name for f in folders if f.is_dir() and not (f / "py.typed").exists()] == []


def test_no_test_replaces_the_real_thing_with_a_mock():
    offenders = [
        str(path.relative_to(ROOT))
        for path in (ROOT / "tests").rglob("*.py")
        if path != Path(__file__) and "unittest.mock" in path.read_text()
    ]

    assert offenders == []


def test_the_generated_pages_are_what_the_code_says():
    run = subprocess.run(
        [sys.executable, "docs/generate.py", "--check"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )

    assert run.returncode == 0, run.stdout + run.stderr
