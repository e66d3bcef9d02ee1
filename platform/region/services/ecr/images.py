"""The images of every repository: which there are, under which tags, pushed when."""

import asyncio
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from platformctl.config.app import App, load_apps
from platformctl.errors import ConfigurationError, InvocationError, RegionError
from platformctl.region.pushed import Pushed
from platformctl.region.services.ecr.contents import Image, ImageContents, app_from
from platformctl.region.services.ecr.references import ImageReference

if TYPE_CHECKING:
    from platformctl.region.runtime import Runtime, Table

NAME = "ecr"
IMMUTABLE = "IMMUTABLE"


class ImageError(Exception):
    """An image cannot be had, or not be put under a tag; the text says why."""


class RepositoryImages:
    """Pushes, finds and pulls images."""

    def __init__(self, runtime: "Runtime") -> None:
        self._runtime = runtime
        self._contents = ImageContents(runtime.root / "images")
        self._changing: dict[str, asyncio.Lock] = {}

    # Records.

    def _table(self, region: str) -> "Table":
        return self._runtime.store.table(NAME, region, "images")

    def of(self, region: str, repository: str) -> list[dict[str, Any]]:
        """Return the records of a repository's images, the first that was pushed first."""
        return [record for record in self._all(region, repository) if not record["deleted"]]

    def _all(self, region: str, repository: str) -> Iterator[dict[str, Any]]:
        return (one for one in self._table(region).values() if one["repository"] == repository)

    def find(
        self, region: str, repository: str, *, tag: str = "", digest: str = ""
    ) -> dict[str, Any] | None:
        """Return the record of an image by digest, tag or both; None if there is none."""
        for record in self.of(region, repository):
            if digest in {"", record["digest"]} and (not tag or tag in record["tags"]):
                return record
        return None

    def tag(
        self, region: str, repository: str, image: Image, tag: str, *, immutable: bool
    ) -> dict[str, Any]:
        """Record an image under a tag, and return its record.

        Raises:
            ImageError: The tag belongs to another image, and tags of the repository stay.
        """
        table = self._table(region)
        holder = self.find(region, repository, tag=tag) if tag else None
        if holder is not None and holder["digest"] != image.digest:
            if immutable:
                raise ImageError(
                    f"The image tag '{tag}' already exists in the '{repository}' repository and "
                    "cannot be overwritten because the repository is immutable."
                )
            kept = [one for one in holder["tags"] if one != tag]
            table[_key(repository, holder["digest"])] = {**holder, "tags": kept}
        key = _key(repository, image.digest)
        before = table.get(key)
        if before is None or before["deleted"]:
            before = {
                "repository": repository,
                "digest": image.digest,
                "tags": [],
                "pushedAt": self._runtime.now(),
                "size": image.size,
                "manifest": image.manifest,
            }
        tags = [*(one for one in before["tags"] if one != tag), *([tag] if tag else [])]
        table[key] = {**before, "tags": tags, "deleted": False}
        return table[key]

    def content(self, repository: str, digest: str) -> Image | None:
        """Return the content of an image, None if it was never pushed here."""
        return self._contents.get(repository, digest)

    def delete(self, region: str, record: Mapping[str, Any], tag: str = "") -> None:
        """Delete an image, or of an image with several tags one of them.

        A deleted image is remembered: it is not made again from the source until it is pushed.
        """
        key = _key(record["repository"], record["digest"])
        tags = [one for one in record["tags"] if tag and one != tag]
        self._table(region)[key] = {**record, "tags": tags or record["tags"], "deleted": not tags}
        self._drop_content(record)

    def forget(self, region: str, repository: str) -> None:
        """Forget everything of a repository that is gone."""
        table = self._table(region)
        for record in list(self._all(region, repository)):
            del table[_key(repository, record["digest"])]
            self._drop_content(record)

    def _drop_content(self, record: Mapping[str, Any]) -> None:
        repository, digest = record["repository"], record["digest"]
        for region in self._runtime.store.regions(NAME):
            if self.find(region, repository, digest=digest):
                return
        self._contents.remove(repository, digest)

    # From sources to images.

    async def push(self, region: str, source: Path, name: str, tag: str = "") -> Pushed:
        """Make an application's image and put it into its repository.

        Args:
            region: Region of the repository.
            source: A project's folder, or a wheel that contains the application's folders.
            name: The application's image name, which is that of its repository.
            tag: Another tag than the digest of its content.

        Raises:
            RegionError: There is no such repository, or the tag is another image's.
            InvocationError: The source has no such application, or it is a function.
        """
        immutable = await self._immutable(region, name)
        async with self._changing.setdefault(name, asyncio.Lock()):
            image = await asyncio.to_thread(self._make, source, name)
            tag = tag or image.tag
            try:
                self.tag(region, name, image, tag, immutable=immutable)
            except ImageError as error:
                raise RegionError(
                    f"cannot push {name}:{tag}",
                    why=str(error),
                    remedy="push it under another tag",
                ) from error
        await self.replicate(region, name, image, tag)
        return Pushed(name, image.digest, tag)

    def _make(self, source: Path, name: str) -> Image:
        with app_from(source, name) as app:
            if not app.command:
                raise InvocationError(f"{name} is a function, which has no image")
            return self._contents.add(name, app)

    async def _immutable(self, region: str, name: str) -> bool:
        """Say whether the tags of a repository stay where they are.

        Raises:
            RegionError: There is no such repository.
        """
        try:
            answer = await self._runtime.call(
                NAME, region, "describe_repositories", {"repositoryNames": [name]}
            )
        except ClientError as error:
            raise RegionError(
                f"{region} has no repository {name}",
                why=error.response["Error"].get("Message", ""),
                remedy="platformctl up creates it",
            ) from error
        return answer["repositories"][0]["imageTagMutability"] == IMMUTABLE

    async def pull(self, region: str, reference: str) -> Image:
        """Return an image, made from its app's current source if that is what the tag names.

        Args:
            region: Where it is pulled; the reference may name the registry of another region.
            reference: The image reference.

        Raises:
            ImageError: There is no such image.
        """
        wanted = ImageReference.parse(reference)
        region, repository = wanted.region or region, wanted.repository
        async with self._changing.setdefault(repository, asyncio.Lock()):
            record = self.find(region, repository, tag=wanted.tag, digest=wanted.digest)
            if record is not None:
                image = self._contents.get(repository, record["digest"])
                if image is None:
                    raise ImageError("its content is not in the folder of the region any more")
                return image
            app = await asyncio.to_thread(self._current, region, wanted)
            image = await asyncio.to_thread(self._contents.add, repository, app)
            self.tag(region, repository, image, image.tag, immutable=False)
        await self.replicate(region, repository, image, image.tag)
        return image

    def _current(self, region: str, wanted: ImageReference) -> App:
        """Return the app whose current source a reference names.

        Raises:
            ImageError: It names something else.
        """
        if wanted.digest:
            raise ImageError("no image with this digest was pushed")
        if any(wanted.tag in one["tags"] for one in self._all(region, wanted.repository)):
            raise ImageError("the image was deleted from its repository")
        project = self._runtime.project
        if project is None:
            raise ImageError("the region runs without a project")
        try:
            app = load_apps(project).get(wanted.name)
        except ConfigurationError as error:
            raise ImageError(str(error)) from error
        if app is None:
            raise ImageError(f"no apps/*/*/app.yaml has `image: {wanted.name}`")
        if app.digest != wanted.tag:
            raise ImageError(
                f"it was not pushed, and the source of {wanted.name} has the digest {app.digest}"
            )
        return app

    # Replication.

    def replication(self, region: str) -> list[dict[str, Any]]:
        """Return the rules by which a region's registry copies what is pushed to it."""
        record = self._runtime.store.table(NAME, region, "registry").get("replication")
        return record["rules"] if record else []

    def set_replication(self, region: str, rules: list[dict[str, Any]]) -> None:
        """Set the rules by which a region's registry copies what is pushed to it."""
        self._runtime.store.table(NAME, region, "registry")["replication"] = {"rules": rules}

    async def replicate(self, region: str, repository: str, image: Image, tag: str) -> None:
        """Copy an image to the registries that the region's rules name."""
        for rule in self.replication(region):
            prefixes = [one["filter"] for one in rule.get("repositoryFilters") or ()]
            if prefixes and not repository.startswith(tuple(prefixes)):
                continue
            for destination in rule["destinations"]:
                await self._ensure_repository(destination["region"], repository)
                self.tag(destination["region"], repository, image, tag, immutable=False)

    async def _ensure_repository(self, region: str, name: str) -> None:
        try:
            await self._runtime.call(NAME, region, "create_repository", {"repositoryName": name})
        except ClientError as error:
            if error.response["Error"]["Code"] != "RepositoryAlreadyExistsException":
                raise


def _key(repository: str, digest: str) -> str:
    return f"{repository}@{digest}"
