"""Steps of a workload in Kubernetes: its idle side gets the release, and every pod gets well."""

from platformctl.errors import ResourceError
from platformctl.operations.cutover.course import Course
from platformctl.operations.cutover.kubernetes_side import KubernetesSide
from platformctl.operations.cutover.probe import wrong_content
from platformctl.operations.cutover.steps.base import LOOK, CutoverStep
from platformctl.operations.cutover.surroundings import Surroundings
from platformctl.operations.kernel.failures import StepFailedError
from platformctl.operations.kernel.step import Context, Facts
from platformctl.operations.services.traffic import active


class RolloutStep(CutoverStep):
    """A step that works with Deployments."""

    def old_deployment(self, context: Context) -> KubernetesSide:
        """Return the side that served when the cutover began."""
        return KubernetesSide(self.course.service, self.course.old_side, context.clients)

    def new_deployment(self, context: Context) -> KubernetesSide:
        """Return the side that serves when it has ended."""
        return KubernetesSide(self.course.service, self.course.new_side, context.clients)

    def require_pods(self, context: Context) -> None:
        """Make sure that the pods of the new side stay up.

        Raises:
            StepFailedError: They do not; says why, with the last lines of their log.
        """
        new = self.new_deployment(context)
        for pod in new.pods():
            if pod.fails:
                lines = "\n".join(f"  {line}" for line in new.last_lines(pod.name))
                log = f"; the last lines of its log:\n{lines}" if lines else ""
                raise StepFailedError(
                    f"{new.side.name} does not start", why=f"pod {pod.name}: {pod.why}{log}"
                )


class StartDeployment(RolloutStep):
    """Give the idle side the release, and as many pods as the other one has."""

    name = "start"

    def __init__(self, course: Course, surroundings: Surroundings) -> None:
        super().__init__(course, surroundings)
        self.title = f"start {course.after} on {course.new}"

    def apply(self, context: Context) -> Facts:
        """Change the Deployment."""
        new = self.new_deployment(context)
        if "count" not in context.facts():
            wanted = self.old_deployment(context).state().wanted
            context.note(count=max(1, new.side.minimum_tasks, wanted))
        context.guard()  # Kubernetes is changed past boto3, which would confirm the lease itself.
        new.begin(self.course.after.image, int(context.facts()["count"]))
        return {"image": self.course.after.image}

    def holds(self, context: Context) -> bool:
        """Tell whether the side still has the release, and pods."""
        state = self.new_deployment(context).state()
        return state.image == self.course.after.image and state.wanted >= 1

    def undo(self, context: Context) -> None:
        """Take the pods away, after a while in which people can look at them.

        Raises:
            StepFailedError: They still get requests.
        """
        if self.course.back:
            return  # What was meant to take over is left for the next attempt.
        new = self.new_deployment(context)
        share = active(self.course.service, context.clients).shares.get(self.course.new, 0.0)
        if share:
            raise StepFailedError(
                f"{new.side.name} is not stopped", why=f"it still gets {share:g} % of the requests"
            )
        for pod in new.pods()[:1]:
            context.tell(f"{new.side.name}: pod {pod.name}: {pod.why}", *new.last_lines(pod.name))
        if new.state().pods:
            kept = self.course.keep_failed_seconds
            context.pause(kept, f"{self.course.new} keeps running for whoever wants to look at it")
        context.guard()
        new.stop()


class RolledOut(RolloutStep):
    """Wait until every pod of the new side takes requests, and stays well for a while."""

    name = "ready"
    mutates = False

    def __init__(self, course: Course, surroundings: Surroundings) -> None:
        super().__init__(course, surroundings)
        self.title = f"wait until every pod of {course.new} is ready"
        self._why_not = ""

    def apply(self, context: Context) -> Facts:
        """Wait, and give up as soon as pods do not start.

        Raises:
            StepFailedError: They do not.
        """
        seconds = 0 if self.course.back else self.course.timing.ready_seconds
        since: list[float] = []

        def complete_for_long() -> bool:
            if not self._complete(context):
                since.clear()
                return False
            now = context.clock.monotonic()
            since.append(now)
            return now - since[0] >= seconds

        context.until(
            complete_for_long,
            within=self.course.timing.deadline_seconds + seconds,
            what=f"{self.course.new} becoming ready",
            why_not=lambda: self._why_not,
            every=LOOK,
        )
        return {"pods": [pod.name for pod in self.new_deployment(context).pods()]}

    def holds(self, context: Context) -> bool:
        """Tell whether every pod still is."""
        return self._complete(context)

    def _complete(self, context: Context) -> bool:
        new = self.new_deployment(context)
        state = new.state()
        if state.image != self.course.after.image:
            raise StepFailedError(
                f"{new.side.name} runs another image than it was given",
                why=f"{state.image} instead of {self.course.after.image}",
            )
        if state.stalled:
            raise StepFailedError(f"{new.side.name} was given up", why=state.stalled)
        self.require_pods(context)
        said = [f"pod {pod.name}: {pod.why}" for pod in new.pods() if not pod.ready]
        self._why_not = "; ".join([f"{state.ready} of {state.wanted} pods are ready", *said])
        return state.complete


class AskPods(RolloutStep):
    """Ask each pod of the new side, through the API server, before anybody else's request does."""

    name = "smoke"
    mutates = False

    def __init__(self, course: Course, surroundings: Surroundings) -> None:
        super().__init__(course, surroundings)
        self.title = f"ask the pods of {course.new} through the API server"

    def apply(self, context: Context) -> Facts:
        """Make the checks that only read.

        Raises:
            StepFailedError: An answer is wrong.
        """
        checks = [check for check in self.course.smoke if check.method == "GET"]
        service, new = self.course.service, self.new_deployment(context)
        for pod in new.pods():
            root = f"/api/v1/namespaces/{service.namespace}/pods/{pod.name}:{service.port}/proxy"
            for check in checks:
                try:
                    answer = new.cluster.text(root + check.path)
                except ResourceError as error:
                    raise StepFailedError(
                        f"{new.side.name} answers wrongly",
                        why=f"{check.name}: pod {pod.name}: {error}",
                    ) from error
                if mistake := wrong_content(check, answer.encode()):
                    raise StepFailedError(
                        f"{new.side.name} answers wrongly", why=f"pod {pod.name}: {mistake}"
                    )
        return {"checks": [check.name for check in checks]}
