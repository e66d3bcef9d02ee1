"""Which deployer and which AWS endpoint belong to an environment.

An environment is local when its stack file says `platform:environment: local`; the embedded engine
deploys it into the local region. Every other one is an AWS account: the official engine deploys it,
and the embedded one can preview it where the official one cannot work.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from platformctl.aws.clients import account_clients, has_credentials, local_clients
from platformctl.deployment.embedded.deployer import EmbeddedDeployer
from platformctl.deployment.interface import Deployer
from platformctl.deployment.project import Project
from platformctl.deployment.pulumi.installation import is_installed
from platformctl.errors import AuthenticationError, RegionError
from platformctl.region.client import RegionClient


@dataclass(frozen=True)
class Previewer:
    """What previews an environment.

    Attributes:
        deployer: The deployer; only its `preview` is to be used.
        note: Why it is not the one that deploys the environment; empty where it is.
    """

    deployer: Deployer
    note: str = ""


def deployer(
    project: Project, stack: str, region: RegionClient, *, offline: bool = False
) -> Deployer:
    """Return what deploys an environment.

    Args:
        project: The Pulumi project.
        stack: The environment.
        region: The project's local region.
        offline: Whether to use the embedded engine and the state on this machine even where the
            environment is an AWS account.

    Raises:
        StackNotFoundError: There is no such environment.
        PulumiError: It is an AWS account, and the official CLI is missing or does not fit.
    """
    if project.is_local(stack):
        return EmbeddedDeployer(project, stack, region)
    if offline:
        return EmbeddedDeployer(project, stack, None)
    # The Automation API takes half a second to import.
    from platformctl.deployment.pulumi.deployer import PulumiDeployer  # noqa: PLC0415

    return PulumiDeployer(project, stack)


def previewer(
    project: Project, stack: str, region: RegionClient, *, offline: bool = False
) -> Previewer:
    """Return what previews an environment: the engine that deploys it, if that can work.

    Raises:
        StackNotFoundError: There is no such environment.
        PulumiError: The official CLI is there and cannot be used.
    """
    if project.is_local(stack):
        return Previewer(deployer(project, stack, region))
    note = "asked for" if offline else _hindrance(project, stack)
    if note:
        return Previewer(
            deployer(project, stack, region, offline=True),
            f"previewed by the embedded engine from the program alone: {note}",
        )
    return Previewer(deployer(project, stack, region))


def _hindrance(project: Project, stack: str) -> str:
    """Tell what keeps the official engine from previewing; nothing if it can."""
    if not is_installed():
        return "the Pulumi CLI is not installed"
    if not has_credentials():
        return f"there are no AWS credentials for {stack}"
    from platformctl.deployment.pulumi.deployer import PulumiDeployer  # noqa: PLC0415  # as above

    if not PulumiDeployer(project, stack).exists:
        return "nothing is deployed yet"
    return ""


def clients(project: Project, stack: str, region: RegionClient) -> Callable[[str, str], Any]:
    """Return a function that makes boto3 clients for an environment: (service, region name).

    Raises:
        AuthenticationError: It is an AWS account, and there are no credentials for one.
        RegionError: It is local, and the local region is not running.
    """
    if not project.is_local(stack):
        if not has_credentials():
            raise AuthenticationError(
                f"there are no AWS credentials for {stack}",
                why="neither the environment nor a profile has any",
                remedy="aws sso login, or set AWS_PROFILE",
            )
        return account_clients()
    if not region.running:
        raise RegionError(
            f"cannot ask about {stack}",
            why="the local region is not running",
            remedy=f"platformctl up {project.arguments(stack)}",
        )
    return local_clients(region.endpoint)
