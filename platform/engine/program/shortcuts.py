"""Functions of Pulumi's SDK that are replaced by quicker ones with the same results.

A large stack spends nearly all its time in the SDK: a thousand resources have thirty thousand
outputs, and each is made of five futures. What stands here takes a fifth off that. It rests on how
the SDK works inside, so it is used with the release it was written for only; with any other, a
program runs as the SDK has it, and takes longer.
"""

import sys
from asyncio import Future
from collections.abc import Mapping
from functools import cache, partial
from pathlib import Path
from typing import Any, NamedTuple

import pulumi
from pulumi import _version, log
from pulumi.output import _OutputData
from pulumi.runtime import resource, rpc
from pulumi.runtime.proto import source_pb2

WRITTEN_FOR = "3.272.0"
SCALARS = frozenset({str, int, float, bool, type(None)})
CONSTRUCTORS = 3

_from_input = pulumi.Output.from_input
_contains_unknowns = rpc.contains_unknowns
_create_urn = resource.create_urn


class Shortcut(NamedTuple):
    """One function of the SDK, by the place it is looked up in, and what is called instead."""

    owner: Any
    name: str
    instead: Any


def take() -> None:
    """Put every shortcut in its place, if this is the SDK they were written for."""
    if str(_version.version) == WRITTEN_FOR:
        for owner, name, instead in SHORTCUTS:
            setattr(owner, name, instead)


def stack_trace() -> source_pb2.StackTrace:
    """Return where the resource under construction is made: outside its three constructors.

    They are those of `Resource`, of `CustomResource` or `ComponentResource`, and of its class. The
    SDK sends the whole stack with every resource; the engine keeps one line of it.
    """
    frame = sys._getframe(1)  # noqa: SLF001  # what `inspect` returns, at a tenth of its price
    constructors = 0
    while frame is not None:
        if frame.f_code.co_name == "__init__":
            constructors += 1
        frame = frame.f_back
        if constructors == CONSTRUCTORS:
            break
    if frame is None:
        return source_pb2.StackTrace()
    position = source_pb2.SourcePosition(uri=_uri(frame.f_code.co_filename), line=frame.f_lineno)
    return source_pb2.StackTrace(frames=[source_pb2.StackFrame(pc=position)])


def transfer_properties(
    owner: pulumi.Resource, properties: Mapping[str, Any], custom: bool
) -> dict[str, Any]:
    """Give a resource an output per property, and return what resolves each.

    An output is one future here; the SDK makes four, and a task that waits for them.
    """
    names = [name for name in properties if name != "urn" and not (name == "id" and custom)]
    futures: dict[str, Future[Any]] = {name: Future() for name in names}
    owner.__dict__.update({name: _output(future) for name, future in futures.items()})
    return {name: partial(_resolve, owner, future) for name, future in futures.items()}


def from_input(value: Any) -> pulumi.Output[Any]:
    """Return an output of a value; of plain data one for all of it, and not one per part."""
    if type(value) not in SCALARS and not _is_plain(value):
        return _from_input(value)
    return _known(_copied(value))


def contains_unknowns(value: Any) -> bool:
    """Return whether a value has a part that is not known yet; what has no parts has none."""
    return type(value) not in SCALARS and _contains_unknowns(value)


def create_urn(
    name: Any, type_: Any, parent: Any = None, project: str | None = None, stack: str | None = None
) -> pulumi.Output[str]:
    """Return the URN of a resource, at once where all that it is made of is at hand.

    The SDK makes one for each resource that it registers, and then does without it.
    """
    if not (isinstance(name, str) and isinstance(type_, str) and isinstance(parent, str)):
        return _create_urn(name, type_, parent, project, stack)
    return _known(f"{parent[: parent.rfind('::')]}${type_}::{name}")


def debug(*_: Any, **__: Any) -> None:
    """Say nothing: the SDK tells the engine's debug log several things about each resource."""


SHORTCUTS = (
    Shortcut(resource, "_get_stack_trace", stack_trace),
    Shortcut(resource, "create_urn", create_urn),
    Shortcut(rpc, "transfer_properties", transfer_properties),
    Shortcut(rpc, "contains_unknowns", contains_unknowns),
    Shortcut(pulumi.Output, "from_input", staticmethod(from_input)),
    Shortcut(log, "debug", debug),
)


@cache
def _uri(path: str) -> str:
    return Path(path).as_uri() if Path(path).is_absolute() else ""


def _output(future: "Future[Any]") -> pulumi.Output[Any]:
    return pulumi.Output._from_data(future)  # noqa: SLF001  # made for this by the SDK


def _known(value: Any) -> pulumi.Output[Any]:
    future: Future[Any] = Future()
    future.set_result(_OutputData(resources=set(), value=value, is_known=True, is_secret=False))
    return _output(future)


def _resolve(
    owner: pulumi.Resource,
    future: "Future[Any]",
    value: Any,
    is_known: bool,
    is_secret: bool,
    dependencies: set[pulumi.Resource] | None,
    failure: Exception | None,
) -> None:
    if failure is not None:
        future.set_exception(failure)
        return
    resources = {*(dependencies or ()), owner}
    future.set_result(_OutputData(resources, value, is_known, is_secret))


def _is_plain(value: Any) -> bool:
    """Return whether data is made of scalars, lists, and objects with names alone."""
    kind = type(value)
    if kind is list:
        return all(type(item) in SCALARS or _is_plain(item) for item in value)
    return kind is dict and all(
        type(name) is str and (type(item) in SCALARS or _is_plain(item))
        for name, item in value.items()
    )


def _copied(value: Any) -> Any:
    """Return data that nobody can change any more through what it was made of."""
    kind = type(value)
    if kind is list:
        return [item if type(item) in SCALARS else _copied(item) for item in value]
    if kind is dict:
        return {
            name: item if type(item) in SCALARS else _copied(item) for name, item in value.items()
        }
    return value
