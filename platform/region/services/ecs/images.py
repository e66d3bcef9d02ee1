"""Pulling: from what a container definition says to a folder that its process starts in."""

from typing import TYPE_CHECKING

from platformctl.region.services.ecr.contents import Image
from platformctl.region.services.ecr.images import ImageError
from platformctl.region.services.ecr.service import ImageRegistry
from platformctl.region.services.ecs.failures import cannot_pull

if TYPE_CHECKING:
    from platformctl.region.runtime import Runtime


async def pull(runtime: "Runtime", region: str, reference: str) -> Image:
    """Return the image of a container.

    Raises:
        TaskStartError: There is no such image.
    """
    try:
        return await runtime.service(ImageRegistry).images.pull(region, reference)
    except ImageError as error:
        raise cannot_pull(reference, str(error)) from error
