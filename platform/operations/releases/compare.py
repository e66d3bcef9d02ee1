"""What differs between two releases, without showing a secret."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from platformctl.operations.releases.definition import (
    RELEASE,
    SIDE,
    container_of,
    secrets_of,
    variables_of,
)
from platformctl.operations.releases.model import Release
from platformctl.operations.services.model import Service


@dataclass(frozen=True, kw_only=True)
class Difference:
    """One thing that two releases say differently.

    Attributes:
        what: What, such as `variable LOG_LEVEL`.
        before: What the earlier one says; None where it says nothing.
        after: What the later one says; None where it says nothing.
    """

    what: str
    before: str | None
    after: str | None


def compare(service: Service, before: Release, after: Release) -> list[Difference]:
    """Return what differs, code first."""
    ours = {**_code(before), **_definition(service, before)}
    theirs = {**_code(after), **_definition(service, after)}
    return [
        Difference(what=what, before=ours.get(what), after=theirs.get(what))
        for what in dict.fromkeys([*ours, *theirs])
        if ours.get(what) != theirs.get(what)
    ]


def _code(release: Release) -> dict[str, str | None]:
    return {
        "version": release.version,
        "image": release.digest or release.image,
        "commit": (release.commit + (" and changes" if release.dirty else "")) or None,
        "migrations up to": release.migration_head or None,
    }


def _definition(service: Service, release: Release) -> dict[str, str | None]:
    """Return what a definition says, one entry for each thing that people change by itself."""
    if "containerDefinitions" not in release.definition:
        return dict(_flat(release.definition))
    container = dict(container_of(release.definition, service))
    variables, secrets = variables_of(container), secrets_of(container)
    for read_apart in ("image", "environment", "secrets"):
        container.pop(read_apart, None)
    others = [
        {**each, "name": each["name"]}
        for each in release.definition["containerDefinitions"]
        if each["name"] != service.container
    ]
    rest = {
        key: value
        for key, value in release.definition.items()
        if key not in ("containerDefinitions", "tags")
    }
    return {
        **{f"variable {k}": v for k, v in variables.items() if k not in (RELEASE, SIDE)},
        **{f"secret {name}": reference for name, reference in secrets.items()},
        **dict(_flat(rest)),
        **{f"container {key}": value for key, value in _flat(container)},
        **{
            f"container {each['name']} {key}": value
            for each in others
            for key, value in _flat(each)
        },
    }


def _flat(document: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Yield what a document says, nested things as paths."""
    for key, value in sorted(document.items()):
        if isinstance(value, Mapping):
            yield from ((f"{key}.{path}", said) for path, said in _flat(value))
        elif value not in (None, [], ""):
            yield key, str(value)
