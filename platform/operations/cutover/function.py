"""Cutovers of Lambda functions: an alias is moved from one published version to another.

Versions are the sides. Each is there for good and costs nothing while nobody invokes it, so there
is nothing to start, nothing to keep warm and nothing to stop; going back is one call at any time.
"""

from collections.abc import Sequence
from datetime import datetime
from itertools import cycle, islice
from math import ceil

from platformctl.operations.cutover.balanced import ALL
from platformctl.operations.cutover.course import Course
from platformctl.operations.cutover.figures import Figures
from platformctl.operations.cutover.function_figures import read_function_figures
from platformctl.operations.cutover.plan import expansion
from platformctl.operations.cutover.steps.preflight import (
    Check,
    Preflight,
    alarms_are_quiet,
    credentials_last,
    schema_allows_it,
    where_it_was_left,
)
from platformctl.operations.cutover.steps.promote import Promote
from platformctl.operations.cutover.steps.shift import (
    Shift,
    read_back,
    require_healthy,
    sample_shares,
    spread,
)
from platformctl.operations.cutover.steps.version import VersionReady, VersionSmoke, invoke
from platformctl.operations.cutover.steps.watch import Watch
from platformctl.operations.cutover.surroundings import Surroundings
from platformctl.operations.kernel.failures import StepFailedError
from platformctl.operations.kernel.step import Context, Step


class ShiftAlias(Shift):
    """Give the new version a share of the invocations."""

    def __init__(
        self, course: Course, surroundings: Surroundings, weight: int, before: int
    ) -> None:
        super().__init__(course, surroundings, weight, before)
        self.title = f"send {weight} % of the invocations to version {course.new}"

    def undo(self, context: Context) -> None:
        """Give every invocation back to the version that had them before.

        Raises:
            StepFailedError: It cannot be invoked any more.
        """
        weights, wanted = self.weights(context), spread(self.course, 0)
        if weights.shares() == wanted:
            return
        require_healthy(self.course, weights, wanted)
        weights.shift(wanted)
        read_back(context, weights, wanted)
        sample_shares(self.course, context, wanted)


class WatchVersion(Watch):
    """Let some time pass, and go back as soon as a limit is not kept."""

    def _require_tasks(self, context: Context) -> None:
        """Do nothing: Lambda starts what it needs."""

    def _probe(self, context: Context) -> None:
        """Invoke the function as everybody does: only that is counted, and Lambda shares it out."""
        share = self.weights(context).shares().get(self.course.new, 0.0)
        if not (share and self.course.smoke):
            return
        needed = ceil(self._limits.minimum_requests * ALL / share)
        for check in islice(cycle(self.course.smoke), needed):
            invoke(context, self.course.service, self.course.service.alias, check)

    def _read(
        self, context: Context, since: datetime, until: datetime, period: int
    ) -> dict[str, list[Figures]]:
        return read_function_figures(context.clients, self.course.service, since, until, period)

    def _tasks(self, context: Context, *, is_new: bool) -> tuple[int | None, int | None]:  # noqa: ARG002  # a version has no tasks
        return None, None


def function_is_ours(course: Course, _: Surroundings, context: Context) -> None:
    """Refuse credentials of another account than the function's."""
    service = course.service
    caller = context.clients("sts", service.region).get_caller_identity()["Account"]
    found = context.clients("lambda", service.region).get_alias(
        FunctionName=service.function_name, Name=service.alias
    )
    owner = found["AliasArn"].split(":")[4]
    if caller != owner:
        raise StepFailedError(
            "these are the credentials of another account",
            why=f"{service.name} is in account {owner}, they are of {caller}",
            remedy="log in to the environment's account",
        )


def versions_share_a_role(course: Course, _: Surroundings, context: Context) -> None:
    """Refuse two versions that Lambda would not put behind one alias."""
    client = context.clients("lambda", course.service.region)
    found = [
        client.get_function_configuration(
            FunctionName=course.service.function_name, Qualifier=version
        )
        for version in (course.old, course.new)
    ]
    for what in ("Role", "DeadLetterConfig"):
        if found[0].get(what) != found[1].get(what):
            raise StepFailedError(
                f"versions {course.old} and {course.new} cannot share the invocations",
                why=f"Lambda asks for the same {what}: {found[0].get(what)} is not "
                f"{found[1].get(what)}",
                remedy="use the preset allAtOnce",
            )


FORWARD: Sequence[Check] = (
    function_is_ours,
    credentials_last,
    where_it_was_left,
    schema_allows_it,
    alarms_are_quiet,
)
"""What must be so before a function is cut over."""
BACK: Sequence[Check] = (function_is_ours, schema_allows_it)
"""What must be so before it goes back."""


def steps(course: Course, surroundings: Surroundings) -> Sequence[Step]:
    """Return the steps of a function."""
    shared = not course.back and len(course.timing.steps) > 1
    checks = BACK if course.back else FORWARD
    made: list[Step] = [
        Preflight(course, surroundings, [*checks, versions_share_a_role] if shared else checks),
        *expansion(course, surroundings),
        VersionReady(course, surroundings),
    ]
    if course.back:
        made.append(ShiftAlias(course, surroundings, ALL, 0))
    else:
        made += [VersionSmoke(course, surroundings), *_moves(course, surroundings)]
    return [*made, Promote(course, surroundings)]


def _moves(course: Course, surroundings: Surroundings) -> Sequence[Step]:
    """Return the shifts, with what is measured after each."""
    timing, before, made = course.timing, 0, list[Step]()
    for weight in timing.steps:
        made.append(ShiftAlias(course, surroundings, weight, before))
        seconds = timing.bake_seconds if weight == ALL else timing.seconds_between
        if seconds:
            made.append(
                WatchVersion(
                    course,
                    surroundings,
                    name="bake" if weight == ALL else f"analyse-{weight}",
                    title=f"measure version {course.new} at {weight} %",
                    seconds=seconds,
                )
            )
        before = weight
    return made
