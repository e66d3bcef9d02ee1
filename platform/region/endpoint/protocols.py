"""AWS's wire protocols on the server's side: requests parsed and answers serialised by model.

The parsers and serialisers are moto's, which are driven by botocore's service models; the CBOR
protocol, which newer services speak, is added here on botocore's own codec.
"""

import io
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qsl

from botocore.awsrequest import HeadersDict
from botocore.parsers import RpcV2CBORParser
from botocore.serialize import CBORSerializer
from botocore.utils import parse_timestamp
from moto.core.errors import get_error_model
from moto.core.model import ServiceModel as MotoServiceModel
from moto.core.parse import PROTOCOL_PARSERS
from moto.core.serialize import SERIALIZERS, SerializationContext

from platformctl.region.endpoint.models import OperationModel, ServiceModel
from platformctl.region.services.base import ServiceError

CBOR = "smithy-rpc-v2-cbor"


@dataclass(frozen=True)
class Reply:
    """An answer in a service's protocol."""

    status: int
    headers: dict[str, str]
    body: bytes


class Form(dict[str, Any]):
    """Query or form parameters: the last value by name, all of them with `getlist`."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self._all: dict[str, list[str]] = {}
        for name, value in parse_qsl(text, keep_blank_values=True):
            self[name] = value
            self._all.setdefault(name, []).append(value)

    def getlist(self, name: str) -> list[str] | None:
        """Return every value of a name, or None where there is none."""
        return self._all.get(name)

    def to_dict(self, *, flat: bool) -> dict[str, Any]:
        """Return the values by name: the last of each if `flat`, else lists."""
        return dict(self) if flat else dict(self._all)


@dataclass(frozen=True)
class Wire:
    """What a parser needs of a request.

    Attributes:
        url_parameters: Values of the placeholders in the operation's path.
    """

    method: str
    path: str
    query: str
    headers: Mapping[str, str]
    body: bytes
    url_parameters: Mapping[str, str]


def parse(protocol: str, operation: OperationModel, wire: Wire) -> dict[str, Any]:
    """Return the parameters of a request, in botocore's shape and member names.

    Raises:
        ServiceError: The request is not what its protocol says it is.
    """
    if operation.input_shape is None:
        return {}
    try:
        if protocol == CBOR:
            return _parse_cbor(operation, wire.body)
        form = protocol in ("query", "ec2")
        if form:
            values = Form(wire.body.decode() or wire.query)
        else:
            values = Form(wire.query)
            if protocol == "json":
                json.loads(wire.body or b"{}")
        parser = PROTOCOL_PARSERS[protocol](operation, timestamp_parser=_timestamp)
        return parser.parse(
            {
                "body": wire.body,
                # Members are named as in the model (`If-Match`), headers arrive in lower case.
                "headers": HeadersDict(wire.headers),
                "method": wire.method,
                "url_params": dict(wire.url_parameters),
                "url_path": wire.path,
                "values": values,
            }
        )
    except ServiceError:
        raise
    except Exception as error:
        raise ServiceError(
            "SerializationException", f"the request cannot be read as {operation.name}: {error}"
        ) from error


def serialise(
    protocol: str, operation: OperationModel, result: Mapping[str, Any], request_id: str
) -> Reply:
    """Return the answer to an operation that succeeded."""
    if operation.output_shape is not None:
        result = _prepared(operation.output_shape, result)
    if protocol == CBOR:
        return _reply_cbor(200, _encode_cbor(operation, result), request_id)
    serializer = SERIALIZERS[protocol](operation, SerializationContext(request_id))
    return _reply(serializer.serialize(result), request_id)


def serialise_error(
    protocol: str, operation: OperationModel, error: ServiceError, request_id: str
) -> Reply:
    """Return the answer to an operation that failed, with the model's code and status."""
    shape = _error_shape(error, operation.service_model)
    modelled = shape.metadata.get("error", {}).get("httpStatusCode") if shape is not None else None
    status = modelled or error.status
    if protocol == CBOR:
        name = shape.name if shape is not None else error.code
        document = {"__type": name, "message": error.message}
        reply = _reply_cbor(status, _encode_plain(document), request_id)
        reply.headers["x-amzn-query-error"] = f"{error.code};Sender"
        return reply
    if shape is None:
        return plain_error(protocol, error.code, error.message, status, request_id)
    serializer = SERIALIZERS[protocol](operation, SerializationContext(request_id))
    response = serializer.serialize(error)
    response["status_code"] = status
    return _reply(response, request_id)


def plain_error(protocol: str, code: str, message: str, status: int, request_id: str) -> Reply:
    """Return an error that no service model knows, in the form clients of a protocol expect."""
    if protocol == CBOR:
        body = _encode_plain({"__type": code, "message": message})
        return _reply_cbor(status, body, request_id)
    if protocol in ("query", "ec2", "rest-xml"):
        body = (
            f"<ErrorResponse><Error><Type>{'Sender' if status < 500 else 'Receiver'}</Type>"
            f"<Code>{_escape(code)}</Code><Message>{_escape(message)}</Message></Error>"
            f"<RequestId>{request_id}</RequestId></ErrorResponse>"
        )
        headers = {"Content-Type": "text/xml", "x-amzn-RequestId": request_id}
        return Reply(status, headers, body.encode())
    headers = {
        "Content-Type": "application/x-amz-json-1.1",
        "x-amzn-RequestId": request_id,
        "X-Amzn-Errortype": code,
    }
    return Reply(status, headers, json.dumps({"__type": code, "message": message}).encode())


def _timestamp(value: Any) -> datetime:
    moment = value if isinstance(value, datetime) else parse_timestamp(value)
    return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)


def _escape(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _reply(response: Mapping[str, Any], request_id: str) -> Reply:
    body = response["body"]
    headers = {**response["headers"], "x-amzn-RequestId": request_id}
    raw = body.encode() if isinstance(body, str) else body
    return Reply(response["status_code"], headers, raw)


def _error_shape(error: ServiceError, model: ServiceModel) -> Any:
    codes = {shape.name for shape in model.error_shapes}
    codes |= {
        shape.metadata.get("error", {}).get("code", shape.name) for shape in model.error_shapes
    }
    return get_error_model(error, model) if error.code in codes else None


class _CborDecoder(RpcV2CBORParser):
    """botocore's decoder of answers, used for requests."""

    def decode(self, operation: OperationModel, body: bytes) -> dict[str, Any]:
        if not body:
            return {}
        item = self.parse_data_item(io.BufferedReader(io.BytesIO(body)))  # pyright: ignore[reportArgumentType]
        return self._parse_shape(operation.input_shape, item)


class _CborEncoder(CBORSerializer):
    """botocore's encoder of requests, used for answers."""

    TIMESTAMP_FORMAT = "unixtimestamp"

    def encode(self, shape: Any, value: Any) -> bytes:
        out = bytearray()
        self._serialize_data_item(out, value, shape)
        return bytes(out)


_TEXT_MAP = MotoServiceModel(
    {
        "metadata": {},
        "shapes": {
            "Map": {"type": "map", "key": {"shape": "Text"}, "value": {"shape": "Text"}},
            "Text": {"type": "string"},
        },
    }
).shape_for("Map")


def _parse_cbor(operation: OperationModel, body: bytes) -> dict[str, Any]:
    return _CborDecoder(timestamp_parser=_timestamp).decode(operation, body)


def _encode_cbor(operation: OperationModel, result: Mapping[str, Any]) -> bytes:
    return (
        b""
        if operation.output_shape is None
        else _CborEncoder().encode(operation.output_shape, result)
    )


def _encode_plain(document: Mapping[str, str]) -> bytes:
    return _CborEncoder().encode(_TEXT_MAP, document)


def _prepared(shape: Any, value: Any) -> Any:
    """Return a result as the serialisers want it.

    What the model does not know or what is None is left out; times, which services give as
    seconds or as `datetime`, become `datetime` in UTC.
    """
    match shape.type_name:
        case "structure" if not shape.is_document_type:
            return {
                name: _prepared(member, value[name])
                for name, member in shape.members.items()
                if value.get(name) is not None
            }
        case "list":
            return [_prepared(shape.member, item) for item in value]
        case "map":
            return {key: _prepared(shape.value, item) for key, item in value.items()}
        case "timestamp":
            return _timestamp(value)
        case "float" | "double":
            return float(value)
    return value


def _reply_cbor(status: int, body: bytes, request_id: str) -> Reply:
    headers = {
        "Content-Type": "application/cbor",
        "smithy-protocol": "rpc-v2-cbor",
        "x-amzn-RequestId": request_id,
    }
    return Reply(status, headers, body)
