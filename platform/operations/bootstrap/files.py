"""What the project's own files say to Pulumi about its state: written in place, comments kept."""

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import yaml

from platformctl.deployment.project import Project
from platformctl.errors import ConfigurationError
from platformctl.operations.bootstrap.part import Action, Difference
from platformctl.operations.bootstrap.target import Target


class ProjectFile:
    """The backend in `Pulumi.yaml`: one for all environments of the project."""

    name = "Pulumi.yaml"

    def __init__(self, target: Target, project: Project) -> None:
        self._target = target
        self._path = project.root / self.name

    def look(self) -> Sequence[Difference]:
        """Find out whether it names the state bucket.

        Raises:
            ConfigurationError: It names another backend.
        """
        wanted = self._target.backend_url
        backend = _read(self._path).get("backend") or {}
        if backend.get("url") == wanted:
            return []
        if backend.get("url"):
            raise ConfigurationError(
                f"{self.name} names another backend",
                why=f"it says {backend['url']}, and this account's is {wanted}",
                remedy=f"for an environment in another account: PULUMI_BACKEND_URL={wanted}",
            )

        def write() -> None:
            _set(self._path, "backend", f"backend:\n  url: {wanted}\n")

        return [
            Difference(
                part=self.name, action=Action.CREATE, detail=f"backend: {wanted}", mend=write
            )
        ]


class StackFile:
    """The secrets provider in `Pulumi.<environment>.yaml`."""

    def __init__(self, target: Target, project: Project) -> None:
        self._target = target
        self._path = project.stack_file(target.environment)
        self.name = self._path.name

    def look(self) -> Sequence[Difference]:
        """Find out whether it names the environment's key.

        Raises:
            ConfigurationError: Its secrets are sealed with something else already.
        """
        wanted = self._target.secrets_provider
        document = _read(self._path)
        provider = document.get("secretsprovider")
        if provider == wanted:
            return []
        if "encryptionsalt" in document or "encryptedkey" in document:
            sealed = provider or "a passphrase"
            raise ConfigurationError(
                f"the secrets of {self._target.environment} are sealed with {sealed}",
                why="a file edit cannot seal them anew",
                remedy=f"pulumi stack change-secrets-provider '{wanted}' "
                f"--stack {self._target.environment}",
            )

        def write() -> None:
            _set(self._path, "secretsprovider", f"secretsprovider: {wanted}\n")

        return [
            Difference(
                part=self.name,
                action=Action.REPAIR if provider else Action.CREATE,
                detail=f"secretsprovider: {wanted}",
                mend=write,
            )
        ]


def _read(path: Path) -> dict[str, Any]:
    return yaml.safe_load(path.read_text()) or {}


def _set(path: Path, key: str, text: str) -> None:
    """Put a top-level key into a YAML file, in the place it has or at the end."""
    content = path.read_text()
    block = re.compile(rf"^{key}:.*\n(?:[ \t]+.*\n)*", re.MULTILINE)
    if block.search(content):
        path.write_text(block.sub(lambda _: text, content, count=1))
        return
    end = "" if content.endswith("\n") or not content else "\n"
    path.write_text(f"{content}{end}{text}")
