"""ECR as the region serves it: images, and what depends on them; repositories are the emulator's.

The emulator answers for images that are not there as if nothing had been asked for, and knows none
that the region's agent made. So the region answers everything about images.
"""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, ClassVar

from botocore.exceptions import ClientError

from platformctl.region import environment
from platformctl.region.endpoint.server import Request
from platformctl.region.services.base import Call, Service, ServiceError
from platformctl.region.services.ecr.contents import MANIFEST_TYPE
from platformctl.region.services.ecr.images import IMMUTABLE, ImageError, RepositoryImages

if TYPE_CHECKING:
    from platformctl.region.runtime import Runtime

_OWN = frozenset(
    {
        "BatchDeleteImage",
        "BatchGetImage",
        "DeleteRepository",
        "DescribeImages",
        "DescribeRegistry",
        "ListImages",
        "PutImage",
        "PutReplicationConfiguration",
    }
)
_NOT_FOUND = {"failureCode": "ImageNotFound", "failureReason": "Requested image not found"}


class ImageRegistry(Service):
    """Images by digest and tag."""

    name: ClassVar[str] = "ecr"

    def __init__(self, runtime: "Runtime") -> None:
        super().__init__(runtime)
        self.images = RepositoryImages(runtime)

    def answers(self, request: Request) -> bool:
        """Say whether a request is about images; the region's own questions pass through."""
        if environment.USER_AGENT in request.headers.get("user-agent", ""):
            return False
        return request.headers.get("x-amz-target", "").rpartition(".")[2] in _OWN

    async def _repository(self, call: Call) -> dict[str, Any]:
        """Describe the repository that a request names.

        Raises:
            ServiceError: There is none.
        """
        name = call.parameters["repositoryName"]
        try:
            answer = await self.runtime.call(
                self.name, call.region, "describe_repositories", {"repositoryNames": [name]}
            )
        except ClientError as error:
            raise ServiceError(
                "RepositoryNotFoundException",
                f"The repository with name '{name}' does not exist in the registry with id "
                f"'{call.account}'",
            ) from error
        return answer["repositories"][0]

    def _find(self, call: Call, wanted: Mapping[str, Any]) -> dict[str, Any] | None:
        return self.images.find(
            call.region,
            call.parameters["repositoryName"],
            tag=wanted.get("imageTag", ""),
            digest=wanted.get("imageDigest", ""),
        )

    # Reading.

    async def describe_images(self, call: Call) -> dict[str, Any]:
        """Describe images: those asked for, or all."""
        await self._repository(call)
        asked, name = call.parameters, call.parameters["repositoryName"]
        found = _of_status(self.images.of(call.region, name), asked.get("filter") or {})
        if asked.get("imageIds"):
            found = [self._required(call, wanted) for wanted in asked["imageIds"]]
        return {"imageDetails": [_detail(call, record) for record in found]}

    def _required(self, call: Call, wanted: Mapping[str, Any]) -> dict[str, Any]:
        record = self._find(call, wanted)
        if record is None:
            shown = ", ".join(
                f"{key}:'{wanted.get(key, 'null')}'" for key in ("imageDigest", "imageTag")
            )
            raise ServiceError(
                "ImageNotFoundException",
                f"The image with imageId {{{shown}}} does not exist within the repository with "
                f"name '{call.parameters['repositoryName']}' in the registry with id "
                f"'{call.account}'",
            )
        return record

    async def list_images(self, call: Call) -> dict[str, Any]:
        """List the identifiers of images, one for each tag."""
        await self._repository(call)
        name = call.parameters["repositoryName"]
        found = _of_status(self.images.of(call.region, name), call.parameters.get("filter") or {})
        return {"imageIds": [one for record in found for one in _identifiers(record)]}

    async def batch_get_image(self, call: Call) -> dict[str, Any]:
        """Return the manifests of images."""
        await self._repository(call)
        found: list[dict[str, Any]] = []
        missing: list[dict[str, Any]] = []
        for wanted in call.parameters["imageIds"]:
            record = self._find(call, wanted)
            if record is None:
                missing.append({"imageId": dict(wanted), **_NOT_FOUND})
            else:
                found.append(_shown(call, record, wanted.get("imageTag", "")))
        return {"images": found, "failures": missing}

    # Changing.

    async def put_image(self, call: Call) -> dict[str, Any]:
        """Put an image that is here under another tag."""
        repository, asked = await self._repository(call), call.parameters
        name, tag = asked["repositoryName"], asked.get("imageTag", "")
        image = next(
            (
                self.images.content(name, record["digest"])
                for record in self.images.of(call.region, name)
                if record["manifest"] == asked["imageManifest"]
            ),
            None,
        )
        if image is None:
            raise ServiceError(
                "LayersNotFoundException",
                f"The layers of this manifest do not exist in the repository '{name}'.",
            )
        if asked.get("imageDigest") not in {None, image.digest}:
            raise ServiceError(
                "ImageDigestDoesNotMatchException",
                "The specified image digest does not match the digest that Amazon ECR calculated "
                "for the image.",
            )
        if self.images.find(call.region, name, tag=tag, digest=image.digest):
            raise ServiceError(
                "ImageAlreadyExistsException",
                f"Image with digest '{image.digest}' and tag '{tag}' already exists in the "
                f"repository with name '{name}' in registry with id '{call.account}'",
            )
        immutable = repository["imageTagMutability"] == IMMUTABLE
        try:
            record = self.images.tag(call.region, name, image, tag, immutable=immutable)
        except ImageError as error:
            raise ServiceError("ImageTagAlreadyExistsException", str(error)) from error
        await self.images.replicate(call.region, name, image, tag)
        return {"image": _shown(call, record, tag)}

    async def batch_delete_image(self, call: Call) -> dict[str, Any]:
        """Delete images by digest, or tags, the last of which takes the image along."""
        await self._repository(call)
        gone: list[dict[str, Any]] = []
        missing: list[dict[str, Any]] = []
        for wanted in call.parameters["imageIds"]:
            record = self._find(call, wanted)
            if record is None:
                missing.append({"imageId": dict(wanted), **_NOT_FOUND})
                continue
            self.images.delete(call.region, record, wanted.get("imageTag", ""))
            gone += [one for one in _identifiers(record) if wanted.items() <= one.items()]
        return {"imageIds": gone, "failures": missing}

    async def delete_repository(self, call: Call) -> dict[str, Any]:
        """Delete a repository; one with images only by force."""
        await self._repository(call)
        name = call.parameters["repositoryName"]
        if self.images.of(call.region, name) and not call.parameters.get("force"):
            raise ServiceError(
                "RepositoryNotEmptyException",
                f"The repository with name '{name}' in registry with id '{call.account}' cannot "
                "be deleted because it still contains images",
            )
        asked = {"repositoryName": name, "force": True}
        answer = await self.runtime.call(self.name, call.region, "delete_repository", asked)
        self.images.forget(call.region, name)
        return {"repository": answer["repository"]}

    # The registry.

    def put_replication_configuration(self, call: Call) -> dict[str, Any]:
        """Set to which regions images are copied when they are pushed."""
        wanted = call.parameters["replicationConfiguration"]
        for rule in wanted["rules"]:
            for destination in rule["destinations"]:
                if destination["registryId"] != call.account:
                    raise ServiceError(
                        "ValidationException",
                        "The local region has one account, and no registry of "
                        f"{destination['registryId']}.",
                    )
                if destination["region"] == call.region:
                    raise ServiceError(
                        "InvalidParameterException",
                        "Invalid parameter at 'replicationConfiguration' failed to satisfy "
                        "constraint: 'Replication destination cannot be the source registry'",
                    )
        self.images.set_replication(call.region, list(wanted["rules"]))
        return {"replicationConfiguration": wanted}

    def describe_registry(self, call: Call) -> dict[str, Any]:
        """Describe the registry of a region."""
        rules = self.images.replication(call.region)
        return {"registryId": call.account, "replicationConfiguration": {"rules": rules}}


def _of_status(
    records: Sequence[dict[str, Any]], filters: Mapping[str, Any]
) -> list[dict[str, Any]]:
    status = filters.get("tagStatus", "ANY")
    return [one for one in records if status in {"ANY", "TAGGED" if one["tags"] else "UNTAGGED"}]


def _identifiers(record: Mapping[str, Any]) -> list[dict[str, str]]:
    digest = {"imageDigest": record["digest"]}
    return [{**digest, "imageTag": tag} for tag in record["tags"]] or [digest]


def _detail(call: Call, record: Mapping[str, Any]) -> dict[str, Any]:
    tags = {"imageTags": record["tags"]} if record["tags"] else {}
    return {
        "registryId": call.account,
        "repositoryName": record["repository"],
        "imageDigest": record["digest"],
        "imageSizeInBytes": record["size"],
        "imagePushedAt": record["pushedAt"],
        "imageManifestMediaType": MANIFEST_TYPE,
        **tags,
    }


def _shown(call: Call, record: Mapping[str, Any], tag: str) -> dict[str, Any]:
    tagged = {"imageTag": tag} if tag else {}
    return {
        "registryId": call.account,
        "repositoryName": record["repository"],
        "imageId": {"imageDigest": record["digest"], **tagged},
        "imageManifest": record["manifest"],
        "imageManifestMediaType": MANIFEST_TYPE,
    }
