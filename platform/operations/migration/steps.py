"""Steps that migrate: the expansion before a release, the contract after it, the way back."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from typing import Any, ClassVar

from platformctl.operations.kernel.failures import InconclusiveError, StepFailedError
from platformctl.operations.kernel.operation import Plan
from platformctl.operations.kernel.step import Context, Facts, Step
from platformctl.operations.migration import backup
from platformctl.operations.migration.definition import definition_with
from platformctl.operations.migration.find import Migrator
from platformctl.operations.migration.running import ON_ECS, require_only_serving
from platformctl.operations.migration.task import STOPPED, Ending, OneOffTask
from platformctl.operations.services.model import Service, read_service

PROGRAM = ("python", "-m", "database")
FAILED, REFUSED, BLOCKED, PAUSED, UNAVAILABLE = 1, 3, 4, 5, 6
"""What exit statuses of the task mean."""
UP, CONTRACT, DOWN = "up", "contract", "down"
DIRECTIONS = (UP, CONTRACT, DOWN)


class Task(Step):
    """A step that runs the task; the class attribute says with which arguments.

    Args:
        parameters: `migrator`, `image` and `to` of the plan.
    """

    verb: ClassVar[tuple[str, ...]]

    def __init__(self, parameters: Mapping[str, Any]) -> None:
        self.migrator = Migrator(**parameters["migrator"])
        self.image: str | None = parameters.get("image")
        self.to: str | None = parameters.get("to")

    def observe(self, context: Context) -> Facts | None:
        """Return what the task that has run already says."""
        task = self._task(context).newest()
        if task is None or task["lastStatus"] != STOPPED:
            return None
        codes = [each.get("exitCode") for each in task["containers"]]
        if codes != [0]:
            return None
        return self._facts(self._task(context).follow(context, task))

    def apply(self, context: Context) -> Facts:
        """Run the task and judge how it ended."""
        task = self._task(context)
        started = task.start(
            definition_with(context.clients, self.migrator, self.image),
            (*PROGRAM, *self.verb, *(("--to", self.to) if self.to else ())),
            {
                "MIGRATION_RUN": context.operation.id,
                "MIGRATION_ACTOR": str(context.operation.actor),
            },
        )
        context.note(task=started["taskArn"])
        ending = task.follow(context, started)
        if ending.exit_code != 0:
            raise self.failure(context, ending)
        return self._facts(ending)

    def failure(self, context: Context, ending: Ending) -> Exception:
        """Return what an ending other than well means for the operation."""
        what, why = f"{self.title}: {_outcome(ending)}", _why(ending)
        if ending.exit_code in (FAILED, REFUSED, BLOCKED) or not ending.lines:
            return StepFailedError(what, why=why, remedy=_remedy(context, ending))
        return InconclusiveError(what, why=why, remedy=_resume(context))

    def _task(self, context: Context) -> OneOffTask:
        return OneOffTask(context.clients, self.migrator, context.token)

    def _facts(self, ending: Ending) -> Facts:
        said = ending.result
        if not said:
            raise InconclusiveError(
                f"{self.title}: the task has ended and its log does not say how",
                why=f"no result in {self.migrator.log_group}",
                remedy="resume the operation",
            )
        return {
            "task": ending.task,
            "done": said["done"],
            "head": said["head"],
            "migrations": [
                {key: each[key] for key in ("number", "name", "phase", "state")}
                for each in said["migrations"]
            ]
            if "migrations" in said
            else [],
        }


class Expand(Task):
    """Expansions, which running releases do not notice; a failed one is undone by the task."""

    name = "expand"
    verb = ("up",)

    @property
    def title(self) -> str:  # pyright: ignore[reportIncompatibleVariableOverride]
        """What it does."""
        return f"expand the schema of {self.migrator.product}"

    def undo(self, context: Context) -> None:
        """Stop what is under way; what has expanded stays, because old releases work with it."""
        self._task(context).stop(context)


class Contract(Task):
    """Contracts: what only old releases needed goes. There is no way back."""

    name = "contract"
    verb = ("up", "--contract")
    irreversible = True

    def __init__(self, parameters: Mapping[str, Any]) -> None:
        super().__init__(parameters)
        self.services = [read_service(each) for each in parameters.get("services", ())]

    @property
    def title(self) -> str:  # pyright: ignore[reportIncompatibleVariableOverride]
        """What it does."""
        return f"contract the schema of {self.migrator.product}"

    def apply(self, context: Context) -> Facts:
        """Run the task, unless other releases than those that serve still run.

        Raises:
            StepFailedError: They do; a contract that has begun goes forward all the same.
        """
        if self._task(context).newest() is None:
            environment = context.operation.plan.environment
            require_only_serving(self.services, context.clients, environment)
        return super().apply(context)

    def failure(self, context: Context, ending: Ending) -> Exception:
        """Return what an ending other than well means: a contract that has begun goes forward."""
        if ending.exit_code == REFUSED:
            return super().failure(context, ending)
        what = f"{self.title}: {_outcome(ending)}"
        return InconclusiveError(what, why=_why(ending), remedy=_resume(context))


class Undo(Task):
    """The way back of expansions."""

    name = "undo"
    verb = ("down",)

    @property
    def title(self) -> str:  # pyright: ignore[reportIncompatibleVariableOverride]
        """What it does."""
        return f"undo expansions of {self.migrator.product} after {self.to}"


class BackUp(Step):
    """Makes sure that what a contract takes away could be brought back."""

    name = "back-up"
    mutates = False

    def __init__(self, parameters: Mapping[str, Any]) -> None:
        self.migrator = Migrator(**parameters["migrator"])

    @property
    def title(self) -> str:  # pyright: ignore[reportIncompatibleVariableOverride]
        """What it does."""
        return f"make sure that {self.migrator.database} can be restored"

    def observe(self, context: Context) -> Facts | None:
        """Return the backup that is fresh enough, if there is one."""
        rds = context.clients("rds", self.migrator.region)
        found = backup.fresh(rds, self.migrator.database, context.clock.now())
        return {"backup": found} if found else None

    def apply(self, context: Context) -> Facts:
        """Take a snapshot."""
        return {"backup": backup.take(context, self.migrator)}


def steps(plan: Plan, surroundings: object) -> Sequence[Step]:
    """Return the steps of an operation of the kind `migration`."""
    del surroundings
    made: Mapping[str, Sequence[type[BackUp] | type[Task]]] = {
        UP: (Expand,),
        CONTRACT: (BackUp, Contract),
        DOWN: (BackUp, Undo),
    }
    return [each(plan.parameters) for each in made[plan.parameters["direction"]]]


def migration_plan(
    environment: str,
    migrator: Migrator,
    direction: str,
    *,
    to: str | None = None,
    image: str | None = None,
    services: Iterable[Service] = (),
) -> Plan:
    """Return the plan of an operation that migrates.

    Args:
        environment: Where.
        migrator: What migrates the product's database.
        direction: `up`, `contract` or `down`.
        to: Last migration to run, or to keep.
        image: Image with the migrations; the deployed one by default.
        services: The environment's services: of the product's, a contract lets none run a release
            that does not serve.
    """
    return Plan(
        kind="migration",
        environment=environment,
        target=migrator.target,
        parameters={
            "direction": direction,
            "migrator": migrator.document(),
            "to": to,
            "image": image,
            "services": [
                asdict(service)
                for service in services
                if service.product == migrator.product and service.kind in ON_ECS
            ],
        },
    )


def _outcome(ending: Ending) -> str:
    if ending.exit_code is None:
        return "the task could not start"
    return str(ending.result.get("outcome", f"the task ended with {ending.exit_code}"))


def _why(ending: Ending) -> str:
    said = str(ending.result.get("why", ""))
    return said or "; ".join(each for each in (ending.reason, *ending.lines) if each)


def _remedy(context: Context, ending: Ending) -> str:
    subject = context.operation.plan
    if ending.exit_code is None:
        return f"platformctl logs {subject.environment}"
    return f"platformctl migration status {subject.environment} {subject.subject}"


def _resume(context: Context) -> str:
    operation = context.operation
    return f"platformctl operation resume {operation.plan.environment} {operation.id}"
