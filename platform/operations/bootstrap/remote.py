"""Which GitHub repository a project is in, by its git remote."""

import re
import subprocess
from pathlib import Path

_GITHUB = re.compile(r"github\.com[:/](?P<repository>[^/\s]+/[^/\s]+?)(\.git)?/?$")


def repository_of(folder: Path) -> str | None:
    """Return `owner/name` of the remote `origin`; None where it is not at GitHub."""
    try:
        asked = subprocess.run(
            ["git", "-C", str(folder), "remote", "get-url", "origin"],
            capture_output=True,
            text=True,
            check=False,
        )
    except FileNotFoundError:  # no git on this machine
        return None
    found = _GITHUB.search(asked.stdout.strip())
    return found["repository"] if found else None
