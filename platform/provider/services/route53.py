"""Records in hosted zones."""

import re
from typing import Any

from botocore.exceptions import ClientError

from platformctl.provider.context import Context
from platformctl.provider.identity import assigned
from platformctl.provider.spec import Ask, Fidelity, Find, ResourceSpec, Update

ROUTING = {
    "failoverRoutingPolicies": {"type": "Failover"},
    "weightedRoutingPolicies": {"weight": "Weight"},
    "latencyRoutingPolicies": {"region": "Region"},
    "geolocationRoutingPolicies": {
        "continent": "GeoLocation.ContinentCode",
        "country": "GeoLocation.CountryCode",
        "subdivision": "GeoLocation.SubdivisionCode",
    },
}
"""Routing inputs: member → member of the record set."""
CHANGEABLE = (
    "aliases",
    *ROUTING,
    "healthCheckId",
    "multivalueAnswerRoutingPolicy",
    "records",
    "ttl",
)


def _full_name(context: Context) -> str:
    """Return a record's name with its zone, which a program may leave out."""
    name = str(context.inputs["name"]).rstrip(".").lower()
    zone = context.ask(Ask("get_hosted_zone", {"Id": "{zoneId}"}, "HostedZone.Name")).rstrip(".")
    inside = name == zone or name.endswith(f".{zone}")
    return name if inside else f"{name}.{zone}".lstrip(".")


def _record(context: Context) -> dict[str, Any]:
    """Return a record as Route 53 writes it."""
    inputs = context.inputs
    record: dict[str, Any] = {"Name": _full_name(context), "Type": inputs["type"]}
    if inputs.get("ttl") is not None:
        record["TTL"] = int(inputs["ttl"])
    if inputs.get("records"):
        record["ResourceRecords"] = [{"Value": _quoted(inputs, each)} for each in inputs["records"]]
    for alias in inputs.get("aliases") or ():
        record["AliasTarget"] = {
            "DNSName": alias["name"],
            "HostedZoneId": alias["zoneId"],
            "EvaluateTargetHealth": bool(alias["evaluateTargetHealth"]),
        }
    for key, member in (("setIdentifier", "SetIdentifier"), ("healthCheckId", "HealthCheckId")):
        if inputs.get(key):
            record[member] = inputs[key]
    if inputs.get("multivalueAnswerRoutingPolicy"):
        record["MultiValueAnswer"] = True
    return record | _routing(inputs)


def _routing(inputs: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for key, members in ROUTING.items():
        given: Any = inputs.get(key) or {}
        policy = given[0] if isinstance(given, list) else given
        for name, member in members.items():
            if policy.get(name) is not None:
                outer, _, inner = member.partition(".")
                if inner:
                    found.setdefault(outer, {})[inner] = policy[name]
                else:
                    found[outer] = policy[name]
    return found


def _quoted(inputs: dict[str, Any], value: str) -> str:
    text = inputs["type"] in ("TXT", "SPF") and not value.startswith('"')
    return f'"{value}"' if text else value


def _change(context: Context, action: str, record: dict[str, Any]) -> Any:
    return context.call(
        "change_resource_record_sets",
        HostedZoneId=context.inputs["zoneId"],
        ChangeBatch={"Changes": [{"Action": action, "ResourceRecordSet": record}]},
    )


def _create(context: Context) -> Any:
    """Create a record; take over one that is there only when the program says so."""
    action = "UPSERT" if context.inputs.get("allowOverwrite") else "CREATE"
    record = _record(context)
    _change(context, action, record)
    return {"Id": _identity(context.inputs), "Fqdn": record["Name"]}


def _identity(inputs: dict[str, Any]) -> str:
    parts = (inputs["zoneId"], inputs["name"], inputs["type"], inputs.get("setIdentifier"))
    return "_".join(str(part) for part in parts if part)


def _inputs_of(identity: str) -> dict[str, str]:
    """Return the inputs that an id gives away: zone, name, type and perhaps set."""
    zone, _, rest = identity.partition("_")
    found = re.fullmatch(r"(?P<name>.*?)_(?P<type>[A-Z]+)(?:_(?P<setIdentifier>.+))?", rest)
    given = found.groupdict() if found else {}
    return {"zoneId": zone} | {key: value for key, value in given.items() if value}


def _update(context: Context) -> None:
    """Replace the record by that of the same name, type and set."""
    _change(context, "UPSERT", _record(context))


def _delete(context: Context) -> None:
    """Delete the record as it is now.

    Certificates for the same name share their proof: another may have deleted it meanwhile.
    """
    found = _find(context)
    if found is None:
        return
    try:
        _change(context, "DELETE", found)
    except ClientError as error:
        if "not found" not in error.response["Error"]["Message"]:
            raise


def _find(context: Context) -> Any:
    inputs = context.inputs
    for key, value in _inputs_of(context.id).items():
        inputs.setdefault(key, value)
    if context.find(Ask("get_hosted_zone", {"Id": "{zoneId}"})) is None:
        return None
    wanted = _full_name(context)
    asked = {
        "HostedZoneId": "{zoneId}",
        "StartRecordName": wanted,
        "StartRecordType": "{type}",
    }
    for record in context.find(Ask("list_resource_record_sets", asked, "ResourceRecordSets")) or ():
        name = record["Name"].rstrip(".").replace("\\052", "*").lower()
        same = name == wanted and record["Type"] == inputs["type"]
        if same and record.get("SetIdentifier") == inputs.get("setIdentifier"):
            return record
    return None


def _read(context: Context) -> Any:
    """Describe a record under Pulumi's names."""
    found = _find(context)
    if found is None:
        return None
    alias = found.get("AliasTarget")
    target = (
        {
            "name": alias["DNSName"].rstrip("."),
            "zoneId": alias["HostedZoneId"],
            "evaluateTargetHealth": alias["EvaluateTargetHealth"],
        }
        if alias
        else None
    )
    values = [item["Value"] for item in found.get("ResourceRecords", ())]
    texts = found["Type"] in ("TXT", "SPF")
    return {
        "id": _identity(context.inputs),
        "zoneId": context.inputs["zoneId"],
        "name": context.inputs["name"],
        "fqdn": found["Name"].rstrip("."),
        "type": found["Type"],
        "ttl": found.get("TTL"),
        "records": [value.strip('"') if texts else value for value in values],
        "setIdentifier": found.get("SetIdentifier"),
        "healthCheckId": found.get("HealthCheckId"),
        "multivalueAnswerRoutingPolicy": found.get("MultiValueAnswer"),
        "aliases": [target] if target else [],
        **_policies(found),
    }


def _policies(record: dict[str, Any]) -> dict[str, Any]:
    """Return the routing policies of a record under Pulumi's names."""
    found: dict[str, Any] = {}
    for key, members in ROUTING.items():
        policy: dict[str, Any] = {}
        for name, member in members.items():
            outer, _, inner = member.partition(".")
            value = record.get(outer)
            value = (value or {}).get(inner) if inner else value
            if value is not None:
                policy[name] = value
        if policy:
            found[key] = [policy]
    return found


def _candidates(context: Context) -> Any:
    """Return the record that has the name, type and set, if it is there."""
    found = _read(context)
    return [] if found is None else [found]


SPECS = (
    ResourceSpec(
        type="aws:route53/record:Record",
        service="route53",
        identity=assigned("Id || id"),
        fidelity=Fidelity.LIVE,
        create=_create,
        read=_read,
        updates=(Update(_update, CHANGEABLE),),
        delete=_delete,
        defaults={"allowOverwrite": False},
        handled=("zoneId", "name", "type", "setIdentifier", "allowOverwrite", *CHANGEABLE),
        replace=("zoneId", "name", "type", "setIdentifier"),
        no_local_effect=("cidrRoutingPolicy.*", "geoproximityRoutingPolicy.*"),
        delete_first=True,
        find=Find(_candidates, ("name", "type")),
        note="answered by TestDNSAnswer, health included; no name server listens",
    ),
)
