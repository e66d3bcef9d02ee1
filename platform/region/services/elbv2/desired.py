"""What the records mean for the data plane: the whole configuration of one balancer process."""

from typing import Any

from platformctl.region.ports import listening
from platformctl.region.services.elbv2 import policies
from platformctl.region.services.elbv2.attributes import RESPONSE_HEADERS
from platformctl.region.services.elbv2.load_balancers import owner_of
from platformctl.region.services.elbv2.records import Record, Records, groups_in, label, region_of
from platformctl.region.services.elbv2.rules import default_rule_arn


def configuration(records: Records, load_balancer_arn: str) -> dict[str, Any]:
    """Return what the process of a load balancer must make true, in `balancer.configuration`."""
    balancer = records.load_balancer(load_balancer_arn)
    region = region_of(load_balancer_arn)
    listeners = records.listeners_of(load_balancer_arn)
    rules = {item["ListenerArn"]: records.rules_of(item["ListenerArn"]) for item in listeners}
    used = [arn for item in listeners for arn in groups_in(item["DefaultActions"])]
    used += [
        arn for found in rules.values() for rule in found for arn in groups_in(rule["Actions"])
    ]
    groups = records.groups(region)
    return {
        "label": label(load_balancer_arn),
        "options": _options(balancer),
        "listeners": [
            _listener(records, balancer, item, rules[item["ListenerArn"]]) for item in listeners
        ],
        "groups": [_group(group) for arn in dict.fromkeys(used) if (group := groups.get(arn))],
    }


def _options(balancer: Record) -> dict[str, Any]:
    attributes = balancer["Attributes"]
    routing = "routing.http."
    return {
        "idle_timeout": float(attributes["idle_timeout.timeout_seconds"]),
        "client_keep_alive": float(attributes["client_keep_alive.seconds"]),
        "drop_invalid_headers": attributes[f"{routing}drop_invalid_header_fields.enabled"]
        == "true",
        "forwarded_mode": attributes[f"{routing}xff_header_processing.mode"],
        "forwarded_port": attributes[f"{routing}xff_client_port.enabled"] == "true",
        "access_log": attributes["access_logs.s3.enabled"] == "true",
        "cookie_key": balancer["CookieKey"],
    }


def _listener(
    records: Records, balancer: Record, listener: Record, rules: list[Record]
) -> dict[str, Any]:
    versions = policies.POLICIES[listener.get("SslPolicy", policies.DEFAULT)][0]
    default = {
        "arn": default_rule_arn(listener["ListenerArn"]),
        "priority": "0",
        "conditions": [],
        "actions": listener["DefaultActions"],
    }
    return {
        "arn": listener["ListenerArn"],
        "host": balancer["DNSName"],
        "port": listener["Port"],
        "listen_port": listening(listener["Port"]),
        "protocol": listener["Protocol"],
        "minimum_tls": versions[0],
        "certificates": _certificates(records, balancer, listener),
        "rules": [
            *(
                {
                    "arn": rule["RuleArn"],
                    "priority": str(rule["Priority"]),
                    "conditions": rule["Conditions"],
                    "actions": rule["Actions"],
                }
                for rule in rules
            ),
            default,
        ],
        "response_headers": {
            header: listener["Attributes"][key]
            for key, header in RESPONSE_HEADERS.items()
            if listener["Attributes"].get(key)
        },
    }


def _certificates(records: Records, balancer: Record, listener: Record) -> list[dict[str, Any]]:
    """Issue what the listener's ACM certificates stand for; ours also names the loopback host."""
    issued: list[dict[str, Any]] = []
    for item in [*listener.get("Certificates", []), *listener.get("ExtraCertificates", [])]:
        names = [*item["Names"], balancer["DNSName"], "localhost"]
        owner = owner_of(balancer["LoadBalancerArn"], region_of(balancer["LoadBalancerArn"]))
        certificate_id = item["CertificateArn"].rpartition("/")[2]
        files = records.runtime.certificates.issue(f"{owner}/{certificate_id}", names)
        issued.append(
            {"names": names, "certificate": str(files.certificate), "key": str(files.key)}
        )
    return issued


def _group(group: Record) -> dict[str, Any]:
    attributes = group["Attributes"]
    sticky = attributes["stickiness.type"] if attributes["stickiness.enabled"] == "true" else ""
    seconds = attributes[f"stickiness.{sticky or 'lb_cookie'}.duration_seconds"]
    port = group["HealthCheckPort"]
    minimum = "target_group_health.unhealthy_state_routing.minimum_healthy_targets.count"
    return {
        "arn": group["TargetGroupArn"],
        "label": label(group["TargetGroupArn"]),
        "protocol": group["Protocol"],
        "algorithm": attributes["load_balancing.algorithm.type"],
        "slow_start": float(attributes["slow_start.duration_seconds"]),
        "stickiness": sticky,
        "cookie_name": attributes["stickiness.app_cookie.cookie_name"]
        if sticky == "app_cookie"
        else "",
        "cookie_seconds": int(seconds),
        "minimum_healthy": int(attributes[minimum]),
        "health": {
            "enabled": group["HealthCheckEnabled"],
            "protocol": group["HealthCheckProtocol"],
            "port": 0 if port == "traffic-port" else int(port),
            "path": group["HealthCheckPath"],
            "interval": float(group["HealthCheckIntervalSeconds"]),
            "timeout": float(group["HealthCheckTimeoutSeconds"]),
            "healthy": group["HealthyThresholdCount"],
            "unhealthy": group["UnhealthyThresholdCount"],
            "matcher": group["Matcher"]["HttpCode"],
        },
        "targets": [
            {
                "id": target["Id"],
                "host": target["Id"],
                "port": target["Port"],
                "draining": bool(target.get("DrainUntil")),
                "drain_until": target.get("DrainUntil", 0.0),
            }
            for target in group["Targets"]
        ],
    }
