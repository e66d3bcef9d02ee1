"""Check the workflows with actionlint: the one on PATH, else one built from its Go module.

The module's version is fixed here and its content by Go's checksum database. Exits 1 where it finds
anything, or checked nothing.
"""

import os
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
BUILD = ROOT / "build" / "actionlint-1.7.7"
MODULE = "github.com/rhysd/actionlint/cmd/actionlint@v1.7.7"


def program() -> str:
    """Return actionlint's path; builds it the first time."""
    if found := shutil.which("actionlint"):
        return found
    built = BUILD / "actionlint"
    if not built.is_file():
        go = shutil.which("go")
        if go is None:
            sys.exit("actionlint is not here, nor is Go to build it: apt-get install golang-go")
        subprocess.run([go, "install", MODULE], check=True, env=os.environ | {"GOBIN": str(BUILD)})
    return str(built)


def main() -> int:
    """Check every workflow."""
    workflows = sorted((ROOT / ".github" / "workflows").glob("*.yml"))
    if not workflows:
        print("there are no workflows to check")
        return 1
    done = subprocess.run([program(), "-no-color", *map(str, workflows)], cwd=ROOT, check=False)
    print(f"actionlint: {len(workflows)} workflows, status {done.returncode}")
    return done.returncode


if __name__ == "__main__":
    sys.exit(main())
