"""Load balancers, target groups, listeners and rules."""

from typing import Any

from platformctl.provider.context import Context
from platformctl.provider.identity import assigned
from platformctl.provider.services.attributes import (
    BALANCER,
    FLAT_BALANCER,
    FLAT_GROUP,
    GROUP,
    LISTENER,
    read_attributes,
    setter,
)
from platformctl.provider.spec import (
    Ask,
    Fidelity,
    Find,
    Name,
    ResourceSpec,
    Send,
    Tagging,
    Update,
    Waiter,
)
from platformctl.provider.tags import on_create

CREATE_BALANCER = Send("create_load_balancer")
CREATE_RULE = Send("create_rule", leave=("conditions", "priority"))
ZONES = {
    "us-east-1": "Z35SXDOTRQ7X7K",
    "us-east-2": "Z3AADJGX6KTTL2",
    "us-west-1": "Z368ELLRRE2KJ0",
    "us-west-2": "Z1H1FL5HABSF5",
    "eu-central-1": "Z215JYRZR1TBD5",
    "eu-west-1": "Z32O12XQLNTSW2",
}
"""Hosted zone ids that AWS publishes for load balancers, by region."""

TAGS = Tagging(
    member="Tags",
    form="list",
    add="add_tags",
    remove="remove_tags",
    resource={"ResourceArns": ["{id}"]},
    read=Ask("describe_tags", {"ResourceArns": ["{id}"]}, "TagDescriptions[0].Tags"),
)
ACTIONS = (
    ("forward", "ForwardConfig"),
    ("redirect", "RedirectConfig"),
    ("fixedResponse", "FixedResponseConfig"),
    ("authenticateCognito", "AuthenticateCognitoConfig"),
    ("authenticateOidc", "AuthenticateOidcConfig"),
    ("jwtValidation", "JwtValidationConfig"),
    ("forward.targetGroups.arn", "TargetGroupArn"),
    ("forward.stickiness", "TargetGroupStickinessConfig"),
    ("forward.stickiness.duration", "DurationSeconds"),
)
"""Members of an action that are named otherwise in the API."""
HEALTH = {
    "healthCheck": "^",
    "healthCheck.enabled": "HealthCheckEnabled",
    "healthCheck.path": "HealthCheckPath",
    "healthCheck.port": "HealthCheckPort",
    "healthCheck.protocol": "HealthCheckProtocol",
    "healthCheck.interval": "HealthCheckIntervalSeconds",
    "healthCheck.timeout": "HealthCheckTimeoutSeconds",
    "healthCheck.healthyThreshold": "HealthyThresholdCount",
    "healthCheck.unhealthyThreshold": "UnhealthyThresholdCount",
    "healthCheck.matcher": "Matcher",
}
CONDITIONS = {
    "conditions.hostHeader": "HostHeaderConfig",
    "conditions.httpHeader": "HttpHeaderConfig",
    "conditions.httpRequestMethod": "HttpRequestMethodConfig",
    "conditions.pathPattern": "PathPatternConfig",
    "conditions.queryStrings": "QueryStringConfig",
    "conditions.sourceIp": "SourceIpConfig",
}
FIELDS = {
    "hostHeader": "host-header",
    "httpHeader": "http-header",
    "httpRequestMethod": "http-request-method",
    "pathPattern": "path-pattern",
    "queryStrings": "query-string",
    "sourceIp": "source-ip",
}


def _actions(where: str) -> dict[str, str]:
    return {f"{where}.{key}": member for key, member in ACTIONS}


def _read_balancer(context: Context) -> Any:
    """Describe a load balancer with its attributes."""
    asked = {"LoadBalancerArns": ["{id}"]}
    found = context.find(Ask("describe_load_balancers", asked, "LoadBalancers[0]"))
    if found is None:
        return None
    attributes = read_attributes(context, "load_balancer", BALANCER, FLAT_BALANCER)
    zones = found.get("AvailabilityZones") or ()
    return {
        **found,
        **attributes,
        "Subnets": [zone["SubnetId"] for zone in zones if zone.get("SubnetId")],
        "Internal": found.get("Scheme") == "internal",
        "ArnSuffix": context.id.partition(":loadbalancer/")[2],
        "ZoneId": ZONES.get(context.region, found.get("CanonicalHostedZoneId")),
    }


def _create_balancer(context: Context) -> Any:
    """Create a load balancer."""
    internal = bool(context.inputs.get("internal"))
    scheme = "internal" if internal else "internet-facing"
    return context.send(CREATE_BALANCER, Scheme=scheme, **on_create(context))


def _read_group(context: Context) -> Any:
    """Describe a target group with its attributes."""
    asked = {"TargetGroupArns": ["{id}"]}
    found = context.find(Ask("describe_target_groups", asked, "TargetGroups[0]"))
    if found is None:
        return None
    attributes = read_attributes(context, "target_group", GROUP, FLAT_GROUP)
    matcher = found.get("Matcher") or {}
    return {
        **found,
        **attributes,
        "Matcher": matcher.get("HttpCode") or matcher.get("GrpcCode"),
        "ArnSuffix": context.id.rpartition(":")[2],
    }


def _create_rule(context: Context) -> Any:
    """Create a rule; without a priority it comes after those that are there."""
    priority = context.inputs.get("priority")
    if priority is None:
        rules = context.ask(Ask("describe_rules", {"ListenerArn": "{listenerArn}"}, "Rules"))
        taken = [int(rule["Priority"]) for rule in rules if rule["Priority"] != "default"]
        priority = max(taken, default=0) + 1
    parameters = {"Priority": int(priority), "Conditions": _conditions(context)}
    return context.send(CREATE_RULE, **parameters, **on_create(context))


def _conditions(context: Context) -> list[dict[str, Any]]:
    """Return a rule's conditions with the field that each is about."""
    request = context.request(Send("modify_rule", only=("conditions",)))
    written = context.inputs.get("conditions") or ()
    filled = []
    for condition, sent in zip(written, request.get("Conditions", ()), strict=True):
        field = next((FIELDS[key] for key in FIELDS if condition.get(key)), None)
        filled.append({"Field": field, **sent} if field else sent)
    return filled


def _modify_actions(context: Context) -> None:
    """Change what a rule does."""
    request = context.request(Send("modify_rule", {"RuleArn": "{id}"}, only=("actions",)))
    context.call("modify_rule", **request)


def _modify_conditions(context: Context) -> None:
    """Change what a rule matches; its weights may be somebody else's, and are not sent along."""
    context.call("modify_rule", RuleArn=context.id, Conditions=_conditions(context))


def _set_priority(context: Context) -> None:
    """Change when a rule is looked at."""
    priority = int(context.inputs["priority"])
    context.call(
        "set_rule_priorities", RulePriorities=[{"RuleArn": context.id, "Priority": priority}]
    )


def _without_idle_stickiness(action: dict[str, Any]) -> dict[str, Any]:
    """Leave out that an action is not sticky: AWS tells it of every rule, written or not."""
    forward = action.get("ForwardConfig")
    if not forward or (forward.get("TargetGroupStickinessConfig") or {}).get("Enabled"):
        return action
    kept = {key: each for key, each in forward.items() if key != "TargetGroupStickinessConfig"}
    return {**action, "ForwardConfig": kept}


def _read_rule(context: Context) -> Any:
    """Describe a rule."""
    rule = context.find(Ask("describe_rules", {"RuleArns": ["{id}"]}, "Rules[0]"))
    if rule is None:
        return None
    priority = rule.get("Priority")
    listener = context.id.replace(":listener-rule/", ":listener/").rpartition("/")[0]
    return {
        **rule,
        "Actions": [_without_idle_stickiness(action) for action in rule["Actions"]],
        "Priority": None if priority == "default" else priority,
        "ListenerArn": listener,
    }


def _read_listener(context: Context) -> Any:
    """Describe a listener with its attributes."""
    found = context.find(Ask("describe_listeners", {"ListenerArns": ["{id}"]}, "Listeners[0]"))
    if found is None or not any(context.inputs.get(key) is not None for key in LISTENER):
        return found
    return {**found, **read_attributes(context, "listener", LISTENER, {})}


SPECS = (
    ResourceSpec(
        type="aws:lb/loadBalancer:LoadBalancer",
        service="elbv2",
        identity=assigned("LoadBalancers[0].LoadBalancerArn"),
        fidelity=Fidelity.LIVE,
        create=_create_balancer,
        sends=(CREATE_BALANCER,),
        read=_read_balancer,
        updates=(
            Update(
                Send("set_subnets", {"LoadBalancerArn": "{id}"}, only=("subnets", "subnetMappings"))
            ),
            Update(
                Send("set_security_groups", {"LoadBalancerArn": "{id}"}, only=("securityGroups",))
            ),
            Update(
                Send("set_ip_address_type", {"LoadBalancerArn": "{id}"}, only=("ipAddressType",))
            ),
            Update(
                setter("load_balancer", BALANCER, FLAT_BALANCER),
                (*BALANCER, *FLAT_BALANCER),
                on_create=True,
            ),
        ),
        delete=Ask("delete_load_balancer", {"LoadBalancerArn": "{id}"}),
        names={
            "name": "Name",
            "loadBalancerType": "Type",
            "customerOwnedIpv4Pool": "CustomerOwnedIpv4Pool",
            "accessLogs": "AccessLogs",
        },
        reads={"name": "LoadBalancerName", "dnsName": "DNSName"},
        outputs={"arn": "{id}"},
        defaults={
            "internal": False,
            "loadBalancerType": "application",
            "enableDeletionProtection": False,
            "idleTimeout": 60,
        },
        name=Name("name", 32),
        handled=("internal", *BALANCER, *FLAT_BALANCER),
        replace=("name", "namePrefix", "internal", "loadBalancerType"),
        unread=("subnetMappings", "dnsRecordClientRoutingPolicy", "enableZonalShift"),
        no_local_effect=(
            "enforceSecurityGroupInboundRulesOnPrivateLinkTraffic",
            "ipamPools.*",
            "minimumLoadBalancerCapacity.*",
            "secondaryIpsAutoAssignedPerSubnet",
            "subnetMappings.outpostId",
        ),
        tags=TAGS,
        created=Waiter("State.Code", ("active",), ("failed",)),
        deleted=True,
        find=Find(Ask("describe_load_balancers", {}, "LoadBalancers"), ("name",)),
        note="a real proxy on loopback, with health checks and weights",
    ),
    ResourceSpec(
        type="aws:lb/targetGroup:TargetGroup",
        service="elbv2",
        identity=assigned("TargetGroups[0].TargetGroupArn"),
        fidelity=Fidelity.LIVE,
        create=Send("create_target_group"),
        read=_read_group,
        updates=(
            Update(Send("modify_target_group", {"TargetGroupArn": "{id}"}, only=("healthCheck",))),
            Update(
                setter("target_group", GROUP, FLAT_GROUP), (*GROUP, *FLAT_GROUP), on_create=True
            ),
        ),
        delete=Ask("delete_target_group", {"TargetGroupArn": "{id}"}),
        names={"name": "Name", **HEALTH},
        reads={"name": "TargetGroupName"},
        outputs={"arn": "{id}"},
        defaults={"targetType": "instance", "deregistrationDelay": 300, "slowStart": 0},
        name=Name("name", 32),
        handled=(*GROUP, *FLAT_GROUP),
        no_local_effect=("targetControlPort",),
        tags=TAGS,
        find=Find(Ask("describe_target_groups", {}, "TargetGroups"), ("name",)),
    ),
    ResourceSpec(
        type="aws:lb/listener:Listener",
        service="elbv2",
        identity=assigned("Listeners[0].ListenerArn"),
        fidelity=Fidelity.LIVE,
        create=Send("create_listener"),
        answer="Listeners[0]",
        read=_read_listener,
        updates=(
            Update(
                Send(
                    "modify_listener",
                    {"ListenerArn": "{id}"},
                    only=(
                        "alpnPolicy",
                        "certificateArn",
                        "defaultActions",
                        "mutualAuthentication",
                        "port",
                        "protocol",
                        "sslPolicy",
                    ),
                )
            ),
            Update(setter("listener", LISTENER, {}), tuple(LISTENER), on_create=True),
        ),
        delete=Ask("delete_listener", {"ListenerArn": "{id}"}),
        names={
            **_actions("defaultActions"),
            "certificateArn": "Certificates",
            "mutualAuthentication.advertiseTrustStoreCaNames": "AdvertiseTrustStoreCaNames",
        },
        reads={"certificateArn": "Certificates[0].CertificateArn"},
        outputs={"arn": "{id}"},
        defaults={"protocol": "HTTP"},
        handled=tuple(LISTENER),
        tags=TAGS,
        delete_first=True,
        find=Find(
            Ask("describe_listeners", {"LoadBalancerArn": "{loadBalancerArn}"}, "Listeners"),
            ("port",),
        ),
    ),
    ResourceSpec(
        type="aws:lb/listenerRule:ListenerRule",
        service="elbv2",
        identity=assigned("Rules[0].RuleArn"),
        fidelity=Fidelity.LIVE,
        create=_create_rule,
        sends=(CREATE_RULE,),
        answer="Rules[0].{RuleArn: RuleArn, Actions: Actions, Conditions: Conditions, "
        "Priority: Priority}",
        read=_read_rule,
        updates=(
            Update(_modify_actions, ("actions", "transforms")),
            Update(_modify_conditions, ("conditions",)),
            Update(_set_priority, ("priority",)),
        ),
        delete=Ask("delete_rule", {"RuleArn": "{id}"}),
        names={**_actions("actions"), **CONDITIONS},
        outputs={"arn": "{id}"},
        handled=("priority", "conditions"),
        no_local_effect=("transforms.*",),
        tags=TAGS,
        delete_first=True,
        find=Find(
            Ask(
                "describe_rules",
                {"ListenerArn": "{listenerArn}"},
                "Rules[?Priority!='default']",
            ),
            ("priority",),
        ),
    ),
)
