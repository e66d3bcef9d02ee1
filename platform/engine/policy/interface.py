"""What the engine asks of policy packs."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from platformctl.engine.state.resource import Resource
from platformctl.plugin.values import Properties

ADVISORY = "advisory"
MANDATORY = "mandatory"
REMEDIATE = "remediate"
DISABLED = "disabled"


@dataclass(frozen=True)
class Violation:
    """A policy said no.

    Attributes:
        level: `advisory` or `mandatory`.
        urn: The resource it is about; the root stack for the stack as a whole.
    """

    policy: str
    pack: str
    pack_version: str
    message: str
    level: str
    urn: str = ""

    @property
    def blocks(self) -> bool:
        """Whether the deployment must not go on."""
        return self.level == MANDATORY


@dataclass(frozen=True)
class Subject:
    """A resource as policies see it: as it is to become.

    Attributes:
        resource: Its record to be; its inputs are what is analysed, its outputs for a whole stack.
        provider: The record of its provider, if it has one.
        delete_before_replace: The option, None where it was not given.
        aliases: URNs that it had before.
    """

    resource: Resource
    provider: Resource | None = None
    delete_before_replace: bool | None = None
    aliases: Sequence[str] = field(default_factory=tuple)


class Policies(Protocol):
    """Policy packs at work."""

    @property
    def packs(self) -> Mapping[str, str]:
        """Name → version of the packs."""
        ...

    def remediate(self, subject: Subject) -> Properties | None:
        """Return corrected inputs; None if nothing was corrected."""
        ...

    def analyze(self, subject: Subject) -> Sequence[Violation]:
        """Judge one resource."""
        ...

    def analyze_stack(self, subjects: Sequence[Subject]) -> Sequence[Violation]:
        """Judge the stack as a whole."""
        ...


class NoPolicies:
    """Nothing is forbidden."""

    packs: Mapping[str, str] = {}

    def remediate(self, subject: Subject) -> Properties | None:
        """Correct nothing."""
        del subject

    def analyze(self, subject: Subject) -> Sequence[Violation]:
        """Find nothing."""
        del subject
        return ()

    def analyze_stack(self, subjects: Sequence[Subject]) -> Sequence[Violation]:
        """Find nothing."""
        del subjects
        return ()
