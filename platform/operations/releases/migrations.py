"""The migrations that the source of a release brings along."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

from platformctl.aws.clients import Clients
from platformctl.operations.migration.definition import deployed_image
from platformctl.operations.migration.find import Migrator
from platformctl.operations.releases.images import find_image, registry_of, repository_of, tag_of
from platformctl.operations.services.model import Service
from platformctl.region.services.ecr.contents import app_from

Push = Callable[[Path, Service], str]
"""Makes an image of a source, puts it into a service's repository, and returns its digest."""


def push_migrations(
    clients: Clients, migrators: Sequence[Migrator], service: Service, source: Path, push: Push
) -> str:
    """Put the migrations of a source into their repository, beside those that were deployed.

    Args:
        clients: Makes boto3 clients.
        migrators: What migrates the databases of the environment.
        service: The service, whose product's migrations they are.
        source: Folder of a project, or a wheel, with migrations.
        push: Makes the image.

    Returns:
        Reference of their image by digest; "" where nothing migrates the product, or the deployed
        image is of the same source.

    Raises:
        InvocationError: The source has migrations, and not the application that runs them.
    """
    for migrator in migrators:
        if migrator.product != service.product:
            continue
        deployed = deployed_image(clients, migrator)
        keeper = replace(service, repository=repository_of(deployed), region=migrator.region)
        with app_from(source, keeper.repository) as app:
            if app.digest == tag_of(deployed):
                return ""
        digest = push(source, keeper)
        return find_image(clients, keeper, registry_of(deployed), digest).reference
    return ""
