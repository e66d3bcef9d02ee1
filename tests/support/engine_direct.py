"""Drives the engine's deployment without a program, as thousands of random runs need it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from support.engine_cloud import Cloud

from platformctl.engine.execution.builtins import PulumiPackage
from platformctl.engine.execution.context import Context
from platformctl.engine.execution.deployment import Deployment
from platformctl.engine.execution.events import Events
from platformctl.engine.execution.gate import Gate, StoppedError
from platformctl.engine.execution.hooks import Hooks
from platformctl.engine.execution.masking import Masking
from platformctl.engine.execution.recovery import Recovery
from platformctl.engine.planning.goal import Goal
from platformctl.engine.planning.targets import Targets
from platformctl.engine.policy.interface import NoPolicies
from platformctl.engine.state.checkpoint import Checkpoint
from platformctl.engine.state.ledger import Ledger
from platformctl.errors import PlatformError

HERE = Path(__file__).parent


@dataclass(frozen=True)
class Declared:
    """One thing of a random or scripted program.

    Attributes:
        updatable: Names of things whose arn is an input that can be updated.
        replacing: Names of things whose arn is an input that needs a replacement.
        needs: Names of things it depends on without an input.
    """

    name: str
    value: int = 0
    fixed: int = 0
    updatable: Sequence[str] = ()
    replacing: Sequence[str] = ()
    needs: Sequence[str] = ()
    protect: bool = False
    exclusive: bool = False
    named: bool = False

    def inputs(self, arn: Callable[[str], Any]) -> dict[str, Any]:
        found: dict[str, Any] = {"value": self.value, "fixed": self.fixed}
        found |= {f"source_{name}": arn(name) for name in self.updatable}
        found |= {f"fixed_source_{name}": arn(name) for name in self.replacing}
        if self.exclusive:
            found |= {"exclusive": True, "slot": self.name}
        if self.named:
            found["name"] = f"{self.name}-{self.fixed}"
        return found


@dataclass
class Direct:
    """One run."""

    ledger: Ledger
    cloud: Cloud
    preview: bool = False
    events: list[Any] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.gate = Gate(4)
        context = Context(
            stack="dev", project="shop", root=HERE, program=HERE, preview=self.preview, parallel=4
        )
        events = Events(self.events.append, planning=self.preview, masking=Masking())
        hooks = Hooks(preview=self.preview, warn=lambda message, urn: None)
        builtin = PulumiPackage(lambda name: Checkpoint(), lambda urn: None)
        self.deployment = Deployment(
            context,
            self.ledger,
            self.cloud.factory,
            builtin,
            events,
            self.gate,
            hooks,
            NoPolicies(),
            Targets(),
        )
        providers, steps = self.deployment.providers, self.deployment.steps
        self.recovery = Recovery(context, self.ledger, events, providers, steps)

    def run(self, program: Sequence[Declared]) -> list[PlatformError]:
        """Register everything and delete the rest; returns what failed."""
        try:
            self.recovery.run()
            urns: dict[str, str] = {}
            arns: dict[str, Any] = {}
            for each in program:
                sources = [*each.updatable, *each.replacing]
                registered = self.deployment.register(
                    Goal(
                        type="test:index:Thing",
                        name=each.name,
                        inputs=each.inputs(arns.__getitem__),
                        dependencies=[urns[name] for name in (*sources, *each.needs)],
                        property_dependencies={
                            **{f"source_{name}": [urns[name]] for name in each.updatable},
                            **{f"fixed_source_{name}": [urns[name]] for name in each.replacing},
                        },
                        protect=each.protect,
                    )
                )
                urns[each.name] = registered.urn
                arns[each.name] = registered.outputs.get("arn")
            self.deployment.finish()
        except StoppedError:
            return self.gate.failures
        except PlatformError as error:
            return [error]
        return []


def differences(ledger: Ledger, cloud: Cloud) -> list[str]:
    """Return in which respects the state and the cloud do not agree."""
    found = []
    recorded = {}
    for entry in ledger.entries():
        resource = entry.resource
        if resource.type != "test:index:Thing" or resource.pending_replacement:
            continue
        recorded[resource.id] = resource
        thing = cloud.things.get(resource.id)
        if thing is None:
            found.append(f"{resource.name} is recorded and does not exist")
        elif thing["inputs"] != resource.inputs:
            found.append(f"{resource.name} is recorded otherwise than it is")
    found += [
        f"{thing['logical']} exists and is not recorded"
        for identifier, thing in cloud.things.items()
        if identifier not in recorded
    ]
    return found


def unwanted(program: Sequence[Declared], cloud: Cloud) -> list[str]:
    """Return in which respects the cloud is not what the program describes."""
    found = [f"{name} exists more than once" for name in cloud.duplicates()]
    by_name = {thing["logical"]: (key, thing) for key, thing in cloud.things.items()}
    found += [f"{name} is not wanted" for name in by_name.keys() - {each.name for each in program}]
    for each in program:
        if each.name not in by_name:
            found.append(f"{each.name} is missing")
            continue
        actual = dict(by_name[each.name][1]["inputs"])
        if not each.named:
            del actual["name"]
        wanted = each.inputs(lambda name: f"arn:{by_name[name][0]}" if name in by_name else None)
        if actual != wanted:
            found.append(f"{each.name} is {actual}, not {wanted}")
    return found


def order_of_records(ledger: Ledger) -> list[str]:
    """Return which records stand before something that they need."""
    seen: set[str] = set()
    live = [entry.resource for entry in ledger.entries() if not entry.resource.delete]
    found = []
    for resource in live:
        found += [f"{resource.name} stands before {urn}" for urn in resource.requirements - seen]
        seen.add(resource.urn)
    return found
