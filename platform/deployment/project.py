"""The Pulumi project on disk: where it is, which stacks it has, what a stack file says."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from platformctl.config.documents import read_document
from platformctl.errors import ConfigurationError, InvocationError, StackNotFoundError


def _read_yaml(path: Path) -> dict[str, Any]:
    document = read_document(path) or {}
    if not isinstance(document, dict):
        raise ConfigurationError(f"cannot use {path.name}", why="it is not a mapping of keys")
    return document


@dataclass(frozen=True)
class StackConfiguration:
    """The values of one stack file as Pulumi hands them to a program.

    Attributes:
        values: Full key (`platform:vpc`) → text; objects as JSON.
        secret_keys: Keys whose value is a secret.
    """

    values: Mapping[str, str]
    secret_keys: tuple[str, ...]


@dataclass(frozen=True)
class Project:
    """A folder with a `Pulumi.yaml`.

    Attributes:
        root: The folder.
    """

    root: Path

    @cached_property
    def settings(self) -> Mapping[str, Any]:
        """What `Pulumi.yaml` says."""
        return _read_yaml(self.root / "Pulumi.yaml")

    @property
    def name(self) -> str:
        """The project's name; also the namespace of its configuration keys."""
        return str(self.settings["name"])

    @property
    def program(self) -> Path:
        """The folder of the Pulumi program."""
        return self.root / str(self.settings.get("main", "."))

    @property
    def data(self) -> Path:
        """Where platformctl keeps what it writes about this project."""
        return self.root / ".platformctl"

    def stacks(self) -> list[str]:
        """Name the environments that have a stack file."""
        return sorted(path.name.split(".")[1] for path in self.root.glob("Pulumi.*.yaml"))

    def stack_file(self, stack: str) -> Path:
        """Return the file of an environment.

        Raises:
            StackNotFoundError: There is none.
        """
        path = self.root / f"Pulumi.{stack}.yaml"
        if stack not in self.stacks():
            known = ", ".join(self.stacks()) or "none"
            raise StackNotFoundError(
                f"there is no environment named {stack!r}",
                why=f"{path.name} does not exist; the environments here are: {known}",
            )
        return path

    def stack_settings(self, stack: str) -> Mapping[str, Any]:
        """Return what a stack file says to Pulumi itself: everything but its `config`.

        Raises:
            ConfigurationError: It cannot be read.
            StackNotFoundError: There is no such file.
        """
        document = _read_yaml(self.stack_file(stack))
        return {key: value for key, value in document.items() if key != "config"}

    def configuration(self, stack: str) -> StackConfiguration:
        """Read a stack file the way Pulumi does, without judging its values.

        Raises:
            ConfigurationError: It cannot be read, or holds values encrypted for another engine.
            StackNotFoundError: There is no such file.
        """
        sealed = self._entries(stack)[1]
        if sealed:
            raise ConfigurationError(
                f"cannot read {sealed[0]} in {self.stack_file(stack).name}",
                why="it is encrypted by the Pulumi CLI, which the embedded engine has no key "
                "for; refer to a Secrets Manager secret by name instead",
            )
        return StackConfiguration(values=self.plain_values(stack), secret_keys=())

    def plain_values(self, stack: str) -> Mapping[str, str]:
        """Return the values of a stack file that are not encrypted: full key → text.

        Raises:
            ConfigurationError: It cannot be read.
            StackNotFoundError: There is no such file.
        """
        return self._entries(stack)[0]

    def arguments(self, stack: str) -> str:
        """Return what a command says to mean an environment of this project."""
        return stack

    def is_local(self, stack: str) -> bool:
        """Tell whether an environment lives in the local region, by its stack file."""
        return self.kind(stack) == "local"

    def kind(self, stack: str) -> str:
        """Return what an environment is for by its stack file: local, staging or production."""
        return self.plain_values(stack).get(f"{self.name}:environment", "")

    def _entries(self, stack: str) -> tuple[dict[str, str], list[str]]:
        """Return a stack file's plain values, and the keys of its encrypted ones."""
        values: dict[str, str] = {}
        sealed: list[str] = []
        for key, value in (_read_yaml(self.stack_file(stack)).get("config") or {}).items():
            if isinstance(value, dict) and set(value) == {"secure"}:
                sealed.append(key)
            else:
                values[key if ":" in key else f"{self.name}:{key}"] = _as_text(value)
        return values, sealed


def _as_text(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, dict | list):
        return json.dumps(value)
    return "" if value is None else str(value)


def find_project(start: Path) -> Project:
    """Find the project that a folder belongs to, looking upwards as Pulumi does.

    Raises:
        InvocationError: Neither the folder nor one above it has a `Pulumi.yaml`.
    """
    for folder in (start, *start.parents):
        if (folder / "Pulumi.yaml").is_file():
            return Project(folder)
    raise InvocationError(
        f"there is no project in {start}",
        why="neither this folder nor one above it has a Pulumi.yaml",
        remedy="cd to the folder with Pulumi.yaml, or give it with --cwd",
    )
