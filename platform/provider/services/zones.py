"""Hosted zones, their query logs, and health checks."""

from typing import Any
from uuid import uuid4

from platformctl.provider.context import Context
from platformctl.provider.identity import assigned
from platformctl.provider.spec import Ask, Fidelity, Find, ResourceSpec, Send, Tagging, Update

ZONE = {"Id": "{id}"}
CHECK = {"HealthCheckId": "{id}"}
OWN_RECORDS = ("NS", "SOA")
"""Types of the records that a zone has by itself and that go with it."""

SETTINGS = {
    "childHealthThreshold": "HealthThreshold",
    "childHealthchecks": "ChildHealthChecks",
    "disabled": "Disabled",
    "enableSni": "EnableSNI",
    "failureThreshold": "FailureThreshold",
    "fqdn": "FullyQualifiedDomainName",
    "insufficientDataHealthStatus": "InsufficientDataHealthStatus",
    "invertHealthcheck": "Inverted",
    "ipAddress": "IPAddress",
    "port": "Port",
    "regions": "Regions",
    "resourcePath": "ResourcePath",
    "searchString": "SearchString",
}
"""Inputs of a health check that can be changed → member."""
FIXED = {
    "measureLatency": "MeasureLatency",
    "requestInterval": "RequestInterval",
    "routingControlArn": "RoutingControlArn",
    "type": "Type",
}
"""Inputs that are decided once → member."""
ALARM = {"cloudwatchAlarmName": "Name", "cloudwatchAlarmRegion": "Region"}
NUMBERS = ("childHealthThreshold", "failureThreshold", "port", "requestInterval")


def _tagging(kind: str) -> Tagging:
    resource = {"ResourceType": kind, "ResourceId": "{id}"}
    return Tagging(
        member="",
        form="list",
        add="change_tags_for_resource",
        remove="change_tags_for_resource",
        resource=resource,
        read=Ask("list_tags_for_resource", resource, "ResourceTagSet.Tags"),
        tags_member="AddTags",
        keys_member="RemoveTagKeys",
    )


def _create_zone(context: Context) -> Any:
    """Create a zone; a private one in its first VPC, with the others added."""
    vpcs = [
        {"VPCId": each["vpcId"], "VPCRegion": each.get("vpcRegion") or context.region}
        for each in context.inputs.get("vpcs") or ()
    ]
    parameters: dict[str, Any] = {"VPC": vpcs[0]} if vpcs else {}
    if context.inputs.get("delegationSetId"):
        parameters["DelegationSetId"] = context.inputs["delegationSetId"]
    comment = context.inputs.get("comment", "Managed by Pulumi")
    answer = context.call(
        "create_hosted_zone",
        Name=context.inputs["name"],
        CallerReference=str(uuid4()),
        HostedZoneConfig={"Comment": comment, "PrivateZone": bool(vpcs)},
        **parameters,
    )
    identity = answer["HostedZone"]["Id"].rpartition("/")[2]
    for vpc in vpcs[1:]:
        context.call("associate_vpc_with_hosted_zone", HostedZoneId=identity, VPC=vpc)
    return {"Id": identity}


def _read_zone(context: Context) -> Any:
    """Describe a zone under Pulumi's names."""
    found = context.find(Ask("get_hosted_zone", ZONE))
    if found is None:
        return None
    servers = found.get("DelegationSet", {}).get("NameServers", [])
    return {
        "name": found["HostedZone"]["Name"].rstrip("."),
        "comment": found["HostedZone"]["Config"].get("Comment", ""),
        "nameServers": sorted(servers),
        "primaryNameServer": servers[0] if servers else None,
        "vpcs": [
            {"vpcId": vpc["VPCId"], "vpcRegion": vpc["VPCRegion"]} for vpc in found.get("VPCs", ())
        ],
    }


def _set_vpcs(context: Context) -> None:
    """Associate a private zone with its VPCs, and with no others."""
    before, after = ({_vpc(context, each) for each in values} for values in _both(context, "vpcs"))
    for operation, pairs in (
        ("associate_vpc_with_hosted_zone", after - before),
        ("disassociate_vpc_from_hosted_zone", before - after),
    ):
        for vpc, region in sorted(pairs):
            context.call(
                operation, HostedZoneId=context.id, VPC={"VPCId": vpc, "VPCRegion": region}
            )


def _both(context: Context, key: str) -> tuple[list[Any], list[Any]]:
    return context.old.get(key) or [], context.inputs.get(key) or []


def _vpc(context: Context, item: dict[str, str]) -> tuple[str, str]:
    return item["vpcId"], item.get("vpcRegion") or context.region


def _delete_zone(context: Context) -> None:
    """Delete a zone, with the records that others made in it only where the program says so."""
    if context.inputs.get("forceDestroy"):
        sets = context.ask(
            Ask("list_resource_record_sets", {"HostedZoneId": "{id}"}, "ResourceRecordSets")
        )
        changes = [
            {"Action": "DELETE", "ResourceRecordSet": record}
            for record in sets
            if record["Type"] not in OWN_RECORDS
        ]
        if changes:
            batch = {"Changes": changes}
            context.call("change_resource_record_sets", HostedZoneId=context.id, ChangeBatch=batch)
    context.ask(Ask("delete_hosted_zone", ZONE))


def _zones(context: Context) -> Any:
    """Return the zones of that name, with their tags to tell them apart."""
    name = str(context.inputs["name"]).rstrip(".")
    listed = context.call("list_hosted_zones_by_name", DNSName=name)["HostedZones"]
    return [
        {"Id": zone["Id"].rpartition("/")[2], "name": zone["Name"].rstrip(".")} for zone in listed
    ]


def _settings(context: Context, members: dict[str, str]) -> dict[str, Any]:
    """Return settings of a health check as Route 53 writes them."""
    found: dict[str, Any] = {}
    for key, member in members.items():
        value = context.inputs.get(key)
        if value is not None:
            found[member] = int(value) if key in NUMBERS else value
    alarm = {
        member: context.inputs[key] for key, member in ALARM.items() if context.inputs.get(key)
    }
    return found | ({"AlarmIdentifier": alarm} if alarm else {})


def _create_check(context: Context) -> Any:
    """Create a health check."""
    return context.call(
        "create_health_check",
        CallerReference=str(uuid4()),
        HealthCheckConfig=_settings(context, SETTINGS | FIXED),
    )


def _update_check(context: Context) -> None:
    """Change a health check; what the program does not say any more is reset where it can be."""
    gone = [key for key in context.old if context.inputs.get(key) is None]
    resettable = {
        "childHealthchecks": "ChildHealthChecks",
        "fqdn": "FullyQualifiedDomainName",
        "regions": "Regions",
        "resourcePath": "ResourcePath",
    }
    reset = [resettable[key] for key in gone if key in resettable]
    more = {"ResetElements": reset} if reset else {}
    context.call(
        "update_health_check", HealthCheckId=context.id, **_settings(context, SETTINGS), **more
    )


def _read_check(context: Context) -> Any:
    """Describe a health check under Pulumi's names."""
    config = context.find(Ask("get_health_check", CHECK, "HealthCheck.HealthCheckConfig"))
    if config is None:
        return None
    alarm = config.get("AlarmIdentifier", {})
    return {
        **{key: config.get(member) for key, member in (SETTINGS | FIXED).items()},
        **{key: alarm.get(member) for key, member in ALARM.items()},
    }


SPECS = (
    ResourceSpec(
        type="aws:route53/zone:Zone",
        service="route53",
        identity=assigned("Id"),
        fidelity=Fidelity.LIVE,
        create=_create_zone,
        read=_read_zone,
        updates=(
            Update(
                Ask("update_hosted_zone_comment", {**ZONE, "Comment": "{comment}"}), ("comment",)
            ),
            Update(_set_vpcs, ("vpcs",)),
        ),
        delete=_delete_zone,
        outputs={"arn": "arn:aws:route53:::hostedzone/{id}", "zoneId": "{id}"},
        defaults={"comment": "Managed by Pulumi", "forceDestroy": False},
        handled=("comment", "delegationSetId", "forceDestroy", "name", "vpcs"),
        replace=("delegationSetId", "name"),
        no_local_effect=("enableAcceleratedRecovery",),
        tags=_tagging("hostedzone"),
        find=Find(_zones, ("name", "tags")),
        note="answers come from TestDNSAnswer; no name server listens",
    ),
    ResourceSpec(
        type="aws:route53/queryLog:QueryLog",
        service="route53",
        identity=assigned("QueryLoggingConfig.Id"),
        fidelity=Fidelity.LIVE,
        create=Send("create_query_logging_config"),
        answer="QueryLoggingConfig",
        read=Ask("get_query_logging_config", ZONE, "QueryLoggingConfig"),
        delete=Ask("delete_query_logging_config", ZONE),
        names={"zoneId": "HostedZoneId", "cloudwatchLogGroupArn": "CloudWatchLogsLogGroupArn"},
        outputs={"arn": "arn:aws:route53:::queryloggingconfig/{id}"},
        find=Find(
            Ask("list_query_logging_configs", {"HostedZoneId": "{zoneId}"}, "QueryLoggingConfigs"),
            ("zoneId",),
        ),
        note="what TestDNSAnswer is asked is written to the log group",
    ),
    ResourceSpec(
        type="aws:route53/healthCheck:HealthCheck",
        service="route53",
        identity=assigned("HealthCheck.Id"),
        fidelity=Fidelity.LIVE,
        create=_create_check,
        read=_read_check,
        updates=(Update(_update_check, (*SETTINGS, *ALARM)),),
        delete=Ask("delete_health_check", CHECK),
        outputs={"arn": "arn:aws:route53:::healthcheck/{id}"},
        handled=(*SETTINGS, *FIXED, *ALARM),
        replace=(*FIXED, "referenceName", "triggers"),
        no_local_effect=("referenceName", "triggers"),
        tags=_tagging("healthcheck"),
        find=Find(
            Ask(
                "list_health_checks",
                {},
                "HealthChecks[].{Id: Id, type: HealthCheckConfig.Type, "
                "fqdn: HealthCheckConfig.FullyQualifiedDomainName}",
            ),
            ("type", "fqdn", "tags"),
        ),
        note="really probed at its interval, where the target is on this machine",
    ),
)
