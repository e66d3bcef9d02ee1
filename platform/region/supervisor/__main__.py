"""Run a region until it is asked to stop: `python -m platformctl.region.supervisor --root …`.

`platformctl.region.client` starts it, detached, and reads from the folder `run` what became of it:
`supervisor.json` while it runs, `failure.json` when it could not start.
"""

import argparse
import asyncio
import fcntl
import json
import logging
import os
import secrets
import signal
import sys
from pathlib import Path

import uvloop

from platformctl.errors import PlatformError
from platformctl.region.supervisor.control import Control
from platformctl.region.supervisor.region import LocalRegion, file_descriptor_limit

_LOG = logging.getLogger("platformctl.region")


def main() -> int:
    """Run the region; the exit status is 1 when it could not start."""
    arguments = _arguments()
    root: Path = arguments.root
    run = root / "run"
    run.mkdir(parents=True, exist_ok=True, mode=0o700)
    lock = os.open(run / "supervisor.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        sys.stderr.write(f"a supervisor of {root} runs already\n")
        return 1
    logging.basicConfig(
        level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s: %(message)s"
    )
    file_descriptor_limit()
    try:
        uvloop.run(_run(root, arguments.project, arguments.port))
    except PlatformError as error:
        _LOG.error("%s", error)  # it has a name; where it was raised helps nobody
        failure = {"what": error.what, "why": error.why, "remedy": error.remedy}
        (run / "failure.json").write_text(json.dumps(failure))
        return 1
    return 0


async def _run(root: Path, project: Path | None, port: int) -> None:
    token = secrets.token_urlsafe(32)
    region = LocalRegion(root, project, port)
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, region.request_stop)
    state = root / "run" / "supervisor.json"
    try:
        await region.start(Control(region, token).handle)
        _publish(state, {"endpoint": region.endpoint, "token": token, "pid": os.getpid()})
        await region.run()
    finally:
        await region.stop()
        state.unlink(missing_ok=True)


def _publish(path: Path, document: dict[str, object]) -> None:
    """Write how to reach the region, in one step, readable by its owner only."""
    temporary = path.with_suffix(".new")
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w") as file:
        json.dump(document, file)
    temporary.replace(path)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Run the local region of a project.")
    parser.add_argument("--root", type=Path, required=True)
    parser.add_argument("--project", type=Path)
    parser.add_argument("--port", type=int, default=4566)
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
