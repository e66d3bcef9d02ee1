"""The AWS endpoint: decides who answers a request."""

import asyncio
import logging
import uuid
from collections.abc import Mapping
from http import HTTPStatus

from platformctl.region.endpoint import operations, protocols
from platformctl.region.endpoint.proxy import Proxy, UpstreamError
from platformctl.region.endpoint.scope import (
    Scope,
    UnknownHostError,
    UnsignedError,
    scope_of,
)
from platformctl.region.endpoint.server import Answer, Handler, Request, twice
from platformctl.region.services.base import Service

_LOG = logging.getLogger(__name__)
CONTROL = "/_region/"
_EMULATOR_INTERNALS = ("/_ministack", "/_localstack")
_UNSUPPORTED = b'{"error": "Unsupported service'
_SMALL = 1024


class Endpoint:
    """One handler for everything that arrives on the endpoint's port.

    Attributes:
        services: The region's own services by the service name in a credential scope.
        failed: Own services that did not start → why.
        stopped: Regions that are stopped.
        requests: How many requests came in for AWS.
        ready: Set when the services are known; requests for AWS wait for it.
    """

    def __init__(
        self, account: str, emulator: Proxy, control: Handler, hosts: frozenset[str]
    ) -> None:
        self.services: dict[str, Service] = {}
        self.failed: dict[str, str] = {}
        self.stopped: set[str] = set()
        self.requests = 0
        self.ready = asyncio.Event()
        self._account = account
        self._emulator = emulator
        self._control = control
        self._hosts = hosts

    async def handle(self, request: Request) -> Answer:
        """Answer one request."""
        if request.target.startswith(CONTROL):
            return await self._control(request)
        await self.ready.wait()
        self.requests += 1
        if request.target.startswith(_EMULATOR_INTERNALS):
            return _error(request, "NoSuchKey", "that is the emulator's own and not served", 404)
        try:
            scope = scope_of(request, self._hosts)
        except UnsignedError:
            return _error(
                request,
                "MissingAuthenticationToken",
                "the request is not signed; sign it with any credentials, such as those of "
                "`platformctl region status`",
                403,
            )
        except UnknownHostError as error:
            return _error(
                request,
                "InvalidHostHeader",
                f"the local region does not serve the host {error}; load balancers have "
                "addresses of their own",
                421,
            )
        service = self.services.get(scope.service)
        if scope.region in self.stopped and not (service and service.outlasts):
            message = operations.stopped_message(scope.region)
            return _error(request, "ServiceUnavailable", message, 503, scope)
        return await self._serve(request, scope)

    async def _serve(self, request: Request, scope: Scope) -> Answer:
        service = self.services.get(scope.service)
        if service is not None and service.answers(request):
            return await operations.answer(service, scope.region, self._account, request)
        if scope.service in self.failed:
            message = (
                f"{scope.service} did not start in the local region: {self.failed[scope.service]}"
            )
            return _error(request, "ServiceUnavailable", message, 503, scope)
        followed = None
        if service is not None and service.follows(scope.region, request):
            request, followed = await twice(request)
        try:
            answer = await self._forward(service, scope.region, request)
        except UpstreamError as error:
            _LOG.warning("the emulator did not answer %s: %s", request.target, error)
            message = f"the emulator of {scope.service} is starting again"
            return _error(request, "ServiceUnavailable", message, 503, scope)
        if service is not None and followed is not None and answer.status == HTTPStatus.OK:
            await service.followed(scope.region, followed)
        return await _with_reason(request, scope, answer)

    async def _forward(self, service: Service | None, region: str, request: Request) -> Answer:
        if service is None:
            return await self._emulator.forward(request)
        return await service.forward(region, request, self._emulator.forward)


async def _with_reason(request: Request, scope: Scope, answer: Answer) -> Answer:
    """Say what is missing where the emulator answers that it has no such service."""
    length = next((v for n, v in answer.headers if _lower(n) == b"content-length"), b"")
    if answer.status != 400 or not length or int(length) > _SMALL or isinstance(answer.body, bytes):
        return answer
    body = b"".join([piece async for piece in answer.body])
    if not body.startswith(_UNSUPPORTED):
        return Answer(answer.status, answer.headers, body, answer.reason, answer.finished)
    if answer.finished is not None:
        answer.finished()
    message = f"{scope.service} is not in the local region"
    return _error(request, "UnknownOperationException", message, 400, scope)


def _lower(name: str | bytes) -> bytes:
    return (name if isinstance(name, bytes) else name.encode()).lower()


def _error(
    request: Request, code: str, message: str, status: int, scope: Scope | None = None
) -> Answer:
    """Return an error in the protocol that the request seems to be in."""
    request_id = str(uuid.uuid4())
    if scope is not None and scope.service == "s3":
        body = (
            f"<Error><Code>{code}</Code><Message>{message}</Message>"
            f"<RequestId>{request_id}</RequestId></Error>"
        )
        return Answer(status, [("Content-Type", "application/xml")], body.encode())
    reply = protocols.plain_error(_protocol(request.headers), code, message, status, request_id)
    return Answer(reply.status, list(reply.headers.items()), reply.body)


def _protocol(headers: Mapping[str, str]) -> str:
    if headers.get("smithy-protocol") == "rpc-v2-cbor":
        return protocols.CBOR
    content_type = headers.get("content-type", "")
    return "query" if "x-www-form-urlencoded" in content_type or "xml" in content_type else "json"
