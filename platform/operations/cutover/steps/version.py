"""Steps of a function: its new version can be invoked, and answers as it should."""

from typing import Any

from platformctl.operations.cutover.course import Course, SmokeCheck
from platformctl.operations.cutover.function_versions import find_version
from platformctl.operations.cutover.probe import wrong_content
from platformctl.operations.cutover.steps.base import LOOK, CutoverStep
from platformctl.operations.cutover.surroundings import Surroundings
from platformctl.operations.kernel.failures import StepFailedError
from platformctl.operations.kernel.step import Context, Facts
from platformctl.operations.services.model import Service

PENDING, ACTIVE = "Pending", "Active"
_SAID = 300
"""Bytes of an answer that are told."""


class VersionReady(CutoverStep):
    """Wait until the new version can be invoked."""

    name = "ready"
    mutates = False

    def __init__(self, course: Course, surroundings: Surroundings) -> None:
        super().__init__(course, surroundings)
        self.title = f"wait until version {course.new} can be invoked"

    def apply(self, context: Context) -> Facts:
        """Wait for it.

        Raises:
            StepFailedError: It never will.
        """
        service = self.course.service
        version = context.until(
            lambda: _settled(find_version(context.clients, service, self.course.new)),
            within=self.course.timing.deadline_seconds,
            what=f"version {self.course.new} becoming active",
            every=LOOK,
        )
        if version.state != ACTIVE:
            raise StepFailedError(
                f"version {version.number} cannot be invoked", why=version.reason or version.state
            )
        return {"version": version.number, "codeSha256": version.code_sha256}

    def holds(self, context: Context) -> bool:
        """Tell whether it still can."""
        found = find_version(context.clients, self.course.service, self.course.new)
        return found.state == ACTIVE


class VersionSmoke(CutoverStep):
    """Invoke the new version by its number, which nobody else does."""

    name = "smoke"
    mutates = False

    def __init__(self, course: Course, surroundings: Surroundings) -> None:
        super().__init__(course, surroundings)
        self.title = f"invoke version {course.new}"

    def apply(self, context: Context) -> Facts:
        """Invoke it with each event of the checks; without any, only ask whether one may.

        Raises:
            StepFailedError: It answers wrongly.
        """
        service, version = self.course.service, self.course.new
        if not self.course.smoke:
            context.clients("lambda", service.region).invoke(
                FunctionName=service.function_name, Qualifier=version, InvocationType="DryRun"
            )
            return {"checks": []}
        mistakes = [
            mistake
            for check in self.course.smoke
            if (mistake := _mistake(invoke(context, service, version, check), check))
        ]
        if mistakes:
            raise StepFailedError(
                f"version {self.course.new} answers wrongly", why="; ".join(mistakes)
            )
        return {"checks": [check.name for check in self.course.smoke]}


def invoke(context: Context, service: Service, qualifier: str, check: SmokeCheck) -> dict[str, Any]:
    """Invoke a version of a function, or what its alias leads to, with the event of a check."""
    return context.clients("lambda", service.region).invoke(
        FunctionName=service.function_name, Qualifier=qualifier, Payload=check.body.encode()
    )


def _settled(version: Any) -> Any:
    return None if version.state == PENDING else version


def _mistake(answer: dict[str, Any], check: SmokeCheck) -> str:
    """Return what is wrong with an answer; "" if nothing is."""
    body = answer["Payload"].read()
    if answer.get("FunctionError"):
        return f"{check.name}: it failed: {body[:_SAID].decode(errors='replace')}"
    return wrong_content(check, body)
