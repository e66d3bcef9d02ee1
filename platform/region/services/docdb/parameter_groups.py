"""Cluster parameter groups of DocumentDB."""

import copy
from collections.abc import Mapping
from typing import Any

from platformctl.region.services.base import Call, ServiceError
from platformctl.region.services.rds.catalog import CatalogOperations

DEFAULTS: Mapping[str, tuple[str, str]] = {
    "audit_logs": ("disabled", "dynamic"),
    "change_stream_log_retention_duration": ("10800", "dynamic"),
    "profiler": ("disabled", "dynamic"),
    "profiler_sampling_rate": ("1.0", "dynamic"),
    "profiler_threshold_ms": ("100", "dynamic"),
    "tls": ("enabled", "static"),
    "ttl_monitor": ("enabled", "dynamic"),
}
"""Parameter → its default, and whether a restart is needed; only `tls` does something here."""
FAMILIES = ("docdb4.0", "docdb5.0")


class ClusterParameterGroupOperations(CatalogOperations):
    """The operations on cluster parameter groups."""

    def create_db_cluster_parameter_group(self, call: Call) -> dict[str, Any]:
        """Create a group in which every parameter has its default."""
        asked = call.parameters
        name, family = asked["DBClusterParameterGroupName"].lower(), asked["DBParameterGroupFamily"]
        table = self.table(call.region, "cluster-parameter-groups")
        if name in table or name.startswith("default."):
            raise ServiceError("DBParameterGroupAlreadyExists", f"{name} already exists")
        if family not in FAMILIES:
            raise ServiceError(
                "InvalidParameterValue", f"ParameterGroupFamily {family} is not a valid family"
            )
        arn = self.arn(call.region, "cluster-pg", name)
        table[name] = {
            "DBClusterParameterGroupName": name,
            "DBParameterGroupFamily": family,
            "Description": asked["Description"],
            "DBClusterParameterGroupArn": arn,
            "values": {},
        }
        self.set_tags(call.region, arn, asked.get("Tags") or ())
        return {"DBClusterParameterGroup": table[name]}

    def describe_db_cluster_parameter_groups(self, call: Call) -> dict[str, Any]:
        """Describe one group, or all."""
        wanted = call.parameters.get("DBClusterParameterGroupName")
        if wanted:
            return {"DBClusterParameterGroups": [self.cluster_group(call.region, wanted)]}
        own = self.table(call.region, "cluster-parameter-groups").values()
        built_in = [self.cluster_group(call.region, f"default.{one}") for one in FAMILIES]
        return {"DBClusterParameterGroups": [*built_in, *own]}

    def describe_db_cluster_parameters(self, call: Call) -> dict[str, Any]:
        """Describe every parameter of a group."""
        group = self.cluster_group(call.region, call.parameters["DBClusterParameterGroupName"])
        source = call.parameters.get("Source")
        shown = [
            {
                "ParameterName": name,
                "ParameterValue": group["values"].get(name, {"value": default})["value"],
                "Source": "user" if name in group["values"] else "system",
                "ApplyType": kind,
                "ApplyMethod": group["values"].get(name, {}).get("method", "pending-reboot"),
                "IsModifiable": True,
            }
            for name, (default, kind) in DEFAULTS.items()
        ]
        return {"Parameters": [one for one in shown if source in (None, one["Source"])]}

    def modify_db_cluster_parameter_group(self, call: Call) -> dict[str, Any]:
        """Set parameters."""
        record = self._own_group(call)
        for one in call.parameters["Parameters"]:
            name = one["ParameterName"]
            if name not in DEFAULTS:
                raise ServiceError("InvalidParameterValue", f"Could not find parameter: {name}")
            method = one.get("ApplyMethod", "pending-reboot")
            if DEFAULTS[name][1] == "static" and method == "immediate":
                raise ServiceError(
                    "InvalidParameterCombination",
                    f"cannot use immediate apply method for static parameter: {name}",
                )
            record["values"][name] = {"value": one["ParameterValue"], "method": method}
        return self._put_group(call.region, record)

    def reset_db_cluster_parameter_group(self, call: Call) -> dict[str, Any]:
        """Give parameters their defaults back."""
        record = self._own_group(call)
        asked = call.parameters
        named = [one["ParameterName"] for one in asked.get("Parameters") or ()]
        for name in list(record["values"]):
            if asked.get("ResetAllParameters") or name in named:
                del record["values"][name]
        return self._put_group(call.region, record)

    def delete_db_cluster_parameter_group(self, call: Call) -> dict[str, Any]:
        """Delete a group that no cluster uses."""
        record = self._own_group(call)
        name = record["DBClusterParameterGroupName"]
        clusters = self.table(call.region, "document-clusters").values()
        if any(one["shape"]["DBClusterParameterGroup"] == name for one in clusters):
            raise ServiceError("InvalidDBParameterGroupState", f"{name} is in use")
        self.forget_tags(call.region, record["DBClusterParameterGroupArn"])
        del self.table(call.region, "cluster-parameter-groups")[name]
        return {}

    def cluster_group(self, region: str, reference: str) -> dict[str, Any]:
        """Return a group's record; the default ones always exist.

        Raises:
            ServiceError: There is none of that name.
        """
        name = reference.rpartition(":")[2].lower()
        record = self.table(region, "cluster-parameter-groups").get(name)
        if record is not None:
            return record
        family = name.removeprefix("default.")
        if name.startswith("default.") and family in FAMILIES:
            return {
                "DBClusterParameterGroupName": name,
                "DBParameterGroupFamily": family,
                "Description": f"Default cluster parameter group for {family}",
                "DBClusterParameterGroupArn": self.arn(region, "cluster-pg", name),
                "values": {},
            }
        raise ServiceError("DBParameterGroupNotFound", f"DBClusterParameterGroup not found: {name}")

    def cluster_parameter(self, region: str, group: str, name: str) -> str:
        """Return the value of a parameter in a group."""
        values = self.cluster_group(region, group)["values"]
        return values[name]["value"] if name in values else DEFAULTS[name][0]

    def _own_group(self, call: Call) -> dict[str, Any]:
        record = self.cluster_group(call.region, call.parameters["DBClusterParameterGroupName"])
        name = record["DBClusterParameterGroupName"]
        if name.startswith("default."):
            raise ServiceError("InvalidParameterValue", f"{name} cannot be changed.")
        return copy.deepcopy(record)

    def _put_group(self, region: str, record: dict[str, Any]) -> dict[str, Any]:
        name = record["DBClusterParameterGroupName"]
        self.table(region, "cluster-parameter-groups")[name] = record
        return {"DBClusterParameterGroupName": name}
