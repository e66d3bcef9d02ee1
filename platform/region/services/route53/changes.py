"""ChangeResourceRecordSets: a batch is judged as a whole, and applied as a whole or not at all."""

import ipaddress
import re
from collections.abc import Iterator, Mapping
from typing import Any

from platformctl.region.services.base import Call, ServiceError
from platformctl.region.services.route53.records import CHANGE_LIMIT, Record, absolute, shown
from platformctl.region.services.route53.zones import ZoneOperations, place

ROUTING = ("Failover", "Weight", "Region", "GeoLocation", "MultiValueAnswer")
"""Members that say how one of several record sets of a name is chosen."""
_QUOTED = re.compile(r'("(?:[^"\\]|\\.){0,255}"\s*)+')
_HOST = re.compile(r"(?=.{1,255}$)([A-Za-z0-9_*](?:[A-Za-z0-9_-]{0,61}[A-Za-z0-9_])?\.?)+")
_MAIL = re.compile(r"\d{1,5} \S+")
_LONGEST_TTL = 2147483647


class ChangeOperations(ZoneOperations):
    """Changes of record sets."""

    def change_resource_record_sets(self, call: Call) -> dict[str, Any]:
        """Create, replace and delete record sets, all or none."""
        zone = self.zone(call.parameters["HostedZoneId"])
        changes = call.parameters["ChangeBatch"]["Changes"]
        if not 1 <= len(changes) <= CHANGE_LIMIT:
            raise ServiceError(
                "InvalidChangeBatch", f"Number of changes limit of {CHANGE_LIMIT} exceeded."
            )
        wanted = [(each["Action"], _normal(each["ResourceRecordSet"])) for each in changes]
        for action, record_set in wanted:
            self._must_be_well_formed(action, record_set)
        sets = {_key(each): each for each in zone["RecordSets"]}
        mistakes = [
            mistake
            for action, record_set in wanted
            for mistake in _apply(zone["Name"], sets, action, record_set)
        ]
        if not mistakes:
            mistakes = list(_conflicts(zone, sets, [record_set for _, record_set in wanted]))
        if mistakes:
            raise ServiceError("InvalidChangeBatch", f"[{', '.join(dict.fromkeys(mistakes))}]")
        self.zones()[zone["Id"]] = {**zone, "RecordSets": sorted(sets.values(), key=place)}
        return {"ChangeInfo": self.change_info()}

    def _must_be_well_formed(self, action: str, record_set: Record) -> None:
        """Refuse a record set that makes no sense by itself.

        Raises:
            ServiceError: It has none or too many of values, alias and routing.
        """
        values = record_set.get("ResourceRecords") is not None and "TTL" in record_set
        alias = "AliasTarget" in record_set
        where = (
            f"in Change with [Action={action}, Name={record_set['Name']}, "
            f"Type={record_set['Type']}, SetIdentifier={record_set.get('SetIdentifier', 'null')}]"
        )
        if values == alias or (alias and "TTL" in record_set):
            raise ServiceError(
                "InvalidInput",
                "Invalid request: Expected exactly one of [AliasTarget, all of [TTL, and "
                f"ResourceRecords], or TrafficPolicyInstanceId], but found "
                f"{'more than one' if values or alias else 'none'} {where}",
            )
        routing = [each for each in ROUTING if each in record_set]
        if len(routing) > 1:
            raise ServiceError(
                "InvalidInput", f"Invalid request: Expected one of {routing} {where}"
            )
        if bool(routing) != ("SetIdentifier" in record_set):
            raise ServiceError(
                "InvalidInput",
                f"Invalid request: Missing field 'SetIdentifier' {where}"
                if routing
                else f"Invalid request: Expected a routing policy with SetIdentifier {where}",
            )
        if action != "DELETE" and record_set.get("HealthCheckId"):
            self.check(record_set["HealthCheckId"])
        unwatched = not alias and not record_set.get("HealthCheckId")
        if record_set.get("Failover") == "PRIMARY" and unwatched:
            raise ServiceError(
                "InvalidInput",
                f"Invalid request: Missing field 'HealthCheckId' of a failover primary {where}",
            )


def _normal(given: Mapping[str, Any]) -> Record:
    """Return a record set as it is kept: absolute names, nothing empty."""
    record_set = {key: value for key, value in given.items() if value is not None}
    record_set["Name"] = absolute(record_set["Name"])
    if "AliasTarget" in record_set:
        target = dict(record_set["AliasTarget"])
        target["DNSName"] = absolute(target["DNSName"])
        record_set["AliasTarget"] = target
    return record_set


def _key(record_set: Record) -> tuple[str, str, str]:
    return record_set["Name"], record_set["Type"], record_set.get("SetIdentifier") or ""


def _named(record_set: Record) -> str:
    identifier = record_set.get("SetIdentifier")
    more = f", set identifier='{identifier}'" if identifier else ""
    return f"[name='{shown(record_set['Name'])}', type='{record_set['Type']}'{more}]"


def _apply(
    zone: str, sets: dict[tuple[str, str, str], Record], action: str, record_set: Record
) -> Iterator[str]:
    """Apply one change to the record sets of a zone, and yield what is wrong with it."""
    name, kind = record_set["Name"], record_set["Type"]
    if name != zone and not name.endswith(f".{zone}"):
        yield f"RRSet with DNS name {name} is not permitted in zone {zone}"
        return
    key = _key(record_set)
    present = sets.get(key)
    if action == "DELETE":
        if present is None:
            yield f"Tried to delete resource record set {_named(record_set)} but it was not found"
        elif present != record_set:
            yield (
                f"Tried to delete resource record set {_named(record_set)} but the values "
                "provided do not match the current values"
            )
        elif name == zone and kind in ("NS", "SOA"):
            yield f"A HostedZone must contain at least one {kind} record for the zone itself."
        else:
            del sets[key]
        return
    if action == "CREATE" and present is not None:
        yield f"Tried to create resource record set {_named(record_set)} but it already exists"
        return
    yield from _wrong_values(record_set)
    sets[key] = record_set


def _wrong_values(record_set: Record) -> Iterator[str]:
    """Yield a sentence for each value that is not one of its record's type."""
    if not 0 <= record_set.get("TTL", 0) <= _LONGEST_TTL:
        yield f"Invalid TTL {record_set['TTL']}"
    values = [item["Value"] for item in record_set.get("ResourceRecords", ())]
    kind = record_set["Type"]
    if "ResourceRecords" in record_set and not values:
        yield f"Invalid Resource Record Set {_named(record_set)}: it has no values"
    if kind == "CNAME" and len(values) > 1:
        yield f"RRSet of type CNAME with DNS name {record_set['Name']} may have only one value"
    if len(set(values)) != len(values):
        yield f"Duplicate Resource Record: {_named(record_set)}"
    for value in values:
        reason = _reason(kind, value)
        if reason:
            yield f"Invalid Resource Record: 'FATAL problem: {reason} encountered with '{value}''"


def _reason(kind: str, value: str) -> str:
    """Say why a value is not one of a type; "" if it is."""
    if kind in ("A", "AAAA"):
        family = ipaddress.IPv4Address if kind == "A" else ipaddress.IPv6Address
        try:
            family(value)
        except ValueError:
            version = "IPv4" if kind == "A" else "IPv6"
            return f"{kind}RRDATAIllegal{version}Address (Value is not a valid {version} address)"
    if kind in ("TXT", "SPF") and not _QUOTED.fullmatch(value):
        return "InvalidCharacterString (Value should be enclosed in quotation marks)"
    if kind in ("CNAME", "NS", "PTR") and not _HOST.fullmatch(value):
        return "DomainLabelIllegal (Value is not a domain name)"
    if kind == "MX" and not _MAIL.fullmatch(value):
        return "MXRRDATANotTwoFields (Value is not a priority and a host)"
    return ""


def _conflicts(
    zone: Record, sets: Mapping[tuple[str, str, str], Record], touched: list[Record]
) -> Iterator[str]:
    """Yield a sentence for each touched record set that cannot stand beside the others."""
    by_name: dict[str, list[Record]] = {}
    for each in sets.values():
        by_name.setdefault(each["Name"], []).append(each)
    for record_set in touched:
        if sets.get(_key(record_set)) is not record_set:
            continue
        name, kind = record_set["Name"], record_set["Type"]
        others = [each for each in by_name[name] if each is not record_set]
        if kind == "CNAME" and name == zone["Name"]:
            yield (
                f"RRSet of type CNAME with DNS name {name} is not permitted at apex in zone "
                f"{zone['Name']}"
            )
        if any("CNAME" in (kind, each["Type"]) and kind != each["Type"] for each in others):
            yield (
                f"RRSet of type {kind} with DNS name {name} is not permitted as it conflicts with "
                f"other records with the same DNS name in zone {zone['Name']}"
            )
        siblings = [each for each in others if each["Type"] == kind]
        routing = next((each for each in ROUTING if each in record_set), None)
        if any(routing is None or routing not in each for each in siblings):
            yield (
                f"RRSet with DNS name {name}, type {kind}, SetIdentifier "
                f"{record_set.get('SetIdentifier', 'null')} cannot be created as other RRSets "
                "exist with the same name and type."
            )
        if routing in ("Failover", "Region", "GeoLocation") and any(
            each.get(routing) == record_set[routing] for each in siblings
        ):
            yield (
                f"RRSet with DNS name {name}, type {kind}, SetIdentifier "
                f"{record_set['SetIdentifier']} cannot be created as a non-"
                f"{routing.lower()} distinct RRSet exists: {record_set[routing]}"
            )
        yield from _lost_alias(zone, sets, record_set)


def _lost_alias(
    zone: Record, sets: Mapping[tuple[str, str, str], Record], record_set: Record
) -> Iterator[str]:
    """Yield a sentence if a record set is an alias of one in its zone that is not there."""
    target = record_set.get("AliasTarget")
    if target is None or target["HostedZoneId"] != zone["Id"]:
        return
    kind, name = record_set["Type"], target["DNSName"]
    if not any((each["Name"], each["Type"]) == (name, kind) for each in sets.values()):
        yield (
            f"Tried to create an alias that targets {name}, type {kind} in zone {zone['Id']}, "
            "but that target was not found"
        )
