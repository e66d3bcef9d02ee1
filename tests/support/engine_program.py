"""Small Pulumi programs, and the engine that runs them against the tests' cloud."""

import textwrap
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from support.engine_cloud import Cloud

from platformctl.engine import Backend, Engine
from platformctl.engine.state.resource import Resource
from platformctl.plugin.values import reveal

# What every program of a test may use; written beside it.
LIBRARY = '''
import pulumi


class Thing(pulumi.CustomResource):
    """A resource of the tests' cloud; any keyword is an input."""

    def __init__(self, resource_name, /, opts=None, **inputs):
        super().__init__("test:index:Thing", resource_name, {"arn": None, **inputs}, opts)


class Group(pulumi.ComponentResource):
    def __init__(self, name, opts=None, **inputs):
        super().__init__("test:index:Group", name, inputs, opts)


class Provider(pulumi.ProviderResource):
    def __init__(self, name, opts=None, **inputs):
        super().__init__("test", name, inputs, opts)
'''
HEADER = """
import pulumi
from pulumi import Alias, Output, ResourceOptions as Options, export

from things import Group, Provider, Thing

"""


@dataclass
class Project:
    """A Pulumi project in a folder, its stack, and its cloud."""

    folder: Path
    cloud: Cloud = field(default_factory=Cloud)
    stack_name: str = "dev"
    project: str = "shop"
    passphrase: str = "correct horse"
    events: list[Any] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.program = self.folder / "program"
        self.program.mkdir(parents=True, exist_ok=True)
        (self.folder / "Pulumi.yaml").write_text(f"name: {self.project}\nruntime: python\n")
        (self.program / "things.py").write_text(LIBRARY)
        self.backend = Backend(self.folder / "state", self.passphrase)
        self.stack = self.backend.stack(self.stack_name)

    def write(self, source: str) -> None:
        """Replace the program."""
        (self.program / "__main__.py").write_text(HEADER + textwrap.dedent(source))

    def engine(
        self,
        *,
        configuration: Mapping[str, str] | None = None,
        secret_keys: Sequence[str] = (),
        parallel: int = 8,
        policy_packs: Sequence[Path] = (),
        before_change: Callable[[], None] = lambda: None,
    ) -> Engine:
        self.events.clear()
        return Engine(
            self.stack,
            self.project,
            self.program,
            self.cloud.factory,
            configuration=configuration,
            secret_keys=secret_keys,
            parallel=parallel,
            policy_packs=policy_packs,
            on_event=self.events.append,
            before_change=before_change,
        )

    def up(self, source: str | None = None, **options: Any) -> Any:
        if source is not None:
            self.write(source)
        engine_options = {
            key: options.pop(key)
            for key in ("configuration", "secret_keys", "parallel", "policy_packs")
            if key in options
        }
        return self.engine(**engine_options).up(**options)

    def preview(self, source: str | None = None, **options: Any) -> Any:
        if source is not None:
            self.write(source)
        engine_options = {
            key: options.pop(key)
            for key in ("configuration", "secret_keys", "parallel", "policy_packs")
            if key in options
        }
        return self.engine(**engine_options).preview(**options)

    def urn(self, name: str, type_: str = "test:index:Thing") -> str:
        return f"urn:pulumi:{self.stack_name}::{self.project}::{type_}::{name}"

    def resources(self) -> list[Resource]:
        """Return what is recorded."""
        return list(self.stack.read().resources)

    def resource(self, name: str) -> Resource:
        """Return the one record of a logical name."""
        (found,) = [each for each in self.resources() if each.name == name]
        return found

    def inputs(self, name: str) -> dict[str, Any]:
        return reveal(self.resource(name).inputs)

    def messages(self, severity: str = "") -> str:
        """Return the text of all diagnostics."""
        found = [event.diagnostic_event for event in self.events if event.diagnostic_event]
        return "".join(each.message for each in found if severity in ("", each.severity))

    def steps(self) -> list[tuple[str, str]]:
        """Return what was done, as pairs (operation, name), in order of completion."""
        found = [event.res_outputs_event for event in self.events if event.res_outputs_event]
        return [(each.metadata.op.value, each.metadata.urn.split("::")[-1]) for each in found]
