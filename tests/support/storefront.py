"""The storefront as a process, of any version."""

import os
import subprocess
import sys
import tempfile
from pathlib import Path

import httpx
from support.platform import eventually
from support.ports import free_port


class Storefront:
    """One process of the storefront; use it with `with`.

    Args:
        project: A checkout: it holds `apps/shop`.
        port: Where it listens; a free port by default.
        ready: Whether to wait until it answers.
        variables: More of its environment, such as `RELEASE` and `ORDERS`.
    """

    def __init__(self, project: Path, *, port: int = 0, ready: bool = True, **variables: str):
        self.port = port or free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self._log = tempfile.TemporaryFile("w+")  # noqa: SIM115  # closed by __exit__
        self.process = subprocess.Popen(
            [sys.executable, "-m", "storefront"],
            cwd=project / "apps" / "shop",
            env={**os.environ, **variables, "HOST": "127.0.0.1", "PORT": str(self.port)},
            stdout=self._log,
            stderr=subprocess.STDOUT,
        )
        if ready:
            eventually(self._answers)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.kill()
        self.process.wait(10)
        self._log.close()

    def output(self) -> str:
        """Return what it has written to its log so far."""
        self._log.seek(0)
        return self._log.read()

    def _answers(self):
        assert self.process.poll() is None, self.output()
        try:
            return httpx.get(f"{self.url}/health")
        except httpx.TransportError:
            return None
