"""Turns the program's messages into goals."""

import re
from collections.abc import Sequence
from pathlib import Path

from pulumi.runtime.proto import alias_pb2, resource_pb2, source_pb2

from platformctl.engine.monitor import marshal
from platformctl.engine.planning.goal import Alias, Goal
from platformctl.plugin.values import UNKNOWN, PropertyValue, Unknown, reveal

_HOOK_KINDS = {
    "BeforeCreate": "before_create",
    "AfterCreate": "after_create",
    "BeforeUpdate": "before_update",
    "AfterUpdate": "after_update",
    "BeforeDelete": "before_delete",
    "AfterDelete": "after_delete",
    "OnError": "on_error",
}
_DURATION = re.compile(r"(\d+(?:\.\d+)?)(ns|us|µs|ms|s|m|h)")
_SECONDS = {"ns": 1e-9, "us": 1e-6, "µs": 1e-6, "ms": 1e-3, "s": 1.0, "m": 60.0, "h": 3600.0}


def goal_of(
    request: resource_pb2.RegisterResourceRequest, packages: "Packages", base: Path, root: Path
) -> Goal:
    """Return the goal that a registration states.

    Args:
        request: The message.
        packages: The packages that the program has registered.
        base: Folder that paths of assets are relative to.
        root: Folder that source positions are relative to.
    """
    version, url = packages.of(request.packageRef, request.version, request.pluginDownloadURL)
    explicit = request.deleteBeforeReplaceDefined
    return Goal(
        type=request.type,
        name=request.name,
        custom=request.custom,
        inputs=marshal.read_struct(request.object, base),
        parent=request.parent,
        provider=request.provider,
        version=version,
        plugin_download_url=url,
        dependencies=sorted(request.dependencies),
        property_dependencies={
            key: sorted(value.urns) for key, value in sorted(request.propertyDependencies.items())
        },
        protect=request.protect if request.HasField("protect") else None,
        retain_on_delete=request.retainOnDelete if request.HasField("retainOnDelete") else None,
        delete_before_replace=request.deleteBeforeReplace if explicit else None,
        ignore_changes=list(request.ignoreChanges),
        replace_on_changes=list(request.replaceOnChanges),
        replace_with=list(request.replace_with),
        replacement_trigger=_trigger(request, base),
        deleted_with=request.deletedWith,
        import_id=request.importId,
        aliases=_aliases(request.aliases, request.aliasURNs),
        additional_secret_outputs=list(request.additionalSecretOutputs),
        custom_timeouts=_timeouts(request.customTimeouts),
        hooks={kind: list(getattr(request.hooks, key)) for kind, key in _HOOK_KINDS.items()},
        source_position=_position(request.sourcePosition, root),
    )


def read_goal_of(
    request: resource_pb2.ReadResourceRequest, packages: "Packages", base: Path, root: Path
) -> Goal:
    """Return the goal that a read states."""
    version, url = packages.of(request.packageRef, request.version, request.pluginDownloadURL)
    identifier: PropertyValue = request.id
    if identifier in marshal.wire.UNKNOWN_SENTINELS:
        identifier = UNKNOWN
    return Goal(
        type=request.type,
        name=request.name,
        inputs=marshal.read_struct(request.properties, base),
        parent=request.parent,
        provider=request.provider,
        version=version,
        plugin_download_url=url,
        dependencies=sorted(request.dependencies),
        read_id=identifier,
        additional_secret_outputs=list(request.additionalSecretOutputs),
        source_position=_position(request.sourcePosition, root),
    )


class Packages:
    """Packages that the program has registered under a reference of its own."""

    def __init__(self) -> None:
        self._known: dict[str, tuple[str, str]] = {}

    def register(self, request: resource_pb2.RegisterPackageRequest) -> str:
        """Take a package in and return the reference to it.

        Raises:
            ValueError: It is parameterized, which no provider here supports.
        """
        if request.HasField("parameterization") or request.HasField("extension"):
            raise ValueError(f"the package {request.name} is parameterized, which is not supported")
        reference = f"{request.name}@{request.version}#{request.download_url}"
        self._known[reference] = (request.version, request.download_url)
        return reference

    def of(self, reference: str, version: str, url: str) -> tuple[str, str]:
        """Return version and download URL of what a message refers to."""
        return self._known.get(reference, (version, url)) if reference else (version, url)


def _aliases(specs: Sequence[alias_pb2.Alias], old_urns: Sequence[str]) -> list[Alias]:
    found = [Alias(urn=urn) for urn in old_urns]
    for each in specs:
        if each.WhichOneof("alias") == "urn":
            found.append(Alias(urn=each.urn))
            continue
        spec = each.spec
        found.append(
            Alias(
                name=spec.name,
                type=spec.type,
                stack=spec.stack,
                project=spec.project,
                parent=spec.parentUrn,
                no_parent=spec.noParent,
            )
        )
    return found


def _trigger(request: resource_pb2.RegisterResourceRequest, base: Path) -> PropertyValue:
    if not request.HasField("replacement_trigger"):
        return None
    value = marshal.read_value(request.replacement_trigger, base)
    return None if isinstance(reveal(value), Unknown) else value


def _timeouts(message: resource_pb2.RegisterResourceRequest.CustomTimeouts) -> dict[str, float]:
    given = {verb: getattr(message, verb) for verb in ("create", "update", "delete", "read")}
    return {verb: seconds(text) for verb, text in given.items() if text}


def seconds(text: str) -> float:
    """Return the seconds in a duration such as `1h30m`.

    Raises:
        ValueError: It is not a duration.
    """
    parts = _DURATION.findall(text)
    if "".join(number + unit for number, unit in parts) != text:
        raise ValueError(f"{text!r} is not a duration; write it like 90s, 10m or 1h30m")
    return sum(float(number) * _SECONDS[unit] for number, unit in parts)


def _position(position: source_pb2.SourcePosition, root: Path) -> str:
    """Return where in the program a resource is made, relative to the project."""
    if not position.uri:
        return ""
    path = position.uri.removeprefix("file://")
    try:
        return f"project:///{Path(path).relative_to(root).as_posix()}#{position.line}"
    except ValueError:
        return ""  # made by a library outside the project: its place says nothing to anybody
