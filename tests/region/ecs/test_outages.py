"""Tasks when the region is stopped, killed, or one region name goes dark."""

import os
import signal
from collections.abc import Iterator
from pathlib import Path

import httpx
import psutil
import pytest
from support.ecs import Stage, url, wait_for
from support.region import RunningRegion, running_region


@pytest.fixture
def own_region(tmp_path: Path) -> Iterator[RunningRegion]:
    """Yield a region that the test may break."""
    with running_region(tmp_path) as region:
        yield region


def pids_of(stage: Stage) -> list[int]:
    return [int(task["containers"][0]["runtimeId"]) for task in stage.tasks("web")]


def test_tasks_stop_with_the_region_and_come_back_with_it(own_region: RunningRegion) -> None:
    stage = Stage(own_region)
    stage.serve("web", stage.define(), count=2)
    stage.await_stable("web")
    before = pids_of(stage)
    own_region.stop()
    assert not any(map(psutil.pid_exists, before))

    own_region.start()
    stage.await_stable("web")
    assert len(stage.tasks("web")) == 2
    stopped = stage.tasks("web", status="STOPPED")
    assert {task["stoppedReason"] for task in stopped} == {"The local region was stopped."}
    assert stage.service("web")["deployments"][0]["failedTasks"] == 0


def test_a_killed_supervisor_takes_its_tasks_along_and_the_next_one_starts_them(
    own_region: RunningRegion,
) -> None:
    stage = Stage(own_region)
    stage.serve("web", stage.define(), count=2)
    stage.await_stable("web")
    before = pids_of(stage)
    os.kill(own_region.controller.status()["pid"], signal.SIGKILL)
    wait_for(lambda: not any(map(psutil.pid_exists, before)), what="the end of the tasks")

    own_region.start()
    stage.await_stable("web")
    assert set(before).isdisjoint(pids_of(stage))
    assert all(httpx.get(url(task)).status_code == 200 for task in stage.tasks("web"))


def test_an_outage_of_one_region_name_stops_its_tasks_only(own_region: RunningRegion) -> None:
    east, west = Stage(own_region), Stage(own_region, "us-west-2")
    for stage in (east, west):
        stage.serve("web", stage.define())
        stage.await_stable("web")
    gone, kept = pids_of(east), pids_of(west)
    own_region.controller.stop_region("us-east-1")
    wait_for(lambda: not any(map(psutil.pid_exists, gone)))
    assert all(map(psutil.pid_exists, kept))

    own_region.controller.start_region("us-east-1")
    east.await_stable("web")
    assert set(gone).isdisjoint(pids_of(east))
    assert pids_of(west) == kept
