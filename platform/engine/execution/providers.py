"""Who manages which resource.

Every provider is a resource itself. One that the program makes is explicit; for everything else the
engine makes a default provider per package and version, with the configuration of that package.
"""

import json
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from platformctl.engine import urn as urns
from platformctl.engine.execution.builtins import Recorded, Unconfigured
from platformctl.engine.execution.context import Context
from platformctl.engine.planning.goal import Goal
from platformctl.engine.state.ledger import Ledger
from platformctl.engine.state.resource import Resource
from platformctl.engine.wire import PROVIDER_TYPE_PREFIX, UNKNOWN_STRING
from platformctl.errors import ConfigurationError
from platformctl.plugin.provider import Provider, ProviderFactory
from platformctl.plugin.values import Properties, Secret, Unknown, contains, reveal

# Inputs of a provider resource that say which plugin it is, not how it is configured.
_ABOUT_THE_PLUGIN = ("version", "pluginDownloadURL", "pluginChecksums", "parameterization")


@dataclass(frozen=True)
class Registered:
    """A resource after its registration, as the program is told.

    Attributes:
        id: "" where it is not known, or for a component.
        unknown: It was skipped: nothing about it is known.
    """

    urn: str
    id: str
    outputs: Properties
    unknown: bool = False


class Providers:
    """Finds the provider of a resource.

    Args:
        factory: Makes providers by package and configuration.
        builtin: Serves the package `pulumi`.
        register: Registers a provider resource that the engine makes itself.
    """

    def __init__(
        self,
        factory: ProviderFactory,
        builtin: Provider,
        context: Context,
        ledger: Ledger,
        register: Callable[[Goal], Registered],
    ) -> None:
        self._factory = factory
        self._builtin = builtin
        self._context = context
        self._ledger = ledger
        self._register = register
        self._recorded = Recorded()
        self._defaults: dict[tuple[str, str, str], str] = {}
        self._made: dict[tuple[str, str], Provider] = {}
        self._lock = threading.RLock()

    def of_goal(self, goal: Goal) -> tuple[Provider, str]:
        """Return the provider that a goal asks for, and the reference to it."""
        if urns.is_provider(goal.type):
            return self._recorded, ""
        package = urns.package_of(goal.type)
        reference = goal.provider or self.default(package, goal.version, goal.plugin_download_url)
        return self.at(reference), reference

    def of_record(self, resource: Resource) -> Provider:
        """Return the provider that manages a recorded resource."""
        return self.at(resource.provider) if resource.provider else self._recorded

    def default(self, package: str, version: str = "", url: str = "") -> str:
        """Return the reference to the default provider of a package; makes it if need be."""
        with self._lock:
            known = self._defaults.get((package, version, url))
            if known is None:
                made = self._register(self._default_goal(package, version, url))
                known = f"{made.urn}::{made.id or UNKNOWN_STRING}"
                self._defaults[package, version, url] = known
            return known

    def at(self, reference: str) -> Provider:
        """Return the provider that a reference `<urn>::<id>` means.

        Raises:
            ConfigurationError: There is no such provider resource, or no such package.
        """
        urn = reference.rpartition("::")[0]
        package = urns.package_of(urns.parse(urn).type)
        if package == "pulumi":
            return self._builtin
        record = self.record(urn)
        if record is None:
            raise ConfigurationError(f"there is no provider {urn}", why="it was never registered")
        return self._configured(package, record.inputs)

    def record(self, urn: str) -> Resource | None:
        """Return the record of a provider resource; a superseded one if there is no other."""
        if live := self._ledger.live(urn):
            return live.resource
        named = (entry.resource for entry in self._ledger.entries() if entry.resource.urn == urn)
        return next(named, None)

    def changed(self, old: Resource, new: Resource) -> bool:
        """Tell whether another provider, with another configuration, is to manage a resource."""
        if not old.provider or not new.provider or old.provider_urn == new.provider_urn:
            return False
        if all(map(urns.is_default_provider, (old.provider_urn, new.provider_urn))):
            return False
        before, now = self.record(old.provider_urn), self.record(new.provider_urn)
        if before is None or now is None:
            return True
        return configuration_of(before.inputs) != configuration_of(now.inputs)

    def _configured(self, package: str, inputs: Properties) -> Provider:
        configuration = configuration_of(inputs)
        if contains(configuration, Unknown):
            known = {k: v for k, v in configuration.items() if not contains(v, Unknown)}
            return Unconfigured(self._make(package, known))
        key = (package, json.dumps(configuration, sort_keys=True))
        with self._lock:
            if key not in self._made:
                self._made[key] = self._make(package, configuration)
            return self._made[key]

    def _make(self, package: str, configuration: Properties) -> Provider:
        try:
            return self._factory(package, configuration)
        except KeyError as error:
            raise ConfigurationError(
                f"there is no provider for the package {package!r}",
                why=f"the factory knows no {error}",
            ) from error

    def _default_goal(self, package: str, version: str, url: str) -> Goal:
        name = "default" + (f"_{version}".replace(".", "_") if version else "")
        inputs = dict(self._package_configuration(package))
        if version:
            inputs["version"] = version
        if url:
            inputs["pluginDownloadURL"] = url
        return Goal(type=f"{PROVIDER_TYPE_PREFIX}{package}", name=name, inputs=inputs)

    def _package_configuration(self, package: str) -> Mapping[str, Any]:
        prefix = f"{package}:"
        return {
            key.removeprefix(prefix): Secret(value) if key in self._context.secret_keys else value
            for key, value in self._context.configuration.items()
            if key.startswith(prefix)
        }


def configuration_of(inputs: Properties) -> Properties:
    """Return a provider's configuration from its inputs.

    Pulumi passes everything that is not text to providers as JSON text; objects, lists and truth
    values are read back. Numbers are not, as an account id would lose its zeros.
    """
    plain = reveal(inputs)
    return {key: _from_json(value) for key, value in plain.items() if key not in _ABOUT_THE_PLUGIN}


def _from_json(value: Any) -> Any:
    if isinstance(value, str) and (value in ("true", "false") or value[:1] in ("{", "[")):
        try:
            return json.loads(value)
        except ValueError:
            return value
    return value
