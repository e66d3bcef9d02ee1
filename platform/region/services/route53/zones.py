"""Hosted zones and the listing of their record sets."""

import re
from typing import Any

from platformctl.region.services.base import Call, ServiceError
from platformctl.region.services.route53.records import (
    Record,
    Records,
    absolute,
    bare,
    new_id,
    shown,
    sort_key,
)

PAGE = 300
"""Most record sets on a page."""
_NAME = re.compile(r"(?=.{1,255}$)(?:[a-z0-9_](?:[a-z0-9_/-]{0,61}[a-z0-9_])?\.)+")
_SERVERS = ("ns-1.local.test.", "ns-2.local.test.", "ns-3.local.test.", "ns-4.local.test.")
_SOA = "ns-1.local.test. hostmaster.local.test. 1 7200 900 1209600 86400"


class ZoneOperations(Records):
    """Operations on hosted zones."""

    def create_hosted_zone(self, call: Call) -> dict[str, Any]:
        """Create a zone with its own NS and SOA records."""
        parameters = call.parameters
        name = absolute(parameters["Name"])
        if not _NAME.fullmatch(name):
            raise ServiceError(
                "InvalidDomainName", f"{parameters['Name']} is not a valid domain name"
            )
        for present in self.zones().values():
            if present["CallerReference"] == parameters["CallerReference"]:
                raise ServiceError(
                    "HostedZoneAlreadyExists",
                    "A hosted zone has already been created with the specified caller reference.",
                    409,
                )
        config = dict(parameters.get("HostedZoneConfig") or {})
        vpc = parameters.get("VPC")
        record: Record = {
            "Id": new_id("Z"),
            "Name": name,
            "CallerReference": parameters["CallerReference"],
            "Comment": config.get("Comment") or "",
            "VPCs": [dict(vpc)] if vpc else [],
            "Tags": {},
            "RecordSets": [
                _own(name, "NS", 172800, _SERVERS),
                _own(name, "SOA", 900, [_SOA]),
            ],
        }
        self.zones()[record["Id"]] = record
        return {
            "HostedZone": _described(record),
            "ChangeInfo": self.change_info(),
            "DelegationSet": {"NameServers": _servers(record)},
            "Location": f"https://route53.amazonaws.com/2013-04-01/hostedzone/{record['Id']}",
            **({"VPC": vpc} if vpc else {}),
        }

    def get_hosted_zone(self, call: Call) -> dict[str, Any]:
        """Describe a zone."""
        record = self.zone(call.parameters["Id"])
        answer: dict[str, Any] = {"HostedZone": _described(record)}
        if record["VPCs"]:
            return {**answer, "VPCs": record["VPCs"]}
        return {**answer, "DelegationSet": {"NameServers": _servers(record)}}

    def list_hosted_zones(self, call: Call) -> dict[str, Any]:
        """List zones in the order of their creation."""
        del call
        zones = [_described(record) for record in self.zones().values()]
        return {"HostedZones": zones, "Marker": "", "IsTruncated": False, "MaxItems": "100"}

    def list_hosted_zones_by_name(self, call: Call) -> dict[str, Any]:
        """List zones by name from a name on."""
        first = call.parameters.get("DNSName")
        limit = int(call.parameters.get("MaxItems") or 100)
        records = sorted(
            self.zones().values(), key=lambda zone: (sort_key(zone["Name"]), zone["Id"])
        )
        if first:
            start = (sort_key(absolute(first)), bare(call.parameters.get("HostedZoneId") or ""))
            records = [zone for zone in records if (sort_key(zone["Name"]), zone["Id"]) >= start]
        page, rest = records[:limit], records[limit:]
        more = {"NextDNSName": rest[0]["Name"], "NextHostedZoneId": rest[0]["Id"]} if rest else {}
        return {
            "HostedZones": [_described(record) for record in page],
            "IsTruncated": bool(rest),
            "MaxItems": str(limit),
            **({"DNSName": first} if first else {}),
            **more,
        }

    def get_hosted_zone_count(self, call: Call) -> dict[str, Any]:
        """Count the zones."""
        del call
        return {"HostedZoneCount": len(self.zones())}

    def update_hosted_zone_comment(self, call: Call) -> dict[str, Any]:
        """Change a zone's comment."""
        record = self.zone(call.parameters["Id"])
        changed = {**record, "Comment": call.parameters.get("Comment") or ""}
        self.zones()[record["Id"]] = changed
        return {"HostedZone": _described(changed)}

    def delete_hosted_zone(self, call: Call) -> dict[str, Any]:
        """Delete a zone that has only its own records left."""
        record = self.zone(call.parameters["Id"])
        if len(record["RecordSets"]) > 2:
            raise ServiceError(
                "HostedZoneNotEmpty",
                "The specified hosted zone contains non-required resource record sets and so "
                "cannot be deleted.",
            )
        del self.zones()[record["Id"]]
        for identity, config in zip(
            self.query_logs().keys(), self.query_logs().values(), strict=True
        ):
            if config["HostedZoneId"] == record["Id"]:
                del self.query_logs()[identity]
        return {"ChangeInfo": self.change_info()}

    def associate_vpc_with_hosted_zone(self, call: Call) -> dict[str, Any]:
        """Let another VPC use a private zone."""
        record = self.zone(call.parameters["HostedZoneId"])
        if not record["VPCs"]:
            raise ServiceError(
                "PublicZoneVPCAssociation", "A public hosted zone cannot be associated with a VPC."
            )
        vpc = dict(call.parameters["VPC"])
        others = [each for each in record["VPCs"] if each != vpc]
        self.zones()[record["Id"]] = {**record, "VPCs": [*others, vpc]}
        return {"ChangeInfo": self.change_info()}

    def disassociate_vpc_from_hosted_zone(self, call: Call) -> dict[str, Any]:
        """Take a private zone away from a VPC, unless it is the last."""
        record = self.zone(call.parameters["HostedZoneId"])
        vpc = dict(call.parameters["VPC"])
        if vpc not in record["VPCs"]:
            raise ServiceError(
                "VPCAssociationNotFound",
                f"The VPC {vpc['VPCId']} is not associated with the hosted zone.",
                404,
            )
        if len(record["VPCs"]) == 1:
            raise ServiceError(
                "LastVPCAssociation", "The last VPC of a private hosted zone cannot be removed."
            )
        others = [each for each in record["VPCs"] if each != vpc]
        self.zones()[record["Id"]] = {**record, "VPCs": others}
        return {"ChangeInfo": self.change_info()}

    def get_change(self, call: Call) -> dict[str, Any]:
        """Describe a change; every one is in force at once."""
        return {
            "ChangeInfo": {**self.change_info(), "Id": f"/change/{bare(call.parameters['Id'])}"}
        }

    def list_resource_record_sets(self, call: Call) -> dict[str, Any]:
        """List record sets by name, type and set from a place on."""
        parameters = call.parameters
        record = self.zone(parameters["HostedZoneId"])
        limit = min(int(parameters.get("MaxItems") or PAGE), PAGE)
        found = record["RecordSets"]
        if parameters.get("StartRecordName"):
            name = absolute(parameters["StartRecordName"])
            kind = parameters.get("StartRecordType") or ""
            start = (sort_key(name), kind, parameters.get("StartRecordIdentifier") or "")
            found = [each for each in found if place(each) >= start]
        page, rest = found[:limit], found[limit:]
        answer: dict[str, Any] = {
            "ResourceRecordSets": [{**each, "Name": shown(each["Name"])} for each in page],
            "IsTruncated": bool(rest),
            "MaxItems": str(limit),
        }
        if rest:
            following = rest[0]
            answer["NextRecordName"] = shown(following["Name"])
            answer["NextRecordType"] = following["Type"]
            if following.get("SetIdentifier"):
                answer["NextRecordIdentifier"] = following["SetIdentifier"]
        return answer


def place(record_set: Record) -> tuple[tuple[str, ...], str, str]:
    """Return what record sets are ordered by."""
    name = sort_key(record_set["Name"])
    return name, record_set["Type"], record_set.get("SetIdentifier") or ""


def _own(name: str, kind: str, ttl: int, values: Any) -> Record:
    records = [{"Value": value} for value in values]
    return {"Name": name, "Type": kind, "TTL": ttl, "ResourceRecords": records}


def _servers(record: Record) -> list[str]:
    own = next(each for each in record["RecordSets"] if each["Type"] == "NS")
    return [item["Value"].rstrip(".") for item in own["ResourceRecords"]]


def _described(record: Record) -> Record:
    return {
        "Id": f"/hostedzone/{record['Id']}",
        "Name": record["Name"],
        "CallerReference": record["CallerReference"],
        "Config": {"Comment": record["Comment"], "PrivateZone": bool(record["VPCs"])},
        "ResourceRecordSetCount": len(record["RecordSets"]),
    }
