"""Which deployer and which AWS endpoint belong to an environment.

An environment is local when its stack file says `platform:environment: local`; every other one
is an AWS account, which the embedded engine can preview but never change.
"""

from collections.abc import Callable
from typing import Any

from platformctl.aws.clients import local_clients
from platformctl.deployment.embedded.deployer import EmbeddedDeployer
from platformctl.deployment.interface import Deployer
from platformctl.deployment.project import Project
from platformctl.errors import PlatformError
from platformctl.region.client import RegionClient


def is_local(project: Project, stack: str) -> bool:
    """Tell whether an environment lives in the local region."""
    values = project.configuration(stack).values
    return values.get(f"{project.name}:environment") == "local"


def deployer(project: Project, stack: str, region: RegionClient) -> Deployer:
    """Return what deploys an environment.

    Raises:
        StackNotFoundError: There is no such environment.
    """
    return EmbeddedDeployer(project, stack, region if is_local(project, stack) else None)


def clients(project: Project, stack: str, region: RegionClient) -> Callable[[str, str], Any]:
    """Return a function that makes boto3 clients for an environment: (service, region name).

    Raises:
        PlatformError: The local region is not running, or the environment is not local.
    """
    if not is_local(project, stack):
        raise PlatformError(
            f"cannot ask AWS about {stack}",
            why="only local environments can be operated so far",
        )
    if not region.running:
        raise PlatformError(
            f"cannot ask about {stack}",
            why="the local region is not running",
            remedy=f"platformctl up {stack}",
        )
    return local_clients(region.endpoint)
