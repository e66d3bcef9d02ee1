"""Actions and conditions of rules: checked, and completed the way AWS answers them."""

import ipaddress
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from platformctl.region.services.base import ServiceError
from platformctl.region.services.elbv2.records import Record, number_between

_MOST_GROUPS = 5
_PLACEHOLDERS = {
    "Protocol": "#{protocol}",
    "Port": "#{port}",
    "Host": "#{host}",
    "Path": "/#{path}",
    "Query": "#{query}",
}


def completed_actions(
    actions: Sequence[Mapping[str, Any]], group: Callable[[str], Record]
) -> list[Record]:
    """Check actions and return them with what AWS fills in; `group` looks a target group up.

    Raises:
        ServiceError: An action is incomplete, of an unsupported type, or names an unknown group.
    """
    final = [item for item in actions if item["Type"] in ("forward", "redirect", "fixed-response")]
    if len(final) != 1:
        raise ServiceError(
            "ValidationError",
            "Exactly one action of a rule must be of type forward, redirect or fixed-response",
        )
    return [_completed(action, group, index + 1) for index, action in enumerate(actions)]


def _completed(action: Mapping[str, Any], group: Callable[[str], Record], position: int) -> Record:
    order = action.get("Order") or position
    match action["Type"]:
        case "forward":
            return _forward(action, group, order)
        case "redirect":
            return {"Type": "redirect", "Order": order, "RedirectConfig": _redirect(action)}
        case "fixed-response":
            config = action.get("FixedResponseConfig") or {}
            if not re.fullmatch(r"[245]\d\d", config.get("StatusCode", "")):
                raise ServiceError("ValidationError", "The status code must be 2XX, 4XX or 5XX")
            return {"Type": "fixed-response", "Order": order, "FixedResponseConfig": dict(config)}
        case unsupported:
            raise ServiceError(
                "InvalidLoadBalancerAction",
                f"Actions of type '{unsupported}' are not in the local region",
            )


def _forward(action: Mapping[str, Any], group: Callable[[str], Record], order: int) -> Record:
    config = action.get("ForwardConfig") or {}
    given = config.get("TargetGroups")
    if not given:
        if not action.get("TargetGroupArn"):
            raise ServiceError("ValidationError", "A target group ARN must be specified")
        given = [{"TargetGroupArn": action["TargetGroupArn"]}]
    if len(given) > _MOST_GROUPS:
        raise ServiceError(
            "TooManyTargetGroups", f"An action may forward to {_MOST_GROUPS} target groups"
        )
    pairs: list[Record] = []
    for pair in given:
        group(pair["TargetGroupArn"])
        weight = pair.get("Weight")
        weight = 1 if weight is None else weight
        number_between(weight, 0, 999, "Weight")
        pairs.append({"TargetGroupArn": pair["TargetGroupArn"], "Weight": weight})
    if len({pair["TargetGroupArn"] for pair in pairs}) < len(pairs):
        raise ServiceError("ValidationError", "A target group occurs more than once in an action")
    stickiness = dict(config.get("TargetGroupStickinessConfig") or {"Enabled": False})
    if stickiness.get("Enabled"):
        number_between(stickiness.get("DurationSeconds") or 0, 1, 604800, "DurationSeconds")
    single = {"TargetGroupArn": pairs[0]["TargetGroupArn"]} if len(pairs) == 1 else {}
    return {
        "Type": "forward",
        **single,
        "Order": order,
        "ForwardConfig": {"TargetGroups": pairs, "TargetGroupStickinessConfig": stickiness},
    }


def _redirect(action: Mapping[str, Any]) -> Record:
    given = {k: v for k, v in (action.get("RedirectConfig") or {}).items() if v is not None}
    if given.get("StatusCode") not in ("HTTP_301", "HTTP_302"):
        raise ServiceError("ValidationError", "StatusCode must be HTTP_301 or HTTP_302")
    config = {**_PLACEHOLDERS, **given}
    if all(config[key] == value for key, value in _PLACEHOLDERS.items() if key != "Query"):
        raise ServiceError(
            "InvalidLoadBalancerAction",
            "The redirect would go to the same place: change protocol, host, port or path",
        )
    return config


_CONFIG = {
    "host-header": "HostHeaderConfig",
    "path-pattern": "PathPatternConfig",
    "http-header": "HttpHeaderConfig",
    "http-request-method": "HttpRequestMethodConfig",
    "query-string": "QueryStringConfig",
    "source-ip": "SourceIpConfig",
}
_WITH_FLAT_VALUES = ("host-header", "path-pattern")
_METHOD = re.compile(r"[A-Z_-]{1,40}")


def completed_conditions(conditions: Sequence[Mapping[str, Any]]) -> list[Record]:
    """Check conditions and return them in both of AWS's shapes, typed and flat.

    Raises:
        ServiceError: A field is unknown, or a condition has no or wrong values.
    """
    if not conditions:
        raise ServiceError("ValidationError", "A rule must have at least one condition")
    return [_condition(condition) for condition in conditions]


def _condition(condition: Mapping[str, Any]) -> Record:
    field = condition.get("Field", "")
    if field not in _CONFIG:
        raise ServiceError(
            "ValidationError",
            f"Condition field '{field}' must be one of '[{', '.join(sorted(_CONFIG))}]'",
        )
    member = _CONFIG[field]
    config = {k: v for k, v in (condition.get(member) or {}).items() if v is not None}
    flat = condition.get("Values") or []
    if flat and not config:
        config = {"Values": list(flat)}
    if regular := condition.get("RegexValues"):
        config.setdefault("RegexValues", list(regular))
    values, expressions = config.get("Values") or [], config.get("RegexValues") or []
    if not values and not expressions:
        raise ServiceError("ValidationError", f"A condition on '{field}' must have a value")
    _check_values(field, values, expressions)
    shown: Record = {"Field": field, member: config}
    if field in _WITH_FLAT_VALUES and values:
        shown["Values"] = list(values)
    return shown


def _check_values(field: str, values: Sequence[Any], expressions: Sequence[str]) -> None:
    if field == "source-ip":
        for value in values:
            try:
                ipaddress.ip_network(value, strict=False)
            except ValueError as error:
                raise ServiceError(
                    "ValidationError", f"'{value}' is not a valid CIDR block"
                ) from error
    if field == "http-request-method":
        for value in values:
            if not _METHOD.fullmatch(value):
                raise ServiceError("ValidationError", f"'{value}' is not a valid request method")
    if field == "query-string":
        for pair in values:
            if not pair.get("Value"):
                raise ServiceError("ValidationError", "A query-string condition needs a Value")
    for expression in expressions:
        try:
            re.compile(expression)
        except re.error as error:
            raise ServiceError(
                "ValidationError", f"'{expression}' is not a valid regular expression: {error}"
            ) from error
