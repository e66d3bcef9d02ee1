"""Universal targets: `arn:aws:scheduler:::aws-sdk:<service>:<action>`, any operation that changes.

The request is the target's Input, with members named as Scheduler names them: the API's names with
a capital first letter (`DesiredCount` where ECS says `desiredCount`). As in AWS, a schedule is
refused when its request lacks something that the operation requires, or cannot be read.
"""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from botocore.exceptions import UnknownServiceError

from platformctl.region.endpoint import models
from platformctl.region.services.base import ServiceError

PREFIX = "arn:aws:scheduler:::aws-sdk:"
_ARN = re.compile(rf"{PREFIX}([a-z0-9]+):([a-z][A-Za-z0-9]*)")
_READING = re.compile(
    "get|describe|list|poll|receive|search|scan|query|select|read|lookup|discover|validate"
    "|batchGet|batchDescribe|batchRead|transactGet|adminGet|adminList|testMigration|retrieve"
    "|testConnection|translateDocument|isAuthorized|invokeModel"
)
"""How operations begin that no schedule can call (EventBridge Scheduler user guide, "Using
universal targets")."""
_NAMES: Mapping[str, str] = {
    "applicationautoscaling": "application-autoscaling",
    "cloudwatchlogs": "logs",
    "elasticloadbalancingv2": "elbv2",
    "eventbridge": "events",
    "sfn": "stepfunctions",
}
"""The SDK's identifier of a service → botocore's name, where they differ."""


@dataclass(frozen=True)
class Request:
    """One API call.

    Attributes:
        service: botocore's service name.
        operation: Operation name.
        parameters: Request parameters.
    """

    service: str
    operation: str
    parameters: dict[str, Any]


def is_universal(arn: str) -> bool:
    """Say whether a target is an operation of the SDK."""
    return arn.startswith(PREFIX)


def request(target: Mapping[str, Any]) -> Request:
    """Return the call of a universal target.

    Raises:
        ServiceError: There is no such operation, it only reads, or its request is wrong.
    """
    arn = target["Arn"]
    service, operation = _operation(arn)
    try:
        document = json.loads(target.get("Input") or "{}")
    except ValueError as error:
        raise _refused(f"Invalid RequestJson provided. Reason {error}") from error
    if not isinstance(document, dict):
        raise _refused("Invalid RequestJson provided. Reason Request payload is not an object")
    shape = models.service_model(service).operation_model(operation).input_shape
    return Request(service, operation, _members(shape, document) if shape is not None else {})


def _refused(message: str) -> ServiceError:
    return ServiceError("ValidationException", message)


def _operation(arn: str) -> tuple[str, str]:
    found = _ARN.fullmatch(arn)
    if found is None:
        raise _refused(f"{arn} is not of the form {PREFIX}service:apiAction")
    service = _NAMES.get(found[1], found[1])
    try:
        names: list[str] = models.service_model(service).operation_names
    except UnknownServiceError as error:
        raise _refused(f"There is no service {found[1]} in {arn}") from error
    if _READING.match(found[2]):
        raise _refused(f"The action {found[2]} only reads and cannot be the target of a schedule")
    operation = next((name for name in names if name.lower() == found[2].lower()), None)
    if operation is None:
        raise _refused(f"{found[1]} has no action {found[2]}")
    return service, operation


def _members(shape: Any, document: Mapping[str, Any]) -> dict[str, Any]:
    """Return a structure with the API's own member names.

    Raises:
        ServiceError: A member is unknown, or one that is required is missing.
    """
    known = {_capital(name): name for name in shape.members}
    folded = {name.lower(): name for name in known}
    found: dict[str, Any] = {}
    unknown: list[str] = []
    for given, value in document.items():
        # The SDK writes acronyms as words (DbInstanceIdentifier), but always a capital first.
        name = folded.get(given.lower()) if given[:1].isupper() else None
        if name is None:
            unknown.append(given)
        else:
            found[known[name]] = _value(shape.members[known[name]], value)
    missing = [_capital(name) for name in shape.required_members if name not in found]
    if missing:
        raise _refused(
            "Invalid RequestJson provided. Reason Request payload is missing the following "
            f"field(s): {', '.join(missing)}."
        )
    if unknown:
        raise _refused(
            "Invalid RequestJson provided. Reason Request payload has the following unknown "
            f"field(s): {', '.join(unknown)}."
        )
    return found


def _value(shape: Any, value: Any) -> Any:
    if shape.type_name == "structure" and isinstance(value, dict):
        return _members(shape, value)
    if shape.type_name == "list" and isinstance(value, list):
        return [_value(shape.member, one) for one in value]
    if shape.type_name == "map" and isinstance(value, dict):
        return {key: _value(shape.value, one) for key, one in value.items()}
    return value


def _capital(name: str) -> str:
    return name[:1].upper() + name[1:]
