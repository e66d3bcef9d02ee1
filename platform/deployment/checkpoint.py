"""Checkpoint files that people hand over: judged before they replace a state, which is kept."""

import json
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from platformctl.deployment.interface import Deployer
from platformctl.errors import StackNotFoundError, StateError

VERSION = 3
"""The version of Pulumi's checkpoint format that is read and written."""


def read_checkpoint(path: Path, *, project: str, stack: str) -> dict[str, Any]:
    """Read a file that `pulumi stack export` wrote, and judge whether it may become a state.

    Args:
        path: The file.
        project: Name of the project that its resources must belong to.
        stack: Name of the stack that they must belong to.

    Raises:
        StateError: It cannot be read, or must not be used; `why` names every mistake.
    """
    try:
        document = json.loads(path.read_text())
    except (OSError, ValueError) as error:
        raise StateError(f"cannot read {path}", why=str(error)) from error
    mistakes = list(_mistakes(document, project, stack))
    if mistakes:
        raise StateError(f"{path} cannot become the state of {stack}", why="; ".join(mistakes))
    return document


def backup(deployer: Deployer, folder: Path, stack: str) -> Path | None:
    """Keep the present state in a file that only its owner can read; None if there is none."""
    try:
        document = deployer.export()
    except StackNotFoundError:
        return None
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    path = folder / f"{stack}-{datetime.now(UTC).strftime('%Y%m%dT%H%M%S.%fZ')}.json"
    path.touch(mode=0o600)
    path.write_text(json.dumps(document, indent=1))
    return path


def _mistakes(document: Any, project: str, stack: str) -> Iterator[str]:
    if not isinstance(document, dict) or not isinstance(document.get("deployment"), dict):
        yield "it is not what `pulumi stack export` prints: there is no deployment in it"
        return
    if document.get("version") != VERSION:
        yield f"its version is {document.get('version')}, and {VERSION} is the one that is known"
        return
    resources = document["deployment"].get("resources") or []
    known = {resource.get("urn") for resource in resources}
    for resource in resources:
        yield from _mistakes_of(resource, known, f"urn:pulumi:{stack}::{project}::")
    live = [each["urn"] for each in resources if not each.get("delete")]
    for urn in sorted({urn for urn in live if live.count(urn) > 1}):
        yield f"{urn} is in it twice"


def _mistakes_of(resource: Mapping[str, Any], known: set[Any], prefix: str) -> Iterator[str]:
    """Judge one resource: whose it is, and whether all that it refers to is there."""
    urn = str(resource.get("urn"))
    if not urn.startswith(prefix):
        yield f"{urn} belongs to another project or stack"
    provider = str(resource.get("provider") or "").rpartition("::")[0]
    referred = [resource.get("parent"), provider, *(resource.get("dependencies") or ())]
    for other in referred:
        if other and other not in known:
            yield f"{urn} refers to {other}, which is not in it"
