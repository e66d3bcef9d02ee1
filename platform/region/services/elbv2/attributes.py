"""Attributes of load balancers, target groups and listeners: names, defaults, what is allowed."""

import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from platformctl.region.services.base import ServiceError

Check = Callable[[str], bool]


def one_of(*allowed: str) -> Check:
    """Allow listed values only."""
    return lambda value: value in allowed


def number(low: int, high: int) -> Check:
    """Allow whole numbers in a range."""
    return lambda value: bool(re.fullmatch(r"\d{1,9}", value)) and low <= int(value) <= high


def number_or_off(low: int, high: int) -> Check:
    """Allow whole numbers in a range, and `off`."""
    within = number(low, high)
    return lambda value: value == "off" or within(value)


def anything(_: str) -> bool:
    """Allow every value."""
    return True


BOOLEAN = one_of("true", "false")

LOAD_BALANCER: dict[str, tuple[str, Check]] = {
    "access_logs.s3.enabled": ("false", BOOLEAN),
    "access_logs.s3.bucket": ("", anything),
    "access_logs.s3.prefix": ("", anything),
    "connection_logs.s3.enabled": ("false", BOOLEAN),
    "connection_logs.s3.bucket": ("", anything),
    "connection_logs.s3.prefix": ("", anything),
    "health_check_logs.s3.enabled": ("false", BOOLEAN),
    "health_check_logs.s3.bucket": ("", anything),
    "health_check_logs.s3.prefix": ("", anything),
    "client_keep_alive.seconds": ("3600", number(60, 604800)),
    "deletion_protection.enabled": ("false", BOOLEAN),
    "idle_timeout.timeout_seconds": ("60", number(1, 4000)),
    "ipv6.deny_all_igw_traffic": ("false", BOOLEAN),
    "load_balancing.cross_zone.enabled": ("true", one_of("true")),
    "routing.http.desync_mitigation_mode": (
        "defensive",
        one_of("monitor", "defensive", "strictest"),
    ),
    "routing.http.drop_invalid_header_fields.enabled": ("false", BOOLEAN),
    "routing.http.preserve_host_header.enabled": ("false", BOOLEAN),
    "routing.http.x_amzn_tls_version_and_cipher_suite.enabled": ("false", BOOLEAN),
    "routing.http.xff_client_port.enabled": ("false", BOOLEAN),
    "routing.http.xff_header_processing.mode": ("append", one_of("append", "preserve", "remove")),
    "routing.http2.enabled": ("true", BOOLEAN),
    "waf.fail_open.enabled": ("false", BOOLEAN),
    "zonal_shift.config.enabled": ("false", BOOLEAN),
}

TARGET_GROUP: dict[str, tuple[str, Check]] = {
    "deregistration_delay.timeout_seconds": ("300", number(0, 3600)),
    "load_balancing.algorithm.anomaly_mitigation": ("off", one_of("on", "off")),
    "load_balancing.algorithm.type": (
        "round_robin",
        one_of("round_robin", "least_outstanding_requests", "weighted_random"),
    ),
    "load_balancing.cross_zone.enabled": (
        "use_load_balancer_configuration",
        one_of("true", "false", "use_load_balancer_configuration"),
    ),
    "slow_start.duration_seconds": (
        "0",
        lambda value: value == "0" or number(30, 900)(value),
    ),
    "stickiness.enabled": ("false", BOOLEAN),
    "stickiness.type": ("lb_cookie", one_of("lb_cookie", "app_cookie")),
    "stickiness.lb_cookie.duration_seconds": ("86400", number(1, 604800)),
    "stickiness.app_cookie.cookie_name": ("", anything),
    "stickiness.app_cookie.duration_seconds": ("86400", number(1, 604800)),
    "target_group_health.dns_failover.minimum_healthy_targets.count": (
        "1",
        number_or_off(1, 1000),
    ),
    "target_group_health.dns_failover.minimum_healthy_targets.percentage": (
        "off",
        number_or_off(1, 100),
    ),
    "target_group_health.unhealthy_state_routing.minimum_healthy_targets.count": (
        "1",
        number(1, 1000),
    ),
    "target_group_health.unhealthy_state_routing.minimum_healthy_targets.percentage": (
        "off",
        number_or_off(1, 100),
    ),
}

_RESPONSE = "routing.http.response."
RESPONSE_HEADERS = {
    f"{_RESPONSE}strict_transport_security.header_value": "Strict-Transport-Security",
    f"{_RESPONSE}access_control_allow_origin.header_value": "Access-Control-Allow-Origin",
    f"{_RESPONSE}access_control_allow_methods.header_value": "Access-Control-Allow-Methods",
    f"{_RESPONSE}access_control_allow_headers.header_value": "Access-Control-Allow-Headers",
    f"{_RESPONSE}access_control_allow_credentials.header_value": "Access-Control-Allow-Credentials",
    f"{_RESPONSE}access_control_expose_headers.header_value": "Access-Control-Expose-Headers",
    f"{_RESPONSE}access_control_max_age.header_value": "Access-Control-Max-Age",
    f"{_RESPONSE}content_security_policy.header_value": "Content-Security-Policy",
    f"{_RESPONSE}x_content_type_options.header_value": "X-Content-Type-Options",
    f"{_RESPONSE}x_frame_options.header_value": "X-Frame-Options",
}
"""Listener attribute → the answer header it sets; an empty value sets none."""


def _one_line(value: str) -> bool:
    return "\r" not in value and "\n" not in value


LISTENER: dict[str, tuple[str, Check]] = {
    f"{_RESPONSE}server.enabled": ("true", BOOLEAN),
    **dict.fromkeys(RESPONSE_HEADERS, ("", _one_line)),
}


def defaults(table: Mapping[str, tuple[str, Check]]) -> dict[str, str]:
    """Return every attribute with its default."""
    return {key: default for key, (default, _) in table.items()}


def changed(
    table: Mapping[str, tuple[str, Check]],
    present: Mapping[str, str],
    wanted: Iterable[Mapping[str, Any]],
) -> dict[str, str]:
    """Return the attributes after a Modify…Attributes call.

    Raises:
        ServiceError: An attribute is unknown, or its value is not allowed.
    """
    result = dict(present)
    for item in wanted:
        key, value = item["Key"], item.get("Value") or ""
        if key not in table:
            raise ServiceError("ValidationError", f"Attribute key '{key}' is not recognized")
        if not table[key][1](value):
            raise ServiceError("ValidationError", f"'{value}' is not a valid value for '{key}'")
        result[key] = value
    return result


def pairs(attributes: Mapping[str, str]) -> list[dict[str, str]]:
    """Return attributes as the API lists them."""
    return [{"Key": key, "Value": value} for key, value in attributes.items()]
