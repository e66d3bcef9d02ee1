"""Records in hosted zones."""

from typing import Any

from platformctl.provider.context import Context
from platformctl.provider.identity import joined
from platformctl.provider.spec import Ask, Fidelity, ResourceSpec, Update

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


def _record(inputs: dict[str, Any]) -> dict[str, Any]:
    """Return a record as Route 53 writes it."""
    record: dict[str, Any] = {"Name": inputs["name"], "Type": inputs["type"]}
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
    return _change(context, action, _record(context.inputs))


def _update(context: Context) -> None:
    """Replace the record by that of the same name, type and set."""
    _change(context, "UPSERT", _record(context.inputs))


def _delete(context: Context) -> None:
    """Delete the record as it is now."""
    found = _find(context)
    if found is not None:
        _change(context, "DELETE", found)


def _find(context: Context) -> Any:
    inputs = context.inputs
    asked = {
        "HostedZoneId": "{zoneId}",
        "StartRecordName": "{name}",
        "StartRecordType": "{type}",
    }
    wanted = str(inputs["name"]).rstrip(".").lower()
    for record in context.find(Ask("list_resource_record_sets", asked, "ResourceRecordSets")) or ():
        same = record["Name"].rstrip(".").lower() == wanted and record["Type"] == inputs["type"]
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
        "zoneId": context.inputs["zoneId"],
        "name": context.inputs["name"],
        "fqdn": found["Name"].rstrip("."),
        "type": found["Type"],
        "ttl": found.get("TTL"),
        "records": [value.strip('"') if texts else value for value in values],
        "setIdentifier": found.get("SetIdentifier"),
        "healthCheckId": found.get("HealthCheckId"),
        "aliases": [target] if target else [],
    }


SPECS = (
    ResourceSpec(
        type="aws:route53/record:Record",
        service="route53",
        identity=joined("zoneId", "name", "type", separator="_"),
        fidelity=Fidelity.API,
        create=_create,
        read=_read,
        updates=(Update(_update, CHANGEABLE),),
        delete=_delete,
        outputs={"fqdn": "{name}"},
        defaults={"allowOverwrite": False},
        handled=("zoneId", "name", "type", "setIdentifier", "allowOverwrite", *CHANGEABLE),
        replace=("zoneId", "name", "type", "setIdentifier"),
        no_local_effect=("cidrRoutingPolicy.*", "geoproximityRoutingPolicy.*"),
        delete_first=True,
        note="recorded; no name server answers",
    ),
)
