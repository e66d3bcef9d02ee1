"""Making releases: from what somebody wants to run to a record of exactly that."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from platformctl.aws.clients import Clients
from platformctl.config.app import load_apps
from platformctl.errors import InvocationError
from platformctl.operations.kernel.operation import Actor, stamp
from platformctl.operations.releases.definition import configuration_of, container_of, derive
from platformctl.operations.releases.images import find_image, registry_of, tag_of
from platformctl.operations.releases.model import Image, Release
from platformctl.operations.releases.revisions import describe
from platformctl.operations.releases.source import Origin, origin_of
from platformctl.operations.releases.store import Releases
from platformctl.operations.services.model import SOLE, Service
from platformctl.operations.services.traffic import active

Push = Callable[[Path, Service], str]
"""Makes an image of a source, puts it into a service's repository, and returns its digest."""


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """What somebody wants to run; with nothing said, what the stack was deployed with.

    Attributes:
        version: Tag of an image.
        image: Digest of an image, with `sha256:`.
        source: Folder of a project, or a wheel: an image is made of it, where that is possible.
        overrides: Variables in place of the environment's.
        reason: Why.
    """

    version: str = ""
    image: str = ""
    source: Path | None = None
    overrides: Mapping[str, str] = field(default_factory=dict)
    reason: str = ""

    def __post_init__(self) -> None:
        said = [name for name in ("version", "image", "source") if getattr(self, name)]
        if len(said) > 1:
            raise InvocationError(
                "it is not clear what to run", why=f"--{' and --'.join(said)} were given: name one"
            )


@dataclass(frozen=True, kw_only=True)
class Maker:
    """Makes releases of services on Fargate.

    Attributes:
        clients: Makes boto3 clients.
        releases: Where they are recorded.
        actor: Who makes them.
        root: Root of the project, whose source the stack was deployed with.
        push: Makes images of sources; None where images come from a pipeline.
    """

    clients: Clients
    releases: Releases
    actor: Actor
    root: Path
    push: Push | None = None

    def make(self, service: Service, wanted: Wanted) -> Release:
        """Record what somebody wants to run.

        The newest release is returned where it is the same code with the same configuration, so
        that an interrupted deployment goes on with its own release.

        Raises:
            InvocationError: There is no such image, or a variable cannot be given.
            ResourceError: The stack's own task definition is gone.
        """
        self.adopt(service)
        described = describe(self.clients, service, service.task_definition_arn)
        image, origin = self._image(service, wanted, container_of(described, service)["image"])
        definition = derive(described, service, image, wanted.overrides)
        made = replace(
            self._release(service, image, origin, definition),
            overrides=dict(wanted.overrides),
            reason=wanted.reason,
        )
        newest = self.releases.newest(service.name)
        if newest is not None and newest.same_as(made):
            return newest
        return self.releases.record(made)

    def adopt(self, service: Service) -> Release | None:
        """Record what a service runs that was never released; None if it was, or runs nothing.

        The stack starts the first version by itself; recorded, there is a way back to it.
        """
        if service.awaiting_release or self.releases.newest(service.name) is not None:
            return None
        side = active(service, self.clients).side
        if side is None or side == SOLE:
            return None
        arn = self._running(service, side)
        described = describe(self.clients, service, arn)
        image, origin = self._image(service, Wanted(), container_of(described, service)["image"])
        definition = derive(described, service, image, {})
        made = self._release(service, image, origin, definition)
        release = self.releases.record(replace(made, reason="what the stack was deployed with"))
        self.releases.remember_revision(release, side, arn)
        return release

    def _release(
        self, service: Service, image: Image, origin: Origin, definition: Mapping[str, Any]
    ) -> Release:
        return Release(
            service=service.name,
            number=0,  # Given when it is recorded.
            version=image.version,
            image=image.reference,
            digest=image.digest,
            definition=definition,
            configuration=configuration_of(definition, service),
            migration_head=origin.migration_head,
            smoke=origin.smoke,
            commit=origin.commit,
            dirty=origin.dirty,
            actor=self.actor,
            created=stamp(datetime.now(UTC)),
        )

    def _running(self, service: Service, side: str) -> str:
        found = self.clients("ecs", service.region).describe_services(
            cluster=service.cluster, services=[service.sides[side].name]
        )["services"]
        return found[0]["taskDefinition"] if found else service.task_definition_arn

    def _image(self, service: Service, wanted: Wanted, reference: str) -> tuple[Image, Origin]:
        """Return the image that is wanted, and what is known about its source."""
        registry = registry_of(reference)
        if wanted.source is not None:
            return self._pushed(service, wanted.source, registry)
        named = wanted.version or wanted.image or tag_of(reference)
        own = self._own(service)
        if own is None or own.digest != named:
            image = find_image(self.clients, service, registry, named)
            return image, self._known(service, image)
        if self.push is not None:
            # The stack's own source becomes an image like any other.
            return self._pushed(service, self.root, registry)
        return find_image(self.clients, service, registry, named), own

    def _pushed(self, service: Service, source: Path, registry: str) -> tuple[Image, Origin]:
        if self.push is None:
            raise InvocationError(
                f"{source} cannot be deployed from here",
                why="only the local region makes images of sources; elsewhere a pipeline pushes "
                "them to the registry",
                remedy="push the image, then deploy it by its tag: --version TAG",
            )
        origin = origin_of(source, service.repository)
        image = find_image(self.clients, service, registry, self.push(source, service))
        return replace(image, version=origin.digest), origin

    def _own(self, service: Service) -> Origin | None:
        """Return what the project's own source says; None where it has no such application."""
        known = service.repository in load_apps(self.root)
        return origin_of(self.root, service.repository) if known else None

    def _known(self, service: Service, image: Image) -> Origin:
        """Return what an earlier release of the same image said about its source."""
        for release in self.releases.all(service.name):
            if release.digest == image.digest:
                return Origin(
                    migration_head=release.migration_head,
                    smoke=release.smoke,
                    commit=release.commit,
                    dirty=release.dirty,
                )
        return Origin()
