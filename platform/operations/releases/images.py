"""From what somebody calls an image to the one that the registry keeps for ever."""

from collections.abc import Mapping
from typing import Any

from platformctl.aws.clients import Clients
from platformctl.errors import InvocationError
from platformctl.operations.releases.model import Image
from platformctl.operations.services.model import Service

SHORT = 12
"""Digits of a digest that tell images apart for people."""
NEWEST = 5


def find_image(clients: Clients, service: Service, registry: str, named: str) -> Image:
    """Return the image of a service that has a tag or a digest.

    Args:
        clients: Makes boto3 clients.
        service: The service, whose repository is asked.
        registry: Registry of the repository, as image references begin.
        named: A tag, or a digest with `sha256:`.

    Raises:
        InvocationError: The registry has no such image; says which there are.
    """
    ecr = clients("ecr", service.region)
    by_digest = named.startswith("sha256:")
    try:
        found = ecr.describe_images(
            repositoryName=service.repository,
            imageIds=[{"imageDigest" if by_digest else "imageTag": named}],
        )["imageDetails"][0]
    except ecr.exceptions.InvalidParameterException as error:
        raise InvocationError(f"{named!r} names no image", why=str(error)) from error
    except ecr.exceptions.RepositoryNotFoundException as error:
        raise InvocationError(
            f"there is no repository {service.repository}",
            why=f"{service.name} has not been deployed, or its repository was deleted",
            remedy="deploy the environment first: platformctl up ENV",
        ) from error
    except ecr.exceptions.ImageNotFoundException as error:
        newest = ", ".join(_newest(ecr, service.repository)) or "nothing: push an image first"
        raise InvocationError(
            f"{service.repository} has no image {named}", why=f"it has {newest}"
        ) from error
    return image_of(found, f"{registry}/{service.repository}", "" if by_digest else named)


def image_of(found: Mapping[str, Any], repository: str, tag: str = "") -> Image:
    """Return an image as ECR describes it.

    Args:
        found: One of `imageDetails`.
        repository: Registry and repository.
        tag: The tag by which it was asked for.
    """
    digest = found["imageDigest"]
    tags = found.get("imageTags") or ()
    version = tag or (tags[0] if tags else digest.removeprefix("sha256:")[:SHORT])
    return Image(reference=f"{repository}@{digest}", digest=digest, version=version)


def registry_of(reference: str) -> str:
    """Return the registry of an image reference; "" without one."""
    registry, slash, _ = reference.partition("/")
    return registry if slash else ""


def repository_of(reference: str) -> str:
    """Return the repository of an image reference, without its registry."""
    path = reference.partition("@")[0].partition("/")[2]
    return path.partition(":")[0]


def tag_of(reference: str) -> str:
    """Return the tag or the digest of an image reference; "" without one."""
    path, _, digest = reference.partition("@")
    return digest or path.rpartition("/")[2].partition(":")[2]


def _newest(ecr: Any, repository: str) -> list[str]:
    """Return the tags of the images that were pushed last."""
    pages = ecr.get_paginator("describe_images").paginate(repositoryName=repository)
    images = [image for page in pages for image in page["imageDetails"] if image.get("imageTags")]
    images.sort(key=lambda image: image["imagePushedAt"], reverse=True)
    return [image["imageTags"][0] for image in images[:NEWEST]]
