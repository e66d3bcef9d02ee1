"""Requests to the region's own services: from the wire to a method and back."""

import inspect
import logging
import uuid
from collections.abc import Mapping
from typing import Any
from urllib.parse import unquote, urlsplit

from botocore import xform_name
from botocore.validate import ParamValidator

from platformctl.region.endpoint import models, pages, protocols
from platformctl.region.endpoint.models import OperationModel
from platformctl.region.endpoint.protocols import CBOR, Reply, Wire
from platformctl.region.endpoint.server import Answer, Request
from platformctl.region.services.base import Call, Service, ServiceError

_LOG = logging.getLogger(__name__)


async def answer(service: Service, region: str, account: str, request: Request) -> Answer:
    """Answer a request to one of the region's own services."""
    request_id = str(uuid.uuid4())
    body = await request.body()
    reply = await _reply(service, region, account, request, body, request_id)
    return Answer(reply.status, list(reply.headers.items()), reply.body)


async def _reply(
    service: Service, region: str, account: str, request: Request, body: bytes, request_id: str
) -> Reply:
    protocol = protocol_of(service.name, request)
    try:
        operation, wire = _operation(service.name, protocol, request, body)
    except ServiceError as error:
        return protocols.plain_error(protocol, error.code, error.message, error.status, request_id)
    try:
        parameters = protocols.parse(protocol, operation, wire)
        _validate(operation, parameters)
        result = await perform(service, Call(region, account, operation.name, parameters))
        result = pages.cut(service.name, operation.name, parameters, result)
        return protocols.serialise(protocol, operation, result, request_id)
    except ServiceError as error:
        return protocols.serialise_error(protocol, operation, error, request_id)
    except Exception as error:  # noqa: BLE001  # a mistake in a service must not end the endpoint
        _LOG.exception("%s %s in %s failed", service.name, operation.name, region)
        failure = ServiceError(
            "InternalFailure",
            f"{service.name} {operation.name} failed in the local region: "
            f"{type(error).__name__}: {error}",
            500,
        )
        return protocols.serialise_error(protocol, operation, failure, request_id)


async def perform(service: Service, call: Call) -> dict[str, Any]:
    """Call a service's method for an operation.

    Raises:
        ServiceError: The service has no such method, or refused, or its region is stopped.
    """
    lasting = service.outlasts
    if lasting and call.operation not in lasting and service.runtime.is_stopped(call.region):
        raise ServiceError("ServiceUnavailable", stopped_message(call.region), 503)
    method = getattr(service, xform_name(call.operation), None)
    if method is None:
        raise ServiceError(
            _missing_code(service.name),
            f"{service.name} {call.operation} is not in the local region",
        )
    result = method(call)
    if inspect.isawaitable(result):
        result = await result
    return result or {}


def stopped_message(region: str) -> str:
    """Return what a call to a stopped region is told."""
    return f"region {region} is stopped; platformctl region start starts it again"


def protocol_of(service: str, request: Request) -> str:
    """Return the protocol that a request to a service is in."""
    if request.headers.get("smithy-protocol") == "rpc-v2-cbor":
        return CBOR
    content_type = request.headers.get("content-type", "")
    metadata = models.service_model(service).metadata
    spoken = metadata.get("protocols") or [metadata["protocol"]]
    if "x-amz-target" in request.headers and "json" in content_type:
        return "json"
    if "query" in spoken:
        return "query"
    return metadata["protocol"]


def _operation(
    service: str, protocol: str, request: Request, body: bytes
) -> tuple[OperationModel, Wire]:
    split = urlsplit(request.target)
    model = models.service_model(service)
    placeholders: Mapping[str, str] = {}
    if protocol == CBOR:
        name = split.path.rpartition("/")[2]
    elif protocol == "json":
        name = request.headers.get("x-amz-target", "").rpartition(".")[2]
    elif protocol in ("query", "ec2"):
        form = protocols.Form(body.decode(errors="replace") or split.query)
        name = form.get("Action", "")
        _check_version(service, model.api_version, form.get("Version", model.api_version))
    else:
        name, placeholders = _routed(service, request.method, split.path, split.query)
    if name not in model.operation_names:
        raise ServiceError(
            _missing_code(service), f"{service} has no operation {name or '(none given)'}"
        )
    wire = Wire(request.method, split.path, split.query, request.headers, body, placeholders)
    return model.operation_model(name), wire


def _routed(service: str, method: str, path: str, query: str) -> tuple[str, dict[str, str]]:
    form = protocols.Form(query)
    for route in models.routes(service):
        match = route.path.match(path) if route.method == method else None
        if match and all(form.get(name) == value for name, value in route.query):
            found = {models.placeholder(k): unquote(v) for k, v in match.groupdict().items()}
            return route.operation, found
    raise ServiceError(
        "UnknownOperationException", f"{service} has no operation at {method} {path}", 404
    )


def _check_version(service: str, ours: str, theirs: str) -> None:
    """Refuse another service that shares the signing name, such as the classic load balancer."""
    if theirs != ours:
        raise ServiceError(
            "InvalidAction",
            f"API version {theirs} is not in the local region; {service} has version {ours}",
        )


def _validate(operation: OperationModel, parameters: Mapping[str, Any]) -> None:
    if operation.input_shape is None:
        return
    report = ParamValidator().validate(parameters, operation.input_shape)
    if report.has_errors():
        protocol = operation.service_model.protocol
        code = "ValidationError" if protocol in ("query", "ec2") else "ValidationException"
        raise ServiceError(code, report.generate_report())


def _missing_code(service: str) -> str:
    protocol = models.service_model(service).protocol
    return "InvalidAction" if protocol in ("query", "ec2") else "UnknownOperationException"
