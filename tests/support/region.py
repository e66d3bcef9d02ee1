"""A real local region for tests: started in a folder of its own, and nothing left of it after."""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any

import boto3
import psutil
from botocore.config import Config

from platformctl.region import environment
from platformctl.region.client import RegionClient
from platformctl.region.supervisor import warden


class RunningRegion:
    """A region that runs.

    Attributes:
        root: The region's folder.
        project: Folder whose `apps/<product>/<app>/app.yaml` the region runs; tests add to it.
        controller: Client that starts, stops and asks it.
    """

    def __init__(self, folder: Path, port: int = 0) -> None:
        self.project = folder / "project"
        (self.project / "apps").mkdir(parents=True, exist_ok=True)
        self.root = self.project / ".platformctl" / "region"
        self.controller = RegionClient(self.root)
        self.port = port

    @property
    def endpoint(self) -> str:
        """URL of the AWS endpoint."""
        return self.controller.endpoint

    def start(self) -> None:
        """Start it on the port it had before, at first on a free one."""
        self.controller.start(project=self.project, port=self.port)
        self.port = int(self.endpoint.rpartition(":")[2])

    def stop(self) -> None:
        """Stop it and check that no process is left."""
        self.controller.stop()
        assert processes_of(self.root) == []

    def client(self, service: str, region: str = "us-east-1") -> Any:
        """Return a boto3 client for this region."""
        return client(self.endpoint, service, region)


@cache
def client(endpoint: str, service: str, region: str) -> Any:
    """Return a boto3 client for an endpoint; clients are slow to make, so they are kept."""
    return boto3.client(
        service,
        region_name=region,
        endpoint_url=endpoint,
        aws_access_key_id=environment.ACCESS_KEY,
        aws_secret_access_key=environment.SECRET_KEY,
        config=Config(retries={"total_max_attempts": 2}, inject_host_prefix=False),
    )


@contextmanager
def running_region(folder: Path) -> Iterator[RunningRegion]:
    """Start a region in a folder and stop it at the end."""
    region = RunningRegion(folder)
    region.start()
    try:
        yield region
    finally:
        region.stop()


def processes_of(root: Path) -> list[str]:
    """Return the command lines of everything that runs for a region, the supervisor included."""
    found = []
    for process in psutil.process_iter():
        try:
            mark = process.environ().get(warden.MARK)
            command = process.cmdline()
        except psutil.Error:
            continue  # It ended, or is not ours to look at.
        if mark == str(root) or str(root) in command:
            found.append(" ".join(command))
    return found
