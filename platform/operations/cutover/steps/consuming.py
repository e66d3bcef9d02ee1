"""`verify` and `bake` of a consumer: what waits for it gets less, and its tasks stay well."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from itertools import pairwise

from platformctl.operations.cutover.backlog import Points, read_backlog
from platformctl.operations.cutover.balanced import ALL, told
from platformctl.operations.cutover.course import Course
from platformctl.operations.cutover.figures import aws_now
from platformctl.operations.cutover.startup import require_none
from platformctl.operations.cutover.steps.base import CutoverStep, changed_by_others
from platformctl.operations.cutover.steps.shift import spread
from platformctl.operations.cutover.steps.watch import FIRING, alarm_states
from platformctl.operations.cutover.surroundings import Surroundings
from platformctl.operations.kernel.failures import StepFailedError
from platformctl.operations.kernel.step import Context, Facts
from platformctl.operations.report.measurement import Gate, Measurement, SideNumbers

BEFORE_PERIODS = 10
"""Periods before the hand-over that say how much usually waits."""
BEFORE_SECONDS = 60
"""Seconds that these are at least: applications do not report what waits every second."""


class ConsumerStep(CutoverStep):
    """A step that looks after the side which consumes."""

    mutates = False

    def require_well(self, context: Context) -> None:
        """Make sure that the new side is the one that consumes, and that its tasks stay well.

        Raises:
            ResourceError: Somebody else has changed who takes messages in.
            StepFailedError: Its tasks do not stay up, or are not well.
        """
        course, spreading = self.course, self.weights(context)
        found = spreading.shares()
        if found != spread(course, ALL):
            raise changed_by_others(context, found, told(spread(course, ALL)))
        require_none(self.new(context), self.known_stopped(context), context.clients)
        if not spreading.healthy(course.new_side):
            said = [each.why for each in spreading.health(course.new_side).values()]
            raise StepFailedError(
                f"no task of {course.new_side.name} is well",
                why="; ".join(said) or "none is running",
            )

    def sample(self, context: Context, gates: Sequence[Gate] = ()) -> None:
        """Keep how many tasks each side has, and who consumes."""
        shares = self.weights(context).shares()
        context.sample(
            **Measurement(
                sides=[self._numbers(context, key, shares[key]) for key in shares], gates=gates
            ).document()
        )

    def _numbers(self, context: Context, key: str, share: float) -> SideNumbers:
        is_new = key == self.course.new
        side, version = (
            (self.new(context), self.course.after)
            if is_new
            else (self.old(context), self.course.before)
        )
        state = side.state()
        return SideNumbers(
            key=key,
            role="new" if is_new else "old",
            version=version.release or version.version or None,
            desired=state.desired,
            running=state.running,
            healthy=self.weights(context).healthy(side.side),
            weight=share,
        )


class Consuming(ConsumerStep):
    """Wait until what waits is measured again, by the new side, and does not get more."""

    name = "verify"

    def __init__(self, course: Course, surroundings: Surroundings) -> None:
        super().__init__(course, surroundings)
        self.title = f"make sure that {course.new} consumes"
        self._points: Points = []

    def apply(self, context: Context) -> Facts:
        """Wait for it.

        Raises:
            StepFailedError: Its tasks do not stay well, or more and more messages wait.
        """
        if self.course.service.backlog is None or not self.course.measures:
            self.require_well(context)
            self.sample(context)
            return {"backlog": None}
        limits = self.course.timing.analysis
        cloudwatch = context.clients("cloudwatch", self.course.service.region)
        if "since" not in context.facts():
            now = aws_now(cloudwatch, context.clock.now())
            context.note(since=now.isoformat(), usual=self._usual(context, now))
        since = datetime.fromisoformat(context.facts()["since"])
        usual = context.facts()["usual"]

        def falls() -> bool:
            self.require_well(context)
            now = aws_now(cloudwatch, context.clock.now())
            period = limits.period_seconds
            found = read_backlog(context.clients, self.course.service, since, now, period)
            self._points = [point for point in found if point[0] >= since]
            return catches_up([value for _, value in self._points], usual)

        context.until(
            falls,
            within=self.course.timing.deadline_seconds,
            what=f"{self.course.new} catching up",
            why_not=lambda: self._why_not(usual),
            every=min(1.0, limits.interval_seconds),
        )
        self.sample(context)
        return {"backlog": self._points[-1][1], "usual": usual}

    def _usual(self, context: Context, now: datetime) -> float | None:
        """Return how much waits at most while all is well; None where nobody has measured it."""
        period = self.course.timing.analysis.period_seconds
        since = now - timedelta(seconds=max(period * BEFORE_PERIODS, BEFORE_SECONDS))
        points = read_backlog(context.clients, self.course.service, since, now, period)
        return max((value for _, value in points), default=None)

    def _why_not(self, usual: float | None) -> str:
        if not self._points:
            return "nobody has measured since then how much waits"
        before = "" if usual is None else f"; before it were {usual:.0f} at most"
        return f"{self._points[-1][1]:.0f} wait, and it never got less{before}"


class ConsumerWatch(ConsumerStep):
    """Look after the new side for a while; it goes back by itself."""

    name = "bake"

    def __init__(self, course: Course, surroundings: Surroundings) -> None:
        super().__init__(course, surroundings)
        self.title = f"watch {course.new}; it goes back by itself if it does not stay well"
        self._next = float("-inf")

    def apply(self, context: Context) -> Facts:
        """Watch it.

        Raises:
            ResourceError: Somebody else has changed who takes messages in.
            StepFailedError: Its tasks do not stay well, or an alarm goes off.
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
        self.require_well(context)
        names = [
            name
            for name in (*self.course.service.alarms, *self.course.new_side.alarms)
            if name not in self.course.ignored_alarms
        ]
        for name, state in alarm_states(context, self.course, names):
            if state == FIRING:
                raise StepFailedError(f"alarm {name} went off")
        self.sample(context)


def catches_up(values: Sequence[float], usual: float | None) -> bool:
    """Tell whether a consumer works, by what waits for it.

    What nobody consumes never gets less. While messages come in it does not have to be less than at
    first, either: what is under way counts as waiting.

    Args:
        values: What waited since it took over, oldest first.
        usual: What waits at most while all is well; None where that is not known.
    """
    if not values:
        return False
    if values[-1] <= (usual or 0.0):
        return True
    return any(later < earlier for earlier, later in pairwise(values))
