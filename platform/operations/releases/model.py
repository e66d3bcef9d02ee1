"""A release, as plain data."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from platformctl.errors import StateError
from platformctl.operations.kernel.operation import Actor

FORMAT = 1


@dataclass(frozen=True, kw_only=True)
class Image:
    """An image that a registry keeps.

    Attributes:
        reference: Registry, repository and digest: the same image for ever.
        digest: Its digest, with `sha256:`; "" where it was never pushed to a registry.
        version: What people call it: its tag, else the beginning of its digest.
    """

    reference: str
    digest: str
    version: str


@dataclass(frozen=True, kw_only=True)
class Release:
    """What a service runs, whole: code, configuration, and where both came from.

    Attributes:
        service: Name of the service.
        number: Its number among the releases of the service, from 1.
        version: What people call its code, such as `1.4.0`.
        image: Reference of its image by digest; "" for a function.
        digest: Digest of the image, or of the code of a function.
        definition: What is registered to run it: a task definition as ECS takes it; of a function
            its published version; in Kubernetes its image.
        overrides: Variables that were said with it, in place of the environment's own.
        base: ARN of the task definition that the stack was deployed with then, or number of the
            version; "" in Kubernetes.
        configuration: Digest of everything in the definition but the image.
        migration_head: Number of the newest migration that its code knows; "" where that is not
            known, or there is no database.
        migration_image: Image with the migrations of its source, by digest; "" where they are
            those that the stack was deployed with.
        smoke: What it must answer before anybody's requests reach it, as its `app.yaml` says.
        commit: Commit that its code was made from; "" where that is not known.
        dirty: Whether the code had changes that are not in the commit.
        actor: Who recorded it.
        reason: Why.
        created: When, ISO 8601.
    """

    service: str
    number: int
    version: str
    image: str
    digest: str
    definition: Mapping[str, Any]
    base: str = ""
    configuration: str
    overrides: Mapping[str, str] = field(default_factory=dict)
    migration_head: str = ""
    migration_image: str = ""
    smoke: Sequence[Mapping[str, Any]] = ()
    commit: str = ""
    dirty: bool = False
    actor: Actor
    reason: str = ""
    created: str

    @property
    def name(self) -> str:
        """Its name: `r7`."""
        return f"r{self.number}"

    def __str__(self) -> str:
        return f"{self.service} {self.name} ({self.version})"

    def same_as(self, other: "Release") -> bool:
        """Tell whether both run the same code with the same configuration."""
        return (self.digest, self.configuration) == (other.digest, other.configuration)

    def document(self) -> dict[str, Any]:
        """Return it as it is recorded."""
        return {"format": FORMAT, **asdict(self)}


def read_release(document: Mapping[str, Any]) -> Release:
    """Read a recorded release.

    Raises:
        StateError: It was written by a newer platformctl.
    """
    fields = dict(document)
    written = fields.pop("format", 0)
    if written != FORMAT:
        raise StateError(
            f"release {fields.get('service')} r{fields.get('number')} cannot be read",
            why=f"it has format {written}, and this platformctl knows {FORMAT}",
            remedy="use the platformctl that recorded it",
        )
    fields["actor"] = Actor(**fields["actor"])
    return Release(**fields)
