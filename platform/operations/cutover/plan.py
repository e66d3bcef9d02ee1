"""Which steps move a service, and the plan that is made of them."""

from collections.abc import Callable, Mapping, Sequence
from importlib import import_module

from platformctl.errors import InvocationError
from platformctl.operations.cutover.course import Course, read_course
from platformctl.operations.cutover.steps.preflight import BACK, FORWARD, Preflight
from platformctl.operations.cutover.steps.promote import Promote
from platformctl.operations.cutover.steps.ready import Ready
from platformctl.operations.cutover.steps.retire import Retire
from platformctl.operations.cutover.steps.schema import Schema
from platformctl.operations.cutover.steps.shift import Shift
from platformctl.operations.cutover.steps.smoke import Smoke
from platformctl.operations.cutover.steps.start import Start
from platformctl.operations.cutover.steps.watch import Watch
from platformctl.operations.cutover.surroundings import Surroundings
from platformctl.operations.kernel.operation import Plan
from platformctl.operations.kernel.step import Step
from platformctl.operations.migration.steps import Expand

ALL = 100
MakeSteps = Callable[[Course, Surroundings], Sequence[Step]]
_OTHERS: Mapping[str, str] = {
    "consumer": "platformctl.operations.cutover.consumer:steps",
    "function": "platformctl.operations.cutover.function:steps",
    "kubernetes": "platformctl.operations.cutover.kubernetes:steps",
}
"""Kind of service → function (course, surroundings) → steps, imported when it is needed."""


def make_plan(kind: str, environment: str, course: Course) -> Plan:
    """Return the plan of a cutover; its steps are filled in when it is run.

    Args:
        kind: `deploy`, `cutover` or `rollback`.
        environment: Where.
        course: What is moved.

    Raises:
        InvocationError: The service has no other side to move to.
    """
    if not course.service.two_sided:
        raise InvocationError(
            f"{course.service.name} cannot be cut over",
            why="it has one side only: deploying the stack replaces its tasks one by one",
            remedy=f"set deployment: blueGreen and run platformctl up {environment}",
        )
    return Plan(
        kind=kind,
        environment=environment,
        target=course.service.target,
        parameters=course.parameters(),
    )


def steps(plan: Plan, surroundings: Surroundings) -> Sequence[Step]:
    """Return the steps of a plan."""
    course = read_course(plan.parameters)
    if course.service.kind not in _OTHERS:
        return balanced(course, surroundings)
    module, _, name = _OTHERS[course.service.kind].partition(":")
    make: MakeSteps = getattr(import_module(module), name)
    return make(course, surroundings)


def balanced(course: Course, surroundings: Surroundings) -> Sequence[Step]:
    """Return the steps of a service behind a load balancer."""
    checks = BACK if course.back else FORWARD
    begin: list[Step] = [
        Preflight(course, surroundings, checks),
        *expansion(course, surroundings),
        Start(course, surroundings),
        Ready(course, surroundings),
    ]
    if course.back:
        move: list[Step] = [Shift(course, surroundings, ALL, 0)]
    else:
        begin.append(Smoke(course, surroundings))
        move = list(_moves(course, surroundings))
    return [*begin, *move, Promote(course, surroundings), Retire(course, surroundings)]


def expansion(course: Course, surroundings: Surroundings) -> Sequence[Step]:
    """Return the steps that bring the schema to what the release needs, beside the old one."""
    if course.migrator is None:
        return ()
    image = course.migration_image or None
    parameters = {"migrator": course.migrator, "image": image, "to": None}
    return [Expand(parameters), Schema(course, surroundings)]


def _moves(course: Course, surroundings: Surroundings) -> Sequence[Step]:
    """Return the shifts, with what is measured after each."""
    timing, before, made = course.timing, 0, list[Step]()
    for weight in timing.steps:
        made.append(Shift(course, surroundings, weight, before))
        if weight != ALL and timing.seconds_between:
            made.append(
                Watch(
                    course,
                    surroundings,
                    name=f"analyse-{weight}",
                    title=f"measure {course.new} at {weight} %",
                    seconds=timing.seconds_between,
                )
            )
        before = weight
    if timing.bake_seconds:
        title = f"measure {course.new} at {ALL} %; it goes back by itself if a limit is not kept"
        seconds = timing.bake_seconds
        made.append(Watch(course, surroundings, name="bake", title=title, seconds=seconds))
    return made
