"""`analyse-N` and `bake`: the new side is measured while it gets requests."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from botocore.exceptions import BotoCoreError, ClientError

from platformctl.aws.failures import Meaning, meaning
from platformctl.operations.cutover import probe
from platformctl.operations.cutover.balanced import told
from platformctl.operations.cutover.course import Course
from platformctl.operations.cutover.figures import (
    LATE_PERIODS,
    Figures,
    aws_now,
    enough,
    newest,
    read_figures,
)
from platformctl.operations.cutover.judgement import Judgement, Verdict, judge
from platformctl.operations.cutover.startup import require_none
from platformctl.operations.cutover.steps.base import CutoverStep, changed_by_others
from platformctl.operations.cutover.steps.shift import expected_shares
from platformctl.operations.cutover.surroundings import Surroundings
from platformctl.operations.kernel.failures import (
    InconclusiveError,
    StepFailedError,
    StepTimeoutError,
)
from platformctl.operations.kernel.step import Context, Facts
from platformctl.operations.report.measurement import Measurement, SideNumbers

FIRING = "ALARM"
MOST_SECONDS = 5.0
"""Seconds between two looks at tasks, targets, alarms and weights, however rare figures are."""


class Watch(CutoverStep):
    """Let some time pass, and go back as soon as a limit is not kept.

    Args:
        course: What is moved.
        surroundings: What is needed besides AWS's API.
        name: Name of the step.
        title: What it does.
        seconds: How long.
    """

    mutates = False

    def __init__(
        self, course: Course, surroundings: Surroundings, *, name: str, title: str, seconds: float
    ) -> None:
        super().__init__(course, surroundings)
        self.name = name
        self.title = title
        self.seconds = seconds
        self._limits = course.timing.analysis
        self._begun: datetime | None = None
        self._measured = datetime.fromtimestamp(0, UTC)
        self._next = float("-inf")
        self._next_figures = float("-inf")
        self._errors = 0
        self._last: dict[str, list[Figures]] = {}
        self._judgement: Judgement | None = None

    def apply(self, context: Context) -> Facts:
        """Watch the new side.

        Raises:
            StepFailedError: A limit is not kept, an alarm goes off, or its tasks do not stay up.
            InconclusiveError: There were too few requests to judge by.
            ResourceError: Somebody else has changed the weights.
        """
        context.pause(self.seconds, self._what(), every=lambda: self._look(context))
        promoted = context.operation.step(self.name).elapsed < self.seconds
        self._next = self._next_figures = float("-inf")
        self._look(context)
        if not promoted:
            self._require_data(context)
        judgement = self._judgement
        return {
            "verdict": str(judgement.verdict) if judgement else str(Verdict.NO_DATA),
            "requests": judgement.requests if judgement else 0,
            "gates": [vars(gate) for gate in judgement.gates] if judgement else [],
            "promoted": promoted,
        }

    def _what(self) -> str:
        return f"{self.course.new} being measured"

    def _look(self, context: Context) -> None:
        """Look at everything that says how the new side does, as often as that is asked for."""
        now, interval = context.clock.monotonic(), self._limits.interval_seconds
        if now < self._next:
            return
        self._next = now + min(interval, MOST_SECONDS)
        self._require_weights(context)
        self._require_tasks(context)
        self._require_targets(context)
        self._require_quiet(context)
        if now >= self._next_figures:
            self._next_figures = now + interval
            self._last = self._figures(context) or {}
            self._judgement = self._judged()
        self._sample(context)
        self._act(context)

    def _require_weights(self, context: Context) -> None:
        found, allowed = self.weights(context).shares(), expected_shares(context, self.course)
        if found not in allowed:
            raise changed_by_others(context, found, told(allowed[0]))

    def _require_tasks(self, context: Context) -> None:
        require_none(self.new(context), self.known_stopped(context), context.clients)

    def _require_targets(self, context: Context) -> None:
        """Make sure that whoever gets requests has somebody to answer them."""
        weights = self.weights(context)
        for key, share in weights.shares().items():
            side = self.course.service.sides[key]
            if not share or weights.healthy(side):
                continue
            health = weights.health(side).values()
            said = dict.fromkeys(each.why or each.state for each in health)
            raise StepFailedError(
                f"{side.name} has no healthy target any more",
                why="; ".join(said) or "its target group is empty",
            )

    def _require_quiet(self, context: Context) -> None:
        """Make sure that no alarm about what serves goes off."""
        names = [
            name
            for name in (*self.course.service.alarms, *self.course.new_side.alarms)
            if name not in self.course.ignored_alarms
        ]
        firing = [
            name for name, state in alarm_states(context, self.course, names) if state == FIRING
        ]
        if firing:
            raise StepFailedError(f"alarm {firing[0]} went off", why=f"{len(firing)} are firing")

    def _figures(self, context: Context) -> dict[str, list[Figures]] | None:
        """Return what CloudWatch says; None where it says nothing for once.

        Raises:
            StepFailedError: It has said nothing too often in a row.
        """
        service, clock = self.course.service, context.clock
        try:
            now = aws_now(context.clients("cloudwatch", service.region), clock.now())
            self._measured = now
            if self._begun is None:
                self._begun = self._since(context, now)
            period = self._limits.period_seconds
            since = max(self._begun, now - timedelta(seconds=period * MOST_PERIODS))
            found = self._read(context, since, now, period)
        except (BotoCoreError, ClientError) as error:
            if meaning(error) is Meaning.CREDENTIALS:
                raise
            self._errors += 1
            if self._errors > self._limits.error_limit:
                raise StepFailedError(
                    f"CloudWatch did not answer {self._errors} times in a row",
                    why=f"{error}; what is not known is no pass",
                ) from error
            context.tell(f"CloudWatch does not answer ({self._errors})", str(error))
            return None
        self._errors = 0
        return found

    def _read(
        self, context: Context, since: datetime, until: datetime, period: int
    ) -> dict[str, list[Figures]]:
        return read_figures(context.clients, self.course.service, since, until, period)

    def _since(self, context: Context, now: datetime) -> datetime:
        """Return since when the new side has had this share, by AWS's clock.

        Of the period in which the operation began nothing counts: the side may have had requests
        before, of which another release answered.
        """
        share = now - timedelta(seconds=context.operation.step(self.name).elapsed)
        age = context.clock.now() - datetime.fromisoformat(context.operation.created)
        period = self._limits.period_seconds
        ended = ((now - age).timestamp() // period + 1) * period
        return max(share, datetime.fromtimestamp(ended, UTC))

    def _judged(self) -> Judgement | None:
        """Return what the figures say; None where there are none to say anything."""
        if not self._last:
            return None
        least = self._limits.minimum_requests
        new = enough(self._last.get(self.course.new, ()), least)
        old = enough(self._last.get(self.course.old, ()), least)
        return judge(new, old, self._limits)

    def _act(self, context: Context) -> None:
        """Do what the figures ask for.

        Raises:
            StepFailedError: A limit is not kept.
        """
        judgement = self._judgement
        if judgement is None:
            return
        if judgement.verdict is Verdict.FAIL:
            raise StepFailedError(
                f"{self.course.new_side.name} is not good enough",
                why=f"{judgement.why}, of {judgement.requests:.0f} requests",
            )
        if judgement.verdict is Verdict.NO_DATA and self._limits.without_data == "probe":
            self._probe(context)

    def _probe(self, context: Context) -> None:  # noqa: ARG002  # where no listener leads there
        """Send requests of our own, so that there is something to judge by."""
        probe.drive(self.course, self.surroundings, self._limits.minimum_requests)

    def _is_sure(self) -> bool:
        return self._judgement is not None and self._judgement.verdict is not Verdict.NO_DATA

    def _require_data(self, context: Context) -> None:
        """Make sure that there was something to judge by; what was counted last comes late."""

        def look() -> bool:
            self._look(context)
            return self._is_sure()

        if self._is_sure():
            return
        late = LATE_PERIODS * self._limits.period_seconds
        try:
            context.until(look, within=late, what="the last figures of CloudWatch")
        except StepTimeoutError:
            self._without_data(context)

    def _without_data(self, context: Context) -> None:
        count = self._judgement.requests if self._judgement else 0
        what = f"{self.course.new} got too few requests to judge by"
        least = self._limits.minimum_requests
        why = f"{count:.0f} in {self.seconds:g} s, {least} are needed"
        if self._limits.without_data == "pause":
            environment, name = context.operation.plan.environment, context.operation.id
            raise InconclusiveError(
                what,
                why=f"{why}: no traffic",
                remedy=f"measure again: platformctl operation resume {environment} {name}; go on "
                f"all the same: platformctl operation skip {environment} {name} {self.name} "
                f"--reason '…'; or go back: platformctl operation abort {environment} {name}",
            )
        raise StepFailedError(what, why=f"{why}: no traffic")

    def _sample(self, context: Context) -> None:
        """Keep what was measured."""
        shares, figures = self.weights(context).shares(), self._last
        gates = self._judgement.gates if self._judgement else ()
        context.sample(
            **Measurement(
                sides=[self._numbers(context, key, shares, figures.get(key, ())) for key in shares],
                gates=gates,
            ).document()
        )

    def _numbers(
        self, context: Context, key: str, shares: dict[str, float], figures: Sequence[Figures]
    ) -> SideNumbers:
        is_new = key == self.course.new
        desired, running = self._tasks(context, is_new=is_new)
        last = newest(figures, self._measured)
        version = self.course.after if is_new else self.course.before
        return SideNumbers(
            key=key,
            role="new" if is_new else "old",
            version=version.release or version.version or None,
            desired=desired,
            running=running,
            healthy=self.weights(context).healthy(self.course.service.sides[key]),
            weight=shares[key],
            requests=last.rate,
            errors=last.error_percent,
            p95=last.p95,
            p99=last.p99,
        )

    def _tasks(self, context: Context, *, is_new: bool) -> tuple[int | None, int | None]:
        """Return how many tasks a side shall have, and has; None where it has no tasks."""
        state = (self.new(context) if is_new else self.old(context)).state()
        return state.desired, state.running


MOST_PERIODS = 60
"""Periods that one look asks for at most."""


def alarm_states(context: Context, course: Course, names: Sequence[str]) -> list[tuple[str, str]]:
    """Return the state of each alarm that there is.

    Raises:
        StepFailedError: CloudWatch does not know one of them.
    """
    if not names:
        return []
    cloudwatch = context.clients("cloudwatch", course.service.region)
    pages = cloudwatch.get_paginator("describe_alarms").paginate(
        AlarmNames=list(names), AlarmTypes=["MetricAlarm", "CompositeAlarm"]
    )
    found = {
        alarm["AlarmName"]: alarm["StateValue"]
        for page in pages
        for alarm in (*page.get("MetricAlarms", ()), *page.get("CompositeAlarms", ()))
    }
    missing = sorted(set(names) - found.keys())
    if missing:
        raise StepFailedError(f"there is no alarm {missing[0]}", why=f"{len(missing)} are missing")
    return list(found.items())
