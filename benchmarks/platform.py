"""How long `up`, a second `up` and `destroy` take, and how much memory the region needs."""

import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from benchmarks.figures import Figure

ROOT = Path(__file__).resolve().parents[1]
COPIED = ("Pulumi.yaml", "Pulumi.local.yaml", "stacks", "apps")


def measure() -> Iterator[Figure]:
    """Deploy the analytics product from nothing in a folder of its own, and remove it."""
    with tempfile.TemporaryDirectory() as folder:
        for name in COPIED:
            source = ROOT / name
            (shutil.copytree if source.is_dir() else shutil.copy2)(source, Path(folder, name))
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            environment = {**os.environ, "PLATFORMCTL_PORT": str(probe.getsockname()[1])}

        def run(*arguments: str) -> tuple[float, str]:
            command = [sys.executable, "-m", "platformctl.cli", *arguments]
            began = time.monotonic()
            done = subprocess.run(
                command, cwd=folder, env=environment, stdout=subprocess.PIPE, check=True, text=True
            )
            return time.monotonic() - began, done.stdout

        try:
            yield Figure(
                "`up local`, all stopped before, healthy after",
                run("up", "local")[0],
                "s",
                "≤ 25 s",
            )
            yield Figure("second `up`, no change", run("up", "local")[0], "s", "≤ 3 s")
            yield Figure("`status`", run("status", "local")[0], "s", "≤ 1 s")
            processes = json.loads(run("region", "ps", "--json")[1])
            memory = sum(process["memory"] for process in processes) / 1024**3
            yield Figure("memory of the region", memory, "GiB", "≤ 2 GiB")
            yield from _traffic(run)
        finally:
            took = run("destroy", "local", "--yes")[0]
        yield Figure("`destroy`", took, "s", "≤ 10 s")


def _traffic(run) -> Iterator[Figure]:
    """Send what the region can take, in batches and one by one."""
    for batch, rate, reach in ((100, 12000, "≥ 10,000 /s"), (1, 1200, "≥ 1,000 /s")):
        arguments = ("--rate", str(rate), "--batch", str(batch), "--duration", "20s", "--json")
        result = json.loads(run("load", "run", "local", *arguments)[1])
        kind = f"events end to end, batches of {batch}" if batch > 1 else "single events end to end"
        yield Figure(kind, result["accepted"] / result["seconds"], "/s", reach)
        lost = result["accepted"] - result["counted"]
        yield Figure(f"{kind}: lost", lost, "", "0")
