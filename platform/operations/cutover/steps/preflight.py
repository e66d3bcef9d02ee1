"""`preflight`: nothing is begun that could not end well."""

import os
from collections.abc import Callable, Sequence
from datetime import datetime

from botocore.exceptions import ClientError

from platformctl.operations.cutover.balanced import Weights, told
from platformctl.operations.cutover.course import Course
from platformctl.operations.cutover.fargate import FargateSide
from platformctl.operations.cutover.schema import last_known
from platformctl.operations.cutover.spreading import spreading_of
from platformctl.operations.cutover.standing import read_standing
from platformctl.operations.cutover.steps.base import CutoverStep
from platformctl.operations.cutover.steps.shift import sample_shares
from platformctl.operations.cutover.steps.watch import FIRING, alarm_states
from platformctl.operations.cutover.surroundings import Surroundings
from platformctl.operations.kernel.failures import StepFailedError
from platformctl.operations.kernel.journal import Journal
from platformctl.operations.kernel.step import Context, Facts
from platformctl.operations.migration.compatible import CONTRACT, incompatible
from platformctl.operations.releases.store import Releases
from platformctl.operations.services.traffic import active

UNKNOWN = "INSUFFICIENT_DATA"
EXPIRATION = "AWS_CREDENTIAL_EXPIRATION"
"""When the credentials end, as `aws configure export-credentials` says it."""

Check = Callable[[Course, Surroundings, Context], None]


class Preflight(CutoverStep):
    """Look at everything that must be so before anything is changed.

    Args:
        course: What is moved.
        surroundings: What is needed besides AWS's API.
        checks: What is looked at, in order.
    """

    name = "preflight"
    title = "make sure that nothing speaks against it"
    mutates = False

    def __init__(self, course: Course, surroundings: Surroundings, checks: Sequence[Check]) -> None:
        super().__init__(course, surroundings)
        self._checks = checks

    def apply(self, context: Context) -> Facts:
        """Make every check.

        Raises:
            StepFailedError: One says no.
        """
        for check in self._checks:
            check(self.course, self.surroundings, context)
        sample_shares(self.course, context, self.weights(context).shares())
        return {"checks": [check.__name__ for check in self._checks]}


def right_account(course: Course, _: Surroundings, context: Context) -> None:
    """Refuse credentials of another account than the service's."""
    caller = context.clients("sts", course.service.region).get_caller_identity()["Account"]
    arn = course.after.task_definition or course.service.task_definition_arn
    owner = arn.split(":")[4] if arn else caller
    if caller != owner:
        raise StepFailedError(
            "these are the credentials of another account",
            why=f"{course.service.name} is in account {owner}, they are of {caller}",
            remedy="log in to the environment's account",
        )


def credentials_last(course: Course, _: Surroundings, context: Context) -> None:
    """Refuse credentials that end before the cutover may have ended."""
    said = os.environ.get(EXPIRATION)
    if not said:
        return
    left = (datetime.fromisoformat(said) - context.clock.now()).total_seconds()
    needed = longest_seconds(course)
    if left < needed:
        raise StepFailedError(
            "the credentials expire before the cutover can be over",
            why=f"they last for {left:.0f} s, it may take {needed:.0f} s",
            remedy="log in again",
        )


def longest_seconds(course: Course) -> float:
    """Return how long a cutover may take at most until nothing is left to do."""
    timing = course.timing
    between = timing.seconds_between * (len(timing.steps) - 1)
    return timing.deadline_seconds + timing.ready_seconds + between + timing.bake_seconds


def where_it_was_left(course: Course, surroundings: Surroundings, context: Context) -> None:
    """Refuse to go on from where somebody else has put it."""
    found = active(course.service, context.clients)
    standing = read_standing(surroundings.table, course.service.name)
    expected = standing.side if standing else course.old
    if found.side == course.old == expected:
        return
    raise StepFailedError(
        f"{course.service.name} is not as the last operation left it",
        why=f"requests go {told(found.shares)}; {expected} is expected to get them all",
        remedy="find out who changed the weights, and give them back: "
        f"platformctl status {context.operation.plan.environment}",
    )


def old_side_is_well(course: Course, _: Surroundings, context: Context) -> None:
    """Refuse to leave a side that is not whole: there would be no way back."""
    desired = FargateSide(course.service, course.old_side, context.clients).state().desired
    healthy = spreading_of(course.service, context.clients).healthy(course.old_side)
    other = FargateSide(course.service, course.new_side, context.clients).state()
    if not desired and other.running:
        raise StepFailedError(
            f"{course.service.name} is served by a side without tasks",
            why=f"{course.old_side.name} shall have none, while {course.new_side.name} has "
            f"{other.running}",
            remedy="find out who did that, and give the requests back: "
            f"platformctl status {context.operation.plan.environment}",
        )
    if healthy < desired:
        raise StepFailedError(
            f"{course.old_side.name} is not whole, so that there would be no way back",
            why=f"{healthy} of its {desired} tasks are healthy",
            remedy=f"platformctl status {context.operation.plan.environment}",
        )


def alarms_are_quiet(course: Course, _: Surroundings, context: Context) -> None:
    """Refuse to measure with alarms that fire already, or that know nothing."""
    if not course.measures:
        return
    names = [*course.service.alarms, *course.old_side.alarms]
    wanted = [name for name in names if name not in course.ignored_alarms]
    for name, state in alarm_states(context, course, wanted):
        if state in (FIRING, UNKNOWN):
            raise StepFailedError(
                f"alarm {name} cannot watch over the cutover",
                why="it fires already" if state == FIRING else "it has no data to judge by",
                remedy=f"see to it, or leave it out: --ignore-alarm {name} --reason '…'",
            )


def schema_allows_it(course: Course, surroundings: Surroundings, context: Context) -> None:
    """Refuse a release that cannot run on the schema any more."""
    if not course.after.migration_head:
        return
    migrations = last_known(Journal(surroundings.table), course.service.product)
    gone = [each for each in migrations if each["phase"] == CONTRACT]
    why = incompatible(course.after.migration_head, gone)
    if why:
        releases = Releases(surroundings.table).all(course.service.name)
        usable = [each for each in releases if not incompatible(each.migration_head, gone)]
        environment, name = context.operation.plan.environment, course.service.name
        raise StepFailedError(
            f"{course.after} cannot run on the schema any more",
            why=why,
            remedy=f"go to {usable[0].name}: platformctl rollback {environment} {name} --to "
            f"{usable[0].name}"
            if usable
            else f"deploy a newer release: platformctl deploy {environment} {name}",
        )


def revision_is_there(course: Course, _: Surroundings, context: Context) -> None:
    """Refuse a task definition that ECS does not have any more."""
    ecs, arn = context.clients("ecs", course.service.region), course.after.task_definition
    state = FargateSide(course.service, course.new_side, context.clients).state()
    if state.running and state.task_definition == arn:
        return  # What runs needs no revision any more.
    try:
        said = ecs.describe_task_definition(taskDefinition=arn)["taskDefinition"]["status"]
    except ClientError as error:
        if error.response["Error"]["Code"] != "ClientException":
            raise
        said = "missing"
    if said != "ACTIVE":
        raise StepFailedError(
            f"the task definition of {course.after} cannot be used",
            why=f"{arn} is {said.lower()}",
            remedy=f"platformctl release list {context.operation.plan.environment} "
            f"{course.service.name}",
        )


def clients_are_not_sticky(course: Course, _: Surroundings, context: Context) -> None:
    """Warn where clients stay on the side they met first: weights then do not say who serves."""
    seconds = Weights(course.service, context.clients).sticky_seconds()
    if seconds:
        context.tell(
            f"clients of {course.service.name} stay on their side for {seconds} s: less of the "
            "requests move than the weights say"
        )


def old_side_can_be_stopped(course: Course, _: Surroundings, context: Context) -> None:
    """Refuse where nobody could stop the old side when it is no longer needed."""
    if course.timing.keep_warm_seconds and not course.service.retire_role_arn:
        raise StepFailedError(
            f"nobody could stop {course.old_side.name} after it was kept warm",
            why="the environment has no role for EventBridge Scheduler",
            remedy=f"platformctl up {context.operation.plan.environment}, by this platformctl",
        )


FORWARD: Sequence[Check] = (
    right_account,
    credentials_last,
    where_it_was_left,
    revision_is_there,
    schema_allows_it,
    old_side_is_well,
    alarms_are_quiet,
    clients_are_not_sticky,
    old_side_can_be_stopped,
)
"""What must be so before a cutover of a service behind a balancer."""
BACK: Sequence[Check] = (right_account, schema_allows_it, revision_is_there)
"""What must be so before a rollback: no more than what it could not do without."""
