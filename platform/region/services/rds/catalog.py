"""What RDS offers, what happened, and tags."""

from typing import Any

from platformctl.region.services.base import Call, ServiceError
from platformctl.region.services.rds.engine import (
    CLASSES,
    ENGINE,
    LATEST_MINOR,
    check_engine,
    family_of,
    full_version,
)
from platformctl.region.services.rds.names import last
from platformctl.region.services.rds.proxies import ProxyOperations

_HOUR = 60
_TABLES = {
    "db": ("instances", "DBInstanceNotFound", "DBInstance"),
    "snapshot": ("snapshots", "DBSnapshotNotFound", "DBSnapshot"),
    "subgrp": ("subnet-groups", "DBSubnetGroupNotFoundFault", "DBSubnetGroup"),
    "cluster": ("document-clusters", "DBClusterNotFoundFault", "DBCluster"),
    "cluster-pg": ("cluster-parameter-groups", "DBParameterGroupNotFound", "DBParameterGroup"),
    "pg": ("parameter-groups", "DBParameterGroupNotFound", "DBParameterGroup"),
    "db-proxy": ("proxies", "DBProxyNotFoundFault", "DB Proxy"),
    "target-group": ("proxies", "DBProxyTargetGroupNotFoundFault", "Target group"),
}
"""Kind in an ARN → its table, the error when it is missing, and what it is called there."""


class CatalogOperations(ProxyOperations):
    """Engine versions, orderable instances, certificates, events and tags."""

    def describe_db_engine_versions(self, call: Call) -> dict[str, Any]:
        """Describe the engine versions there are."""
        asked = call.parameters
        if asked.get("Engine"):
            check_engine(asked["Engine"])
        versions = [f"{major}.{minor}" for major, minor in LATEST_MINOR.items()]
        wanted = asked.get("EngineVersion")
        if wanted:
            try:
                versions = [full_version(wanted)]
            except ServiceError:
                versions = []
        family = asked.get("DBParameterGroupFamily")
        chosen = [one for one in versions if family in {None, family_of(one)}]
        if asked.get("DefaultOnly"):
            chosen = [one for one in chosen if one == full_version(None)] or chosen[-1:]
        return {"DBEngineVersions": [_shown_version(version) for version in chosen]}

    def describe_db_major_engine_versions(self, call: Call) -> dict[str, Any]:
        """Describe the major versions there are."""
        if call.parameters.get("Engine"):
            check_engine(call.parameters["Engine"])
        return {
            "DBMajorEngineVersions": [
                {"Engine": ENGINE, "MajorEngineVersion": str(major)} for major in LATEST_MINOR
            ]
        }

    def describe_orderable_db_instance_options(self, call: Call) -> dict[str, Any]:
        """Describe which classes can be had."""
        asked = call.parameters
        check_engine(asked["Engine"])
        version = full_version(asked.get("EngineVersion"))
        wanted = asked.get("DBInstanceClass")
        zones = [{"Name": zone} for zone in self.zones(call.region)]
        options = [
            {
                "Engine": ENGINE,
                "EngineVersion": version,
                "DBInstanceClass": name,
                "LicenseModel": "postgresql-license",
                "AvailabilityZones": zones,
                "MultiAZCapable": True,
                "ReadReplicaCapable": True,
                "Vpc": True,
                "SupportsStorageEncryption": True,
                "StorageType": "gp3",
                "SupportsIops": False,
                "SupportsStorageAutoscaling": True,
            }
            for name in CLASSES
            if wanted in {None, name}
        ]
        return {"OrderableDBInstanceOptions": options}

    def describe_certificates(self, call: Call) -> dict[str, Any]:
        """Describe the authority that the endpoints' certificates come from."""
        return {
            "Certificates": [
                {
                    "CertificateIdentifier": "rds-ca-rsa2048-g1",
                    "CertificateType": "CA",
                    "CertificateArn": f"arn:aws:rds:{call.region}::cert:rds-ca-rsa2048-g1",
                }
            ]
        }

    def describe_events(self, call: Call) -> dict[str, Any]:
        """Describe what happened, of the last hour unless the request says otherwise."""
        asked = call.parameters
        until = asked["EndTime"].timestamp() if asked.get("EndTime") else self.runtime.now()
        minutes = asked.get("Duration") or _HOUR
        since = asked["StartTime"].timestamp() if asked.get("StartTime") else until - minutes * 60
        chosen = [
            {**event, "Date": self.shown(event["Date"])}
            for event in self.table(call.region, "events").values()
            if since <= event["Date"] <= until
            and asked.get("SourceIdentifier") in {None, event["SourceIdentifier"]}
            and asked.get("SourceType") in {None, event["SourceType"]}
            and (
                not asked.get("EventCategories")
                or set(asked["EventCategories"]).intersection(event["EventCategories"])
            )
        ]
        return {"Events": chosen}

    def add_tags_to_resource(self, call: Call) -> dict[str, Any]:
        """Add tags to what an ARN names."""
        resource = self._tagged(call)
        self.set_tags(call.region, resource, call.parameters["Tags"])
        return {}

    def remove_tags_from_resource(self, call: Call) -> dict[str, Any]:
        """Remove tags from what an ARN names."""
        resource = self._tagged(call)
        gone = set(call.parameters["TagKeys"])
        left = [tag for tag in self.tags(call.region, resource) if tag["Key"] not in gone]
        self.forget_tags(call.region, resource)
        self.set_tags(call.region, resource, left)
        return {}

    def list_tags_for_resource(self, call: Call) -> dict[str, Any]:
        """List the tags of what an ARN names."""
        return {"TagList": self.tags(call.region, self._tagged(call))}

    def _tagged(self, call: Call) -> str:
        """Return the ARN that a tag operation names, if what it names exists."""
        resource = call.parameters["ResourceName"]
        parts = resource.split(":", 6)
        known = _TABLES.get(parts[5]) if len(parts) == 7 else None
        if known is None:
            raise ServiceError("InvalidParameterValue", f"Invalid resource name: {resource}")
        kind, code, title = known
        table = self.table(call.region, kind)
        if kind == "proxies":
            found = any(
                resource in {record["shape"]["DBProxyArn"], record["group"]["arn"]}
                for record in table.values()
            )
        else:
            tables = [table]
            if kind == "instances":
                tables.append(self.table(call.region, "document-instances"))
            named = any(last(resource) in one for one in tables)
            found = named or last(resource).startswith("default")
        if not found:
            raise ServiceError(code, f"{title} {last(resource)} not found.", 404)
        return resource


def _shown_version(version: str) -> dict[str, Any]:
    return {
        "Engine": ENGINE,
        "EngineVersion": version,
        "DBParameterGroupFamily": family_of(version),
        "DBEngineDescription": "PostgreSQL",
        "DBEngineVersionDescription": f"PostgreSQL {version}",
        "MajorEngineVersion": version.partition(".")[0],
        "SupportsReadReplica": True,
        "SupportsLogExportsToCloudwatchLogs": True,
        "ExportableLogTypes": ["postgresql", "upgrade"],
        "Status": "available",
        "ValidUpgradeTarget": [],
    }
