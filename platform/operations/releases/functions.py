"""Releases of functions: published versions, which Lambda keeps with their configuration."""

from dataclasses import dataclass
from pathlib import Path

from platformctl.aws.clients import Clients
from platformctl.config.app import files
from platformctl.errors import InvocationError
from platformctl.operations.cutover.function_versions import (
    FunctionVersion,
    find_version,
    publish,
)
from platformctl.operations.releases.model import Image
from platformctl.operations.releases.source import Origin, origin_of
from platformctl.operations.services.model import Service
from platformctl.region.services.ecr.contents import app_from


@dataclass(frozen=True, kw_only=True)
class Code:
    """The code of a release, and what runs it.

    Attributes:
        image: The code as a release names it; without a reference, as it is no image.
        origin: Where it came from.
        definition: The version that is invoked.
        configuration: Digest of the version's configuration.
    """

    image: Image
    origin: Origin
    definition: dict[str, str]
    configuration: str


def version_of(clients: Clients, service: Service, number: str) -> Code:
    """Return a published version as a release has it.

    Raises:
        InvocationError: There is no such version.
    """
    return _code(find_version(clients, service, number), Origin())


def publish_source(clients: Clients, service: Service, source: Path) -> Code:
    """Publish the code of a project, or of a wheel; nothing is invoked by that.

    Args:
        clients: Makes boto3 clients.
        service: The function; its application's image has its name.
        source: Folder of a project, or a wheel.

    Raises:
        InvocationError: It has no such function.
    """
    origin = origin_of(source, service.function_name)
    with app_from(source, service.function_name) as app:
        if app.function is None:
            raise InvocationError(
                f"{source} has no function {service.function_name}",
                why="its app.yaml says a command",
            )
        made = publish(clients, service, files(app), f"{origin.digest} {origin.commit}".strip())
    return _code(made, origin)


def _code(found: FunctionVersion, origin: Origin) -> Code:
    return Code(
        image=Image(reference="", digest=found.code_sha256, version=found.number),
        origin=origin,
        definition={"version": found.number},
        configuration=found.configuration,
    )
