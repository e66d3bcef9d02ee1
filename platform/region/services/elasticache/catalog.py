"""Engine versions, events and tags."""

from typing import Any

from platformctl.region.services.base import Call, ServiceError
from platformctl.region.services.elasticache.groups import VERSIONS, GroupOperations

_HOUR = 60
_TABLES = {
    "replicationgroup": ("groups", "ReplicationGroupNotFoundFault"),
    "parametergroup": ("parameter-groups", "CacheParameterGroupNotFound"),
    "subnetgroup": ("subnet-groups", "CacheSubnetGroupNotFoundFault"),
    "snapshot": ("snapshots", "SnapshotNotFoundFault"),
}


class CatalogOperations(GroupOperations):
    """The operations that are about what there is and what happened."""

    def describe_cache_engine_versions(self, call: Call) -> dict[str, Any]:
        """Describe the engine versions there are."""
        wanted, version = call.parameters.get("Engine"), call.parameters.get("EngineVersion")
        return {
            "CacheEngineVersions": [
                {
                    "Engine": engine,
                    "EngineVersion": full,
                    "CacheParameterGroupFamily": f"{engine}{full[0]}" + (".x" * (full[0] == "6")),
                    "CacheEngineDescription": engine.capitalize(),
                }
                for engine, versions in VERSIONS.items()
                for short, full in versions.items()
                if wanted in {None, engine} and version in {None, short, full}
            ]
        }

    def describe_events(self, call: Call) -> dict[str, Any]:
        """Describe what happened, of the last hour unless the request says otherwise."""
        asked = call.parameters
        until = asked["EndTime"].timestamp() if asked.get("EndTime") else self.runtime.now()
        minutes = asked.get("Duration") or _HOUR
        since = asked["StartTime"].timestamp() if asked.get("StartTime") else until - minutes * 60
        return {
            "Events": [
                {**event, "Date": self.shown(event["Date"])}
                for event in self.table(call.region, "events").values()
                if since <= event["Date"] <= until
                and asked.get("SourceIdentifier") in {None, event["SourceIdentifier"]}
                and asked.get("SourceType") in {None, event["SourceType"]}
            ]
        }

    def add_tags_to_resource(self, call: Call) -> dict[str, Any]:
        """Add tags to what an ARN names."""
        arn = self._tagged(call)
        self.set_tags(call.region, arn, call.parameters["Tags"])
        return {"TagList": self.tags(call.region, arn)}

    def remove_tags_from_resource(self, call: Call) -> dict[str, Any]:
        """Remove tags from what an ARN names."""
        arn = self._tagged(call)
        gone = set(call.parameters["TagKeys"])
        left = [tag for tag in self.tags(call.region, arn) if tag["Key"] not in gone]
        self.forget_tags(call.region, arn)
        self.set_tags(call.region, arn, left)
        return {"TagList": left}

    def list_tags_for_resource(self, call: Call) -> dict[str, Any]:
        """List the tags of what an ARN names."""
        return {"TagList": self.tags(call.region, self._tagged(call))}

    def _tagged(self, call: Call) -> str:
        arn = call.parameters["ResourceName"]
        parts = arn.split(":", 6)
        known = _TABLES.get(parts[5]) if len(parts) == 7 else None
        if known is None:
            if len(parts) == 7 and parts[5] == "cluster":
                return self._cluster_arn(call.region, arn, parts[6])
            raise ServiceError("InvalidARN", f"{arn} is not a valid ARN.")
        kind, code = known
        if parts[6] not in self.table(call.region, kind) and "default" not in parts[6]:
            raise ServiceError(code, f"{parts[6]} not found.", 404)
        return arn

    def _cluster_arn(self, region: str, arn: str, name: str) -> str:
        if name.rpartition("-")[0] not in self.table(region, "groups"):
            raise ServiceError("CacheClusterNotFound", f"CacheCluster {name} not found.", 404)
        return arn
