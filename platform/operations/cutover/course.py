"""What a cutover moves: frozen into the operation's plan when it begins, and read from there."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from platformctl.config.cutover import CutoverConfig
from platformctl.operations.cutover.version import Version
from platformctl.operations.services.model import Service, Side, read_service

LONGEST_KEPT = 30
"""Seconds that a side which failed keeps running at most, unless more was asked for (Argo: 30)."""


@dataclass(frozen=True, kw_only=True)
class SmokeCheck:
    """A request that the new side must answer before anybody else's reaches it.

    Attributes:
        name: What it makes sure of.
        method: HTTP method.
        path: Path and query.
        body: Body of the request.
        status: Status that the answer must have.
        expressions: JMESPath expression → value that it must have in the answer.
    """

    name: str
    method: str = "GET"
    path: str
    body: str = ""
    status: int = 200
    expressions: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Course:
    """One cutover.

    Attributes:
        service: The service.
        old: Key of the side that serves when it begins.
        new: Key of the side that serves when it has ended.
        before: What the old side runs.
        after: What the new side runs when it has ended.
        timing: Weights, waits and limits.
        smoke: Requests that the new side must answer first.
        keep_failed_seconds: Seconds that the new side keeps running after it has failed.
        ignored_alarms: Alarm → why it says nothing about this cutover.
        migrator: What expands the schema first, as a plan has it; None where nothing is pending.
        migration_image: Image with the migrations; "" for the deployed one.
        back: Whether it goes back to what served before: nothing is measured first.
    """

    service: Service
    old: str
    new: str
    before: Version
    after: Version
    timing: CutoverConfig
    smoke: Sequence[SmokeCheck] = ()
    keep_failed_seconds: int = LONGEST_KEPT
    ignored_alarms: Mapping[str, str] = field(default_factory=dict)
    migrator: Mapping[str, Any] | None = None
    migration_image: str = ""
    back: bool = False

    @property
    def old_side(self) -> Side:
        """The side that serves when it begins."""
        return self.service.sides[self.old]

    @property
    def new_side(self) -> Side:
        """The side that serves when it has ended."""
        return self.service.sides[self.new]

    @property
    def measures(self) -> bool:
        """Whether anything is measured on the way."""
        return not self.back and (len(self.timing.steps) > 1 or self.timing.bake_seconds > 0)

    def parameters(self) -> dict[str, Any]:
        """Return it as a plan holds it."""
        timing = self.timing.model_dump(mode="json", by_alias=True)
        document = {name: value for name, value in vars(self).items() if name != "timing"}
        return {
            **document,
            "service": asdict(self.service),
            "before": asdict(self.before),
            "after": asdict(self.after),
            "timing": timing,
            "smoke": [asdict(check) for check in self.smoke],
            "ignored_alarms": dict(self.ignored_alarms),
        }


def read_course(parameters: Mapping[str, Any]) -> Course:
    """Read what the parameters of a plan say."""
    return Course(
        **{
            **parameters,
            "service": read_service(parameters["service"]),
            "before": Version(**parameters["before"]),
            "after": Version(**parameters["after"]),
            "timing": CutoverConfig.model_validate(parameters["timing"]),
            "smoke": tuple(SmokeCheck(**check) for check in parameters["smoke"]),
        }
    )
