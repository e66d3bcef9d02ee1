"""A small cloud for the engine's tests: things with names, that can be told to fail or to wait.

It is a real provider in every respect but one: what it manages is a JSON file, or only memory.
The inputs of a thing decide how it behaves:

| input | meaning |
| --- | --- |
| `name` | its natural identity, unique in the cloud; made up if it is missing |
| `fixed…` | a change needs a replacement |
| `exclusive` | two things with the same `slot` cannot exist at once: deleted before replaced |
| everything else | can be changed in place |
"""

import json
import os
import threading
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from platformctl.plugin.provider import (
    Call,
    CheckFailure,
    CheckResult,
    DiffKind,
    DiffResult,
    ResourceOperationError,
    ResourceState,
)
from platformctl.plugin.values import UNKNOWN, Properties, Unknown, contains


class Cloud:
    """Everything that exists, and everything that was asked of it.

    Args:
        file: Where it is kept between processes; None for memory.
    """

    def __init__(self, file: Path | None = None) -> None:
        self.file = file
        self.lock = threading.RLock()
        self.things: dict[str, dict[str, Any]] = {}
        self.calls: list[tuple[str, str]] = []
        self.running = 0
        self.most_running = 0
        self.refusals: dict[tuple[str, str], list[tuple[str, bool]]] = {}
        self.barriers: dict[tuple[str, str], threading.Event] = {}
        self.arrived: dict[tuple[str, str], threading.Event] = {}
        self.problems: list[str] = []
        if file is not None and file.exists():
            self.things = json.loads(file.read_text())

    def refuse(self, verb: str, name: str, reason: str, *, partial: bool = False) -> None:
        """Make the next such call fail; `partial`: after it has done its work."""
        self.refusals.setdefault((verb, name), []).append((reason, partial))

    def hold(self, verb: str, name: str) -> tuple[threading.Event, threading.Event]:
        """Make such calls wait; returns (it has arrived, let it go on)."""
        self.arrived[verb, name] = threading.Event()
        self.barriers[verb, name] = threading.Event()
        return self.arrived[verb, name], self.barriers[verb, name]

    def named(self, name: str) -> list[dict[str, Any]]:
        """Return the things of a logical name."""
        return [thing for thing in self.things.values() if thing["logical"] == name]

    def count(self, verb: str) -> int:
        """Return how often a verb was called."""
        return sum(1 for called, _ in self.calls if called == verb)

    def order(self, verb: str) -> list[str]:
        """Return the names a verb was called for, in order."""
        return [name for called, name in self.calls if called == verb]

    def duplicates(self) -> list[str]:
        """Return logical names of which more than one thing exists."""
        counts = Counter(thing["logical"] for thing in self.things.values())
        return [name for name, count in counts.items() if count > 1]

    def save(self) -> None:
        if self.file is not None:
            temporary = self.file.with_suffix(".new")
            temporary.write_text(json.dumps(self.things))
            temporary.replace(self.file)

    def factory(self, package: str, configuration: Properties) -> "Things":
        """Make the provider of the package `test`."""
        if package != "test":
            raise KeyError(package)
        return Things(self, configuration)


class Things:
    """The provider of the package `test`."""

    def __init__(self, cloud: Cloud, configuration: Properties) -> None:
        self.cloud = cloud
        self.configuration = configuration

    def check(
        self, call: Call, old_inputs: Properties, new_inputs: Properties, random_seed: bytes
    ) -> CheckResult:
        inputs = dict(new_inputs)
        if "bad" in inputs:
            return CheckResult(inputs, [CheckFailure("bad", "nothing may be bad")])
        if "name" not in inputs:
            inputs["name"] = old_inputs.get("name") or f"{call.name}-{random_seed.hex()[:7]}"
        return CheckResult(inputs)

    def diff(
        self,
        call: Call,
        resource_id: str,
        old_inputs: Properties,
        old_outputs: Properties,
        new_inputs: Properties,
        ignore_changes: Sequence[str],
    ) -> DiffResult:
        changed = {
            key: DiffKind.UPDATE
            if key in old_inputs and key in new_inputs
            else (DiffKind.ADD if key in new_inputs else DiffKind.DELETE)
            for key in sorted(old_inputs.keys() | new_inputs.keys())
            if _differs(old_inputs.get(key), new_inputs.get(key))
        }
        replaces = [key for key in changed if key.startswith("fixed") or key == "name"]
        exclusive = bool(old_inputs.get("exclusive"))
        return DiffResult(changed, replaces, delete_before_replace=exclusive)

    def create(self, call: Call, inputs: Properties) -> ResourceState:
        if call.preview:
            return ResourceState("", inputs, {**inputs, "arn": UNKNOWN})
        return self._do("create", call, lambda: self._create(call, inputs))

    def _create(self, call: Call, inputs: Properties) -> ResourceState:
        for thing in self.cloud.things.values():
            if thing["inputs"]["name"] == inputs["name"]:
                raise ResourceOperationError(f"there is a thing named {inputs['name']} already")
            mine = inputs.get("slot")
            if inputs.get("exclusive") and mine and thing["inputs"].get("slot") == mine:
                raise ResourceOperationError(f"the slot {mine} is taken")
        self._require_known(call, inputs)
        identifier = f"thing-{os.urandom(6).hex()}"
        self.cloud.things[identifier] = {
            "logical": call.name,
            "inputs": inputs,
            "region": self.configuration.get("region", ""),
        }
        return self._state(identifier)

    def read(
        self, call: Call, resource_id: str, inputs: Properties, outputs: Properties
    ) -> ResourceState:
        def work() -> ResourceState:
            if resource_id not in self.cloud.things:
                return ResourceState("", {}, {})
            return self._state(resource_id)

        return self._do("read", call, work)

    def update(
        self,
        call: Call,
        resource_id: str,
        old_inputs: Properties,
        old_outputs: Properties,
        new_inputs: Properties,
        ignore_changes: Sequence[str],
    ) -> ResourceState:
        if call.preview:
            return ResourceState(resource_id, new_inputs, {**old_outputs, **new_inputs})

        def work() -> ResourceState:
            if resource_id not in self.cloud.things:
                raise ResourceOperationError(f"there is no {resource_id}")
            self.cloud.things[resource_id]["inputs"] = new_inputs
            return self._state(resource_id)

        return self._do("update", call, work)

    def delete(self, call: Call, resource_id: str, inputs: Properties, outputs: Properties) -> None:
        def work() -> ResourceState:
            thing = self.cloud.things.pop(resource_id, None)
            if thing:
                for other in self.cloud.things.values():
                    if _refers(other["inputs"], resource_id):
                        self.cloud.problems.append(
                            f"{thing['logical']} went before {other['logical']}, which needs it"
                        )
            return ResourceState(resource_id, {}, {})

        self._do("delete", call, work)

    def find(self, call: Call, inputs: Properties) -> ResourceState | None:
        with self.cloud.lock:
            for identifier, thing in self.cloud.things.items():
                if thing["inputs"]["name"] == inputs["name"]:
                    return self._state(identifier)
        return None

    def invoke(self, token: str, arguments: Properties, *, preview: bool) -> Properties:
        if token == "test:index:getRegion":
            return {"region": self.configuration.get("region", ""), "asked": arguments}
        if token == "test:index:getConfiguration":
            return dict(self.configuration)
        raise ResourceOperationError(f"there is no function {token}")

    def _do(self, verb: str, call: Call, work: Any) -> ResourceState:
        """Do something as a cloud does: it takes time, may fail, and is noted."""
        cloud, key = self.cloud, (verb, call.name)
        with cloud.lock:
            cloud.calls.append(key)
            cloud.running += 1
            cloud.most_running = max(cloud.most_running, cloud.running)
        try:
            if key in cloud.barriers:
                cloud.arrived[key].set()
                assert cloud.barriers[key].wait(30)
            with cloud.lock:
                queue = cloud.refusals.get(key)
                reason, partial = queue.pop(0) if queue else ("", False)
                if reason and not partial:
                    raise ResourceOperationError(reason)
                state = work()
                cloud.save()
            if reason:
                raise ResourceOperationError(reason, state)
            return state
        finally:
            with cloud.lock:
                cloud.running -= 1

    def _require_known(self, call: Call, inputs: Properties) -> None:
        if contains(inputs, Unknown):
            self.cloud.problems.append(f"{call.name} was created with unknown inputs")

    def _state(self, identifier: str) -> ResourceState:
        thing = self.cloud.things[identifier]
        outputs = {**thing["inputs"], "arn": f"arn:{identifier}", **thing.get("computed", {})}
        return ResourceState(identifier, thing["inputs"], outputs)


def _differs(old: Any, new: Any) -> bool:
    return contains(new, Unknown) or contains(old, Unknown) or old != new


def _refers(value: Any, identifier: str) -> bool:
    if isinstance(value, dict):
        return any(_refers(item, identifier) for item in value.values())
    if isinstance(value, list):
        return any(_refers(item, identifier) for item in value)
    return isinstance(value, str) and identifier in value
