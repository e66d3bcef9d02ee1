"""How fast a service moves from release to release: cutover, rollback, and one that crashes.

All of it by the command, in a region of its own, while requests are sent.
"""

import json
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from benchmarks.figures import Figure

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "tests"))  # the traffic and the versions of the proofs

from support import versions  # noqa: E402  # found by the line above
from support.platform import Platform, eventually  # noqa: E402  # found by the line above
from support.traffic import Mix, Traffic  # noqa: E402  # found by the line above

SERVICE = "analytics-api"
READY_SECONDS = 2
TIMING = {
    "weights": [50, 100],
    "stepSeconds": 2,
    "bakeSeconds": 2,
    "readySeconds": READY_SECONDS,
}
WAITS = 6.0
"""Seconds that a cutover waits with this timing, whatever happens."""
LIMITS = {"p99Milliseconds": None, "relativeLatencyPercent": None, "periodSeconds": 1}
RATE = 100
UNDONE = 4
"""Exit status of a deployment that went back."""


def measure() -> Iterator[Figure]:
    """Deploy, roll back and deploy what crashes."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "project")
        path.mkdir()
        platform = Platform.create(path)
        platform.configure(_set_timing)
        try:
            platform.run("up", "local", timeout=300)
            url = platform.outputs()["analytics_api_url"]
            mix = Mix(url=url, get="/v1/events?limit=1", post="", rate=RATE)
            with Traffic(mix) as traffic:
                eventually(lambda: traffic.report().records)
                yield from _cutover(platform, Path(folder))
                yield _rollback(platform, traffic)
                yield _crash(platform, Path(folder))
                failures = traffic.stop().failures
            yield Figure("requests that failed meanwhile", len(failures), "", "0")
            began = time.monotonic()
            platform.run("status", "local")
            yield Figure("`status`", time.monotonic() - began, "s", "≤ 1 s")
        finally:
            platform.run("destroy", "local", "--yes")


def _set_timing(config: dict[str, Any]) -> None:
    """Have cutovers wait as `TIMING` says, with limits that do not depend on the machine."""
    config["platform:cutover"].update(TIMING)
    config["platform:cutover"]["analysis"].update(LIMITS)


def _cutover(platform: Platform, folder: Path) -> Iterator[Figure]:
    operation, took = _deploy(platform, folder, versions.good("a"), status=0)
    whole = _moment(operation["ended"]) - _moment(operation["created"])
    steps = {step["name"]: step for step in operation["steps"]}
    begun, well = _moment(steps["start"]["started"]), _moment(steps["ready"]["ended"])
    starting = well - begun - READY_SECONDS
    yield Figure(
        "cutover, beyond its waits and the start of tasks", whole - WAITS - starting, "s", "≤ 3 s"
    )
    yield Figure("start of its tasks, until the load balancer finds them well", starting, "s")
    yield Figure("the command `deploy` besides, pushing the image included", took - whole, "s")


def _rollback(platform: Platform, traffic: Traffic) -> Figure:
    left = traffic.report().records[-1].release
    began = time.time()
    platform.run("rollback", "local", SERVICE)
    records = traffic.report().records
    last = max(record.started for record in records if record.release == left)
    name = "`rollback`, from the command to the last request that reaches the old side"
    return Figure(name, last - began, "s", "≤ 2 s")


def _crash(platform: Platform, folder: Path) -> Figure:
    operation, _ = _deploy(platform, folder, versions.crashes(), status=UNDONE)
    steps = {step["name"]: step for step in operation["steps"]}
    seconds = _moment(steps["ready"]["ended"]) - _moment(steps["start"]["started"])
    return Figure("a side whose tasks crash, until that is noticed", seconds, "s", "≤ 10 s")


def _deploy(
    platform: Platform, folder: Path, version: versions.Version, *, status: int
) -> tuple[Mapping[str, Any], float]:
    """Deploy a version; return the operation, and how many seconds the command took."""
    source = versions.checkout(folder / version.name, version)
    began = time.monotonic()
    arguments = ("deploy", "local", SERVICE, "--source", str(source), "--json")
    said = platform.run(*arguments, status=status).stdout
    took = time.monotonic() - began
    return json.loads(said.splitlines()[-1])["operation"], took


def _moment(text: str) -> float:
    return datetime.fromisoformat(text).timestamp()
