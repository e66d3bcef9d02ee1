"""The composition root: what a command needs, made once and only when asked for."""

import json
from collections.abc import Callable
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from platformctl.deployment.project import Project, find_project

if TYPE_CHECKING:
    from platformctl.deployment.interface import Deployer
    from platformctl.operations.status.report import StatusReport
    from platformctl.region.client import RegionClient


class Runtime:
    """Everything commands share, for the project in a folder.

    Args:
        directory: Where to look for the project; the current folder by default.
    """

    def __init__(self, directory: Path | None = None) -> None:
        self.directory = (directory or Path.cwd()).resolve()

    @cached_property
    def project(self) -> Project:
        """The project that the folder belongs to."""
        return find_project(self.directory)

    @cached_property
    def region(self) -> "RegionClient":
        """The project's local region, running or not."""
        from platformctl.region.client import RegionClient

        return RegionClient(self.project.data / "region")

    def deployer(self, environment: str) -> "Deployer":
        """Return what deploys an environment.

        Raises:
            ConfigurationError: The stack file is wrong; names every mistake in it.
            StackNotFoundError: There is no such environment.
        """
        from platformctl.deployment import choose

        return choose.deployer(self.project, environment, self.region)

    def prepare_program(self) -> None:
        """Start the program's interpreter already, while the engine is still being imported."""
        from platformctl.engine.program import interpreter

        interpreter.prepare(self.project.program)

    def clients(self, environment: str) -> Callable[[str, str], Any]:
        """Return a function that makes boto3 clients for an environment: (service, region)."""
        from platformctl.deployment import choose

        return choose.clients(self.project, environment, self.region)

    def client(self, environment: str, service: str) -> Any:
        """Return a boto3 client for an environment, in its primary region."""
        return self.clients(environment)(service, self.aws_region(environment))

    def is_local(self, environment: str) -> bool:
        """Tell whether an environment lives in the local region."""
        from platformctl.deployment import choose

        return choose.is_local(self.project, environment)

    def products(self, environment: str) -> list[str]:
        """Name the products of an environment that have sample events."""
        values = self.project.plain_values(environment)
        named = json.loads(values.get(f"{self.project.name}:products", "[]"))
        apps = self.project.root / "apps"
        return [product for product in named if (apps / product / "load.yaml").is_file()]

    def aws_region(self, environment: str) -> str:
        """Return the AWS region that an environment's stack file names."""
        values = self.project.plain_values(environment)
        return values.get("aws:region") or values.get(f"{self.project.name}:region", "us-east-1")

    def status(self, environment: str) -> "StatusReport":
        """Ask every part of an environment how it is doing."""
        from platformctl.operations.status.report import read_status

        checkpoint = self.deployer(environment).export()
        clients = self.clients(environment)
        return read_status(environment, checkpoint, clients, region=self.aws_region(environment))
