"""Making releases: from what somebody wants to run to a record of exactly that."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from platformctl.aws.clients import Clients
from platformctl.config.app import load_apps
from platformctl.errors import InvocationError
from platformctl.operations.cutover.kubernetes_side import image_that_serves
from platformctl.operations.kernel.operation import Actor, stamp
from platformctl.operations.migration.find import Migrator
from platformctl.operations.releases import functions
from platformctl.operations.releases.definition import configuration_of, container_of, derive
from platformctl.operations.releases.images import find_image, registry_of, tag_of
from platformctl.operations.releases.migrations import Push, push_migrations
from platformctl.operations.releases.model import Image, Release
from platformctl.operations.releases.revisions import describe
from platformctl.operations.releases.source import Origin, origin_of
from platformctl.operations.releases.store import Releases
from platformctl.operations.services.model import SOLE, Service
from platformctl.operations.services.traffic import active

_FIRST = "what the stack was deployed with"


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
    """Makes releases.

    Attributes:
        clients: Makes boto3 clients.
        releases: Where they are recorded.
        actor: Who makes them.
        root: Root of the project, whose source the stack was deployed with.
        push: Makes images of sources; None where images come from a pipeline.
        migrators: What migrates the databases of the environment.
    """

    clients: Clients
    releases: Releases
    actor: Actor
    root: Path
    push: Push | None = None
    migrators: Sequence[Migrator] = ()

    def make(self, service: Service, wanted: Wanted) -> Release:
        """Record what somebody wants to run.

        The newest release is returned where it is the same code with the same configuration, so
        that an interrupted deployment goes on with its own release.

        Raises:
            InvocationError: There is no such image, or a variable cannot be given.
            ResourceError: The stack's own task definition is gone.
        """
        self.adopt(service)
        if service.kind == "function":
            release = self._function(service, wanted)
        elif service.kind == "kubernetes":
            release = self._workload(service, wanted)
        else:
            release = self._task(service, wanted)
        made = replace(release, overrides=dict(wanted.overrides), reason=wanted.reason)
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
        if service.kind == "function":
            made = self._function(service, Wanted(version=side))
            return self.releases.record(replace(made, base=side, reason=_FIRST))
        if service.kind == "kubernetes":
            made = self._workload(service, Wanted())
            return self.releases.record(replace(made, reason=_FIRST))
        arn, tasks = self._running(service, side)
        if not tasks:
            return None
        described = describe(self.clients, service, arn)
        image, origin = self._image(service, Wanted(), container_of(described, service)["image"])
        definition = derive(described, service, image, {})
        made = self._release(
            service, image, origin, definition, configuration_of(definition, service)
        )
        release = self.releases.record(replace(made, base=arn, reason=_FIRST))
        self.releases.remember_revision(release, side, arn)
        return release

    def _task(self, service: Service, wanted: Wanted) -> Release:
        """Return what a service on Fargate is to run."""
        described = describe(self.clients, service, service.task_definition_arn)
        image, origin = self._image(service, wanted, container_of(described, service)["image"])
        definition = derive(described, service, image, wanted.overrides)
        configuration = configuration_of(definition, service)
        made = self._release(service, image, origin, definition, configuration)
        return replace(made, base=service.task_definition_arn)

    def _function(self, service: Service, wanted: Wanted) -> Release:
        """Return what a function is to run: a version of it."""
        _refuse_overrides(service, wanted)
        if wanted.image:
            raise InvocationError(
                f"{service.name} has no image", why="it is a function", remedy="use --version N"
            )
        if wanted.source is not None:
            code = functions.publish_source(self.clients, service, wanted.source)
            origin = self._with_migrations(service, wanted.source, code.origin)
            code = replace(code, origin=origin)
        else:
            number = wanted.version or service.version
            code = functions.version_of(self.clients, service, number)
            code = replace(code, origin=self._known(service, code.image))
        made = self._release(service, code.image, code.origin, code.definition, code.configuration)
        return replace(made, base=service.version)

    def _workload(self, service: Service, wanted: Wanted) -> Release:
        """Return what a workload in Kubernetes is to run: an image."""
        _refuse_overrides(service, wanted)
        image, origin = self._image(service, wanted, image_that_serves(service, self.clients))
        return self._release(service, image, origin, {"image": image.reference}, "")

    def _release(
        self,
        service: Service,
        image: Image,
        origin: Origin,
        definition: Mapping[str, Any],
        configuration: str,
    ) -> Release:
        return Release(
            service=service.name,
            number=0,  # Given when it is recorded.
            version=image.version,
            image=image.reference,
            digest=image.digest,
            definition=definition,
            configuration=configuration,
            migration_head=origin.migration_head,
            migration_image=origin.migration_image,
            smoke=origin.smoke,
            commit=origin.commit,
            dirty=origin.dirty,
            actor=self.actor,
            created=stamp(datetime.now(UTC)),
        )

    def behind(self, service: Service) -> bool:
        """Tell whether the stack was deployed with something newer than what serves.

        What was released with another version or other variables is not behind: whoever did that
        meant it, until the stack says something new. In Kubernetes the stack's own image is only
        ever released by name.
        """
        side = active(service, self.clients).side
        if service.kind == "function" and service.alias and side is not None:
            return self._base_of_version(service, side) != service.version
        if not service.task_definition_arn or side is None or side == SOLE:
            return False
        if service.awaiting_release:
            return False
        arn, tasks = self._running(service, side)
        if not tasks:
            return True
        release = self.releases.by_revision(service.name, arn)
        return (release.base if release is not None else arn) != service.task_definition_arn

    def _base_of_version(self, service: Service, version: str) -> str:
        """Return the stack's own version when a version was released; itself if it never was."""
        released = self.releases.all(service.name)
        found = (each.base for each in released if each.definition.get("version") == version)
        return next(found, version)

    def _running(self, service: Service, side: str) -> tuple[str, int]:
        """Return the task definition of a side, and how many tasks are wanted of it."""
        found = self.clients("ecs", service.region).describe_services(
            cluster=service.cluster, services=[service.sides[side].name]
        )["services"][0]
        return found["taskDefinition"], found["desiredCount"]

    def _image(self, service: Service, wanted: Wanted, reference: str) -> tuple[Image, Origin]:
        """Return the image that is wanted, and what is known about its source."""
        registry = registry_of(reference)
        if wanted.source is not None:
            image, origin = self._pushed(service, wanted.source, registry)
            return image, self._with_migrations(service, wanted.source, origin)
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

    def _with_migrations(self, service: Service, source: Path, origin: Origin) -> Origin:
        """Return an origin with the image of its migrations, so that they can run before it."""
        if self.push is None or not origin.migration_head:
            return origin
        image = push_migrations(self.clients, self.migrators, service, source, self.push)
        return replace(origin, migration_image=image)

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
                    migration_image=release.migration_image,
                    smoke=release.smoke,
                    commit=release.commit,
                    dirty=release.dirty,
                )
        return Origin()


def _refuse_overrides(service: Service, wanted: Wanted) -> None:
    """Refuse variables where they belong to the stack.

    Raises:
        InvocationError: Some were given.
    """
    if wanted.overrides:
        raise InvocationError(
            f"variables of {service.name} cannot be given here",
            why="they belong to the stack, for all versions alike",
            remedy="change them in the stack, and deploy it: platformctl up ENV",
        )
