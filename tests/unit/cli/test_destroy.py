"""Deleting an environment, seen from outside the process."""

import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[3]


def test_where_nothing_was_deployed_no_region_is_started_to_delete_it(tmp_path):
    for name in ("Pulumi.yaml", "Pulumi.local.yaml"):
        shutil.copy(ROOT / name, tmp_path)
    run = subprocess.run(
        [sys.executable, "-m", "platformctl.cli", "destroy", "local", "--yes"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )

    assert run.returncode == 0, run.stderr
    assert "local: there is nothing to delete" in run.stderr
    assert not (tmp_path / ".platformctl" / "region").exists()
