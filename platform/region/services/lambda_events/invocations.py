"""Invocations on their way to the emulator: an alias spreads them by its weights, all are counted.

The emulator invokes the first version of an alias whatever its routing configuration says, and
counts for itself alone.

Source: AWS, "Implement Lambda canary deployments using a weighted alias" and "Types of metrics for
Lambda functions" (the dimensions).
"""

import json
import random
import time
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, quote, unquote, urlencode, urlsplit

from platformctl.region.endpoint.server import Answer, Request
from platformctl.region.services.base import Forward
from platformctl.region.services.cloudwatch.service import Monitoring

if TYPE_CHECKING:
    from platformctl.region.runtime import Runtime

LATEST = "$LATEST"
_FUNCTIONS = "/2015-03-31/functions/"
_INVOCATIONS = "/invocations"
_ERROR, _VERSION, _KIND = "x-amz-function-error", "x-amz-executed-version", "x-amz-invocation-type"
_OF_BODY = frozenset((b"content-length", b"content-type", b"content-encoding"))
_OK, _ACCEPTED, _THROTTLED = 200, 202, 429


@dataclass(frozen=True)
class Invoked:
    """What an invocation names.

    Attributes:
        function: Name of the function, without account or region.
        qualifier: Version or alias; "" for the function itself.
    """

    function: str
    qualifier: str

    @property
    def may_be_alias(self) -> bool:
        """Whether the qualifier is none of a version."""
        return bool(self.qualifier) and self.qualifier != LATEST and not self.qualifier.isdigit()


def invoked(request: Request) -> Invoked | None:
    """Return what a request invokes; None if it is no invocation."""
    split = urlsplit(request.target)
    if request.method != "POST" or not split.path.startswith(_FUNCTIONS):
        return None
    if not split.path.endswith(_INVOCATIONS):
        return None
    named = unquote(split.path[len(_FUNCTIONS) : -len(_INVOCATIONS)])
    function, _, qualifier = named.rpartition(":function:")[2].partition(":")
    return Invoked(function, qualifier or dict(parse_qsl(split.query)).get("Qualifier", ""))


class Invocations:
    """Sends invocations on, and counts them in `AWS/Lambda`.

    Args:
        runtime: The region.
        choose: Returns a number from 0 up to 1, below which a weight must be to be taken.
    """

    def __init__(self, runtime: "Runtime", choose: Callable[[], float] = random.random) -> None:
        self._runtime = runtime
        self._choose = choose

    async def send(self, region: str, request: Request, asked: Invoked, forward: Forward) -> Answer:
        """Invoke what a request names, of an alias the version whose turn it is."""
        if asked.may_be_alias:
            version = await self._version(request, asked, forward)
            if version:
                request = _naming(request, asked.function, version)
        began = time.monotonic()
        answer = await forward(request)
        self._count(region, request, asked, answer, (time.monotonic() - began) * 1000)
        return answer

    async def _version(self, request: Request, asked: Invoked, forward: Forward) -> str | None:
        """Return the further version of an alias that gets this invocation; None for its first."""
        alias = await _document(_alias_request(request, asked), forward)
        weights: Mapping[str, float] = (alias.get("RoutingConfig") or {}).get(
            "AdditionalVersionWeights"
        ) or {}
        left = self._choose()
        for version, weight in weights.items():
            if left < weight:
                return version
            left -= weight
        return None

    def _count(
        self, region: str, request: Request, asked: Invoked, answer: Answer, milliseconds: float
    ) -> None:
        monitoring = self._runtime.service(Monitoring)
        headers = {_text(name).lower(): _text(value) for name, value in answer.headers}
        if answer.status == _THROTTLED:
            values = {"Throttles": (1.0, "Count")}
        elif answer.status == _ACCEPTED and request.headers.get(_KIND) == "Event":
            # How it went is only known to the emulator, which runs it later.
            values = {"Invocations": (1.0, "Count")}
        elif answer.status == _OK:
            values = {
                "Invocations": (1.0, "Count"),
                "Errors": (float(_ERROR in headers), "Count"),
                "Throttles": (0.0, "Count"),
                "Duration": (milliseconds, "Milliseconds"),
            }
        else:
            return
        for dimensions in _dimensions(asked, headers.get(_VERSION, "")):
            for name, (value, unit) in values.items():
                monitoring.record(region, "AWS/Lambda", name, dimensions, [value], unit)


def _dimensions(asked: Invoked, version: str) -> Iterator[dict[str, str]]:
    """Yield the sets of dimensions under which Lambda publishes the metrics of an invocation."""
    yield {}
    yield {"FunctionName": asked.function}
    resource = f"{asked.function}:{asked.qualifier}" if asked.qualifier else asked.function
    yield {"FunctionName": asked.function, "Resource": resource}
    if asked.may_be_alias and version:
        yield {"FunctionName": asked.function, "Resource": resource, "ExecutedVersion": version}


def _naming(request: Request, function: str, version: str) -> Request:
    """Return an invocation that names a version instead of an alias."""
    split = urlsplit(request.target)
    query = [(key, value) for key, value in parse_qsl(split.query) if key != "Qualifier"]
    target = f"{_FUNCTIONS}{quote(function)}{_INVOCATIONS}?" + urlencode(
        [*query, ("Qualifier", version)]
    )
    return replace(request, target=target)


def _alias_request(request: Request, asked: Invoked) -> Request:
    """Return the question for an alias, in the name of who invokes it."""
    headers = [each for each in request.raw_headers if each[0].lower() not in _OF_BODY]
    return Request(
        method="GET",
        target=f"{_FUNCTIONS}{quote(asked.function)}/aliases/{quote(asked.qualifier)}",
        headers={_text(name).lower(): _text(value) for name, value in headers},
        raw_headers=headers,
        stream=_nothing(),
    )


async def _document(request: Request, forward: Forward) -> Mapping[str, Any]:
    """Return what the emulator answers, {} if it refuses; the invocation is told why."""
    answer = await forward(request)
    body = answer.body if isinstance(answer.body, bytes) else b""
    if not isinstance(answer.body, bytes):
        body = b"".join([piece async for piece in answer.body])
    if answer.finished is not None:
        answer.finished()
    return json.loads(body) if answer.status == _OK else {}


async def _nothing() -> AsyncIterator[bytes]:
    return
    yield b""


def _text(value: str | bytes) -> str:
    return value.decode("latin-1") if isinstance(value, bytes) else value
