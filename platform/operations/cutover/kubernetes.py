"""Cutovers of workloads in Kubernetes: from Deployment to Deployment by the Service's selector.

A Service sends requests to the pods of one selector, so all of them move at once: weights are
refused. What is measured of them afterwards is what Kubernetes itself tells: whether pods stay
ready.
"""

from collections.abc import Sequence

from platformctl.operations.cutover.balanced import ALL, told
from platformctl.operations.cutover.course import Course
from platformctl.operations.cutover.kubernetes_side import KubernetesSide
from platformctl.operations.cutover.plan import expansion
from platformctl.operations.cutover.steps.base import changed_by_others
from platformctl.operations.cutover.steps.preflight import (
    Check,
    Preflight,
    alarms_are_quiet,
    credentials_last,
    schema_allows_it,
    where_it_was_left,
)
from platformctl.operations.cutover.steps.promote import Promote
from platformctl.operations.cutover.steps.rollout import (
    AskPods,
    RolledOut,
    RolloutStep,
    StartDeployment,
)
from platformctl.operations.cutover.steps.shift import Shift, read_back, sample_shares, spread
from platformctl.operations.cutover.steps.watch import FIRING, alarm_states
from platformctl.operations.cutover.surroundings import Surroundings
from platformctl.operations.kernel.failures import StepFailedError
from platformctl.operations.kernel.step import Context, Facts, Step
from platformctl.operations.report.measurement import Measurement, SideNumbers


class SwitchSelector(Shift):
    """Have the Service send every request to the pods of the new side."""

    def apply(self, context: Context) -> Facts:
        """Change the selector and read it back."""
        context.guard()  # Kubernetes is changed past boto3, which would confirm the lease itself.
        return super().apply(context)

    def undo(self, context: Context) -> None:
        """Have it send them to the old side again, where somebody answers them.

        Raises:
            StepFailedError: The old side has no ready pod.
        """
        weights, wanted = self.weights(context), spread(self.course, 0)
        if weights.shares() == wanted:
            return
        if not weights.healthy(self.course.old_side):
            raise StepFailedError(
                f"{self.course.old_side.name} cannot take the requests back",
                why="it has no ready pod",
            )
        context.guard()
        weights.shift(wanted)
        read_back(context, weights, wanted)
        sample_shares(self.course, context, wanted)


class WatchPods(RolloutStep):
    """Look after the new side for a while; it goes back by itself."""

    name = "bake"
    mutates = False

    def __init__(self, course: Course, surroundings: Surroundings) -> None:
        super().__init__(course, surroundings)
        self.title = f"watch {course.new}; it goes back by itself if it does not stay well"
        self._next = float("-inf")

    def apply(self, context: Context) -> Facts:
        """Watch it.

        Raises:
            ResourceError: Somebody else has changed the selector.
            StepFailedError: Its pods do not stay ready, or an alarm goes off.
        """
        seconds = self.course.timing.bake_seconds
        context.pause(seconds, f"{self.course.new} being watched", lambda: self._look(context))
        self._next = float("-inf")
        self._look(context)
        return {"watched": context.operation.step(self.name).elapsed}

    def _look(self, context: Context) -> None:
        now = context.clock.monotonic()
        if now < self._next:
            return
        self._next = now + self.course.timing.analysis.interval_seconds
        course, weights = self.course, self.weights(context)
        found, wanted = weights.shares(), spread(course, ALL)
        if found != wanted:
            raise changed_by_others(context, found, told(wanted))
        self.require_pods(context)
        if not weights.healthy(course.new_side):
            said = "; ".join(each.why for each in weights.health(course.new_side).values())
            raise StepFailedError(
                f"no pod of {course.new_side.name} is ready", why=said or "there is none"
            )
        for name, state in alarm_states(context, course, list(course.service.alarms)):
            if state == FIRING and name not in course.ignored_alarms:
                raise StepFailedError(f"alarm {name} went off")
        self._sample(context, found)

    def _sample(self, context: Context, shares: dict[str, float]) -> None:
        course = self.course
        sides = []
        for key, share in shares.items():
            is_new = key == course.new
            deployment = self.new_deployment(context) if is_new else self.old_deployment(context)
            state, version = deployment.state(), course.after if is_new else course.before
            sides.append(
                SideNumbers(
                    key=key,
                    role="new" if is_new else "old",
                    version=version.release or version.version or None,
                    desired=state.wanted,
                    running=state.pods,
                    healthy=state.ready,
                    weight=share,
                )
            )
        context.sample(**Measurement(sides=sides).document())


class RetireDeployment(RolloutStep):
    """Take the pods of the old side away; each finishes its requests first.

    Nothing in AWS could do it later with nobody watching, as a schedule does for Fargate. The way
    back starts them again.
    """

    name = "retire"

    def __init__(self, course: Course, surroundings: Surroundings) -> None:
        super().__init__(course, surroundings)
        self.title = f"stop {course.old} once its requests are done"

    def apply(self, context: Context) -> Facts:
        """Stop it.

        Raises:
            StepFailedError: It gets requests again.
        """
        share = self.weights(context).shares()[self.course.old]
        if share:
            raise StepFailedError(
                f"{self.course.old_side.name} is not stopped",
                why=f"it gets {share:g} % of the requests",
            )
        context.guard()
        self.old_deployment(context).stop()
        return {"stopped": self.course.old}


def all_at_once(course: Course, _: Surroundings, context: Context) -> None:  # noqa: ARG001  # a check
    """Refuse weights: a selector chooses one side or the other."""
    if list(course.timing.steps) != [ALL]:
        raise StepFailedError(
            f"the requests of {course.service.name} cannot be shared out",
            why="a Service of Kubernetes sends them to the pods of one selector, and weights "
            f"{', '.join(map(str, course.timing.steps))} were asked for",
            remedy="use --preset allAtOnce",
        )


def old_pods_are_well(course: Course, _: Surroundings, context: Context) -> None:
    """Refuse to leave a side that is not whole: there would be no way back."""
    state = KubernetesSide(course.service, course.old_side, context.clients).state()
    if state.ready < state.wanted:
        raise StepFailedError(
            f"{course.old_side.name} is not whole, so that there would be no way back",
            why=f"{state.ready} of its {state.wanted} pods are ready",
        )


FORWARD: Sequence[Check] = (
    all_at_once,
    credentials_last,
    where_it_was_left,
    schema_allows_it,
    old_pods_are_well,
    alarms_are_quiet,
)
"""What must be so before a workload is cut over."""
BACK: Sequence[Check] = (all_at_once, schema_allows_it)
"""What must be so before it goes back."""


def steps(course: Course, surroundings: Surroundings) -> Sequence[Step]:
    """Return the steps of a workload."""
    made: list[Step] = [
        Preflight(course, surroundings, BACK if course.back else FORWARD),
        *expansion(course, surroundings),
        StartDeployment(course, surroundings),
        RolledOut(course, surroundings),
    ]
    if not course.back:
        made.append(AskPods(course, surroundings))
    made.append(SwitchSelector(course, surroundings, ALL, 0))
    if course.timing.bake_seconds and not course.back:
        made.append(WatchPods(course, surroundings))
    return [*made, Promote(course, surroundings), RetireDeployment(course, surroundings)]
