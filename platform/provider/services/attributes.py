"""Attributes of load balancers, target groups and listeners: a key and a text each."""

from collections.abc import Mapping
from typing import Any

from platformctl.provider.context import Context
from platformctl.provider.services.sqs import text
from platformctl.provider.spec import Function

BALANCER = {
    "clientKeepAlive": "client_keep_alive.seconds",
    "desyncMitigationMode": "routing.http.desync_mitigation_mode",
    "dnsRecordClientRoutingPolicy": "dns_record.client_routing_policy",
    "dropInvalidHeaderFields": "routing.http.drop_invalid_header_fields.enabled",
    "enableCrossZoneLoadBalancing": "load_balancing.cross_zone.enabled",
    "enableDeletionProtection": "deletion_protection.enabled",
    "enableHttp2": "routing.http2.enabled",
    "enableTlsVersionAndCipherSuiteHeaders": (
        "routing.http.x_amzn_tls_version_and_cipher_suite.enabled"
    ),
    "enableWafFailOpen": "waf.fail_open.enabled",
    "enableXffClientPort": "routing.http.xff_client_port.enabled",
    "enableZonalShift": "zonal_shift.config.enabled",
    "idleTimeout": "idle_timeout.timeout_seconds",
    "preserveHostHeader": "routing.http.preserve_host_header.enabled",
    "xffHeaderProcessingMode": "routing.http.xff_header_processing.mode",
}
FLAT_BALANCER = {
    kind: {
        "enabled": f"{prefix}.s3.enabled",
        "bucket": f"{prefix}.s3.bucket",
        "prefix": f"{prefix}.s3.prefix",
    }
    for kind, prefix in (
        ("accessLogs", "access_logs"),
        ("connectionLogs", "connection_logs"),
        ("healthCheckLogs", "health_check_logs"),
    )
}
"""Nested inputs: member → attribute."""
GROUP = {
    "connectionTermination": "deregistration_delay.connection_termination.enabled",
    "deregistrationDelay": "deregistration_delay.timeout_seconds",
    "lambdaMultiValueHeadersEnabled": "lambda.multi_value_headers.enabled",
    "loadBalancingAlgorithmType": "load_balancing.algorithm.type",
    "loadBalancingAnomalyMitigation": "load_balancing.algorithm.anomaly_mitigation",
    "loadBalancingCrossZoneEnabled": "load_balancing.cross_zone.enabled",
    "preserveClientIp": "preserve_client_ip.enabled",
    "proxyProtocolV2": "proxy_protocol_v2.enabled",
    "slowStart": "slow_start.duration_seconds",
}
DNS, UNHEALTHY = "target_group_health.dns_failover", "target_group_health.unhealthy_state_routing"
FLAT_GROUP = {
    "stickiness": {
        "enabled": "stickiness.enabled",
        "type": "stickiness.type",
        "cookieDuration": "stickiness.lb_cookie.duration_seconds",
        "cookieName": "stickiness.app_cookie.cookie_name",
    },
    "targetFailovers": {
        "onDeregistration": "target_failover.on_deregistration",
        "onUnhealthy": "target_failover.on_unhealthy",
    },
    "targetGroupHealth": {
        "dnsFailover.minimumHealthyTargetsCount": f"{DNS}.minimum_healthy_targets.count",
        "dnsFailover.minimumHealthyTargetsPercentage": f"{DNS}.minimum_healthy_targets.percentage",
        "unhealthyStateRouting.minimumHealthyTargetsCount": (
            f"{UNHEALTHY}.minimum_healthy_targets.count"
        ),
        "unhealthyStateRouting.minimumHealthyTargetsPercentage": (
            f"{UNHEALTHY}.minimum_healthy_targets.percentage"
        ),
    },
    "targetHealthStates": {
        "enableUnhealthyConnectionTermination": (
            "target_health_state.unhealthy.connection_termination.enabled"
        ),
        "unhealthyDrainingInterval": "target_health_state.unhealthy.draining_interval_seconds",
    },
}
_REQUEST = "routing.http.request"
_RESPONSE = "routing.http.response"
LISTENER = {
    "tcpIdleTimeoutSeconds": "tcp.idle_timeout.seconds",
    "routingHttpResponseServerEnabled": f"{_RESPONSE}.server.enabled",
    **{
        f"routingHttpRequestXAmznMtlsClientcert{name}HeaderName": (
            f"{_REQUEST}.x_amzn_mtls_clientcert_{member}.header_name".replace("cert_.", "cert.")
        )
        for name, member in (
            ("", ""),
            ("Issuer", "issuer"),
            ("Leaf", "leaf"),
            ("SerialNumber", "serial_number"),
            ("Subject", "subject"),
            ("Validity", "validity"),
        )
    },
    "routingHttpRequestXAmznTlsCipherSuiteHeaderName": (
        f"{_REQUEST}.x_amzn_tls_cipher_suite.header_name"
    ),
    "routingHttpRequestXAmznTlsVersionHeaderName": f"{_REQUEST}.x_amzn_tls_version.header_name",
    **{
        f"routingHttpResponse{name}HeaderValue": f"{_RESPONSE}.{member}.header_value"
        for name, member in (
            ("AccessControlAllowCredentials", "access_control_allow_credentials"),
            ("AccessControlAllowHeaders", "access_control_allow_headers"),
            ("AccessControlAllowMethods", "access_control_allow_methods"),
            ("AccessControlAllowOrigin", "access_control_allow_origin"),
            ("AccessControlExposeHeaders", "access_control_expose_headers"),
            ("AccessControlMaxAge", "access_control_max_age"),
            ("ContentSecurityPolicy", "content_security_policy"),
            ("StrictTransportSecurity", "strict_transport_security"),
            ("XContentTypeOptions", "x_content_type_options"),
            ("XFrameOptions", "x_frame_options"),
        )
    },
}
MEMBERS = {
    "load_balancer": "LoadBalancerArn",
    "target_group": "TargetGroupArn",
    "listener": "ListenerArn",
}

Nested = Mapping[str, Mapping[str, str]]


def _wanted(inputs: Mapping[str, Any], plain: Mapping[str, str], nested: Nested) -> dict[str, str]:
    found = {key: inputs[name] for name, key in plain.items() if inputs.get(name) is not None}
    for name, members in nested.items():
        value = inputs.get(name)
        value = value[0] if isinstance(value, list) and value else value
        for path, key in members.items():
            item = _at(value, path)
            if item not in (None, ""):
                found[key] = item
    return {key: text(value) for key, value in found.items()}


def _at(value: Any, path: str) -> Any:
    for part in path.split("."):
        value = value.get(part) if isinstance(value, dict) else None
    return value


def setter(kind: str, plain: Mapping[str, str], nested: Nested) -> Function:
    """Return the function that sets the attributes that changed."""

    def apply(context: Context) -> None:
        """Set the attributes that changed, in one call."""
        before = _wanted(context.old, plain, nested)
        after = _wanted(context.inputs, plain, nested)
        changed = {key: value for key, value in after.items() if before.get(key) != value}
        off = {key: "false" for key in before.keys() - after.keys() if key.endswith(".enabled")}
        attributes = [{"Key": key, "Value": value} for key, value in {**changed, **off}.items()]
        if attributes:
            operation = f"modify_{kind}_attributes"
            context.call(operation, **{MEMBERS[kind]: context.id}, Attributes=attributes)

    return apply


def read_attributes(
    context: Context, kind: str, plain: Mapping[str, str], nested: Nested
) -> dict[str, Any]:
    """Return the attributes under the inputs' names."""
    answer = context.call(f"describe_{kind}_attributes", **{MEMBERS[kind]: context.id})
    values = {item["Key"]: item.get("Value") for item in answer["Attributes"]}
    found: dict[str, Any] = {
        name: values[key] for name, key in plain.items() if values.get(key) is not None
    }
    for name, members in nested.items():
        block: dict[str, Any] = {}
        for path, key in members.items():
            if values.get(key) is None:
                continue
            *parents, last = path.split(".")
            inner = block
            for parent in parents:
                inner = inner.setdefault(parent, {})
            inner[last] = values[key]
        if block:
            found[name] = block
    return found
