"""Replication groups: created, described, changed and deleted."""

import re
from collections.abc import Mapping
from typing import Any

from platformctl.region.servers.redis.node import digest
from platformctl.region.services.base import Call, ServiceError
from platformctl.region.services.elasticache.records import combination, invalid
from platformctl.region.services.elasticache.snapshots import SnapshotOperations

PORT = 6379
VERSIONS = {
    "redis": {"6.2": "6.2.6", "7.0": "7.0.7", "7.1": "7.1.0"},
    "valkey": {"7.2": "7.2.6", "8.0": "8.0.1"},
}
"""Engine → version as it is asked for → version as it is described."""
_IDENTIFIER = re.compile(r"^[a-z](?:-?[a-z0-9])*$")
_MOST_NODES = 6
_KEPT = (
    "AutoMinorVersionUpgrade",
    "CacheNodeType",
    "DataTieringEnabled",
    "KmsKeyId",
    "NotificationTopicArn",
    "PreferredMaintenanceWindow",
    "SnapshotRetentionLimit",
    "SnapshotWindow",
    "NetworkType",
    "IpDiscovery",
)
_DEFAULTS = {
    "AutoMinorVersionUpgrade": True,
    "CacheNodeType": "cache.t3.micro",
    "PreferredMaintenanceWindow": "sun:05:00-sun:06:00",
    "SnapshotRetentionLimit": 0,
    "SnapshotWindow": "03:00-04:00",
    "NetworkType": "ipv4",
    "IpDiscovery": "ipv4",
}


class GroupOperations(SnapshotOperations):
    """The operations on replication groups and what they are made of."""

    def create_replication_group(self, call: Call) -> dict[str, Any]:
        """Create a replication group; its keeper starts the servers."""
        asked, region = call.parameters, call.region
        name = asked["ReplicationGroupId"].lower()
        if not _IDENTIFIER.match(name) or len(name) > 40:
            raise invalid(f"The ReplicationGroupId {name} is not a valid identifier.")
        if name in self.table(region, "groups"):
            raise ServiceError(
                "ReplicationGroupAlreadyExists", f"Replication group {name} already exists."
            )
        count = _node_count(asked)
        self._check_creation(asked, count)
        engine = asked.get("Engine") or "redis"
        version = _full_version(engine, asked.get("EngineVersion"))
        group = asked.get("CacheParameterGroupName") or f"default.{_family(engine, version)}"
        subnets = asked.get("CacheSubnetGroupName")
        token = asked.get("AuthToken")
        record = {
            "id": name,
            "status": "creating",
            "description": asked["ReplicationGroupDescription"],
            "created": self.runtime.now(),
            "said": {**_DEFAULTS, **_said(asked)},
            "engine": engine,
            "version": version,
            "parameter_group": self.parameter_group(region, group)["CacheParameterGroupName"],
            "subnet_group": subnets and self.subnet_group(region, subnets)["CacheSubnetGroupName"],
            "security_groups": list(asked.get("SecurityGroupIds") or ()),
            "logs": list(asked.get("LogDeliveryConfigurations") or ()),
            "transit": bool(asked.get("TransitEncryptionEnabled")),
            "transit_mode": asked.get("TransitEncryptionMode") or "required",
            "at_rest": bool(asked.get("AtRestEncryptionEnabled")),
            "failover": bool(asked.get("AutomaticFailoverEnabled")),
            "multi_zone": bool(asked.get("MultiAZEnabled")),
            "tokens": [digest(token)] if token else [],
            "token_changed": self.runtime.now() if token else None,
            "port": asked.get("Port") or PORT,
            "zones": list(asked.get("PreferredCacheClusterAZs") or ()),
            "primary": 1,
            "nodes": list(range(1, count + 1)),
            "last_snapshot": 0.0,
            "work": [],
        }
        snapshot = asked.get("SnapshotName")
        dump = str(self.snapshot_dump(region, snapshot)) if snapshot else None
        self.set_tags(region, self.arn(region, "replicationgroup", name), asked.get("Tags") or ())
        self.plan(region, record, "create", dump=dump)
        return {"ReplicationGroup": self.shown_group(region, record)}

    def describe_replication_groups(self, call: Call) -> dict[str, Any]:
        """Describe one replication group, or all."""
        wanted = call.parameters.get("ReplicationGroupId")
        if wanted:
            found = [self.group(call.region, wanted)]
        else:
            found = self.table(call.region, "groups").values()
        return {"ReplicationGroups": [self.shown_group(call.region, one) for one in found]}

    def describe_cache_clusters(self, call: Call) -> dict[str, Any]:
        """Describe the nodes of replication groups; there are no clusters outside of them."""
        wanted = call.parameters.get("CacheClusterId")
        found = [
            self._shown_node(call.region, record, number, call.parameters)
            for record in self.table(call.region, "groups").values()
            for number in record["nodes"]
            if wanted in {None, node_name(record, number)}
        ]
        if wanted and not found:
            raise ServiceError("CacheClusterNotFound", f"CacheCluster {wanted} not found.", 404)
        if call.parameters.get("ShowCacheClustersNotInReplicationGroups"):
            found = []
        return {"CacheClusters": found}

    def modify_replication_group(self, call: Call) -> dict[str, Any]:
        """Change a replication group."""
        asked, region = call.parameters, call.region
        record = self.available_group(region, asked["ReplicationGroupId"])
        self._check_modification(record, asked)
        record["said"].update(_said(asked))
        if asked.get("ReplicationGroupDescription"):
            record["description"] = asked["ReplicationGroupDescription"]
        if asked.get("EngineVersion"):
            record["version"] = _full_version(record["engine"], asked["EngineVersion"])
        if asked.get("CacheParameterGroupName"):
            group = self.parameter_group(region, asked["CacheParameterGroupName"])
            record["parameter_group"] = group["CacheParameterGroupName"]
        for member, key in (
            ("AutomaticFailoverEnabled", "failover"),
            ("MultiAZEnabled", "multi_zone"),
            ("SecurityGroupIds", "security_groups"),
            ("LogDeliveryConfigurations", "logs"),
            ("TransitEncryptionEnabled", "transit"),
            ("TransitEncryptionMode", "transit_mode"),
        ):
            if asked.get(member) is not None:
                record[key] = asked[member]
        self._change_token(record, asked)
        record["status"] = "modifying"
        self.plan(region, record, "settings")
        if asked.get("PrimaryClusterId"):
            number = _number(record, asked["PrimaryClusterId"])
            self.plan(region, record, "failover", to=number)
        return {"ReplicationGroup": self.shown_group(region, record)}

    def increase_replica_count(self, call: Call) -> dict[str, Any]:
        """Add replicas."""
        return self._set_count(call, grows=True)

    def decrease_replica_count(self, call: Call) -> dict[str, Any]:
        """Remove replicas."""
        return self._set_count(call, grows=False)

    def test_failover(self, call: Call) -> dict[str, Any]:
        """Let the primary fail: a replica takes its place."""
        record = self.available_group(call.region, call.parameters["ReplicationGroupId"])
        if call.parameters["NodeGroupId"] != "0001":
            raise ServiceError(
                "NodeGroupNotFoundFault", f"{call.parameters['NodeGroupId']} not found.", 404
            )
        if not record["failover"]:
            raise ServiceError(
                "InvalidReplicationGroupState",
                f"Automatic failover is not enabled for {record['id']}.",
            )
        record["status"] = "modifying"
        self.event(call.region, record["id"], "Test Failover API called for node group 0001")
        self.plan(call.region, record, "failover", to=None)
        return {"ReplicationGroup": self.shown_group(call.region, record)}

    def delete_replication_group(self, call: Call) -> dict[str, Any]:
        """Delete a replication group, after a last snapshot if one is named."""
        asked, region = call.parameters, call.region
        record = self.group(region, asked["ReplicationGroupId"])
        if record["status"] == "deleting":
            raise ServiceError(
                "InvalidReplicationGroupState",
                f"Replication group {record['id']} is already being deleted.",
            )
        if asked.get("RetainPrimaryCluster"):
            raise invalid("The local region does not keep the primary of a deleted group.")
        final = asked.get("FinalSnapshotIdentifier")
        if final:
            self.new_snapshot(region, final, record, "manual")
        record["status"] = "deleting"
        record["work"] = record["work"][:1]
        self.plan(region, record, "delete", snapshot=final)
        return {"ReplicationGroup": self.shown_group(region, record)}

    def shown_group(self, region: str, record: Mapping[str, Any]) -> dict[str, Any]:
        """Return a replication group as `DescribeReplicationGroups` shows it."""
        said = record["said"]
        name = record["id"]
        ready = record["status"] not in {"creating", "create-failed"}
        zones = self._zones(region, record)
        members = [
            {
                "CacheClusterId": node_name(record, number),
                "CacheNodeId": "0001",
                "ReadEndpoint": self.endpoint(region, record, node_name(record, number)),
                "PreferredAvailabilityZone": zones[number],
                "CurrentRole": "primary" if number == record["primary"] else "replica",
            }
            for number in record["nodes"]
        ]
        nodes = {"NodeGroupId": "0001", "Status": record["status"], "NodeGroupMembers": members}
        if ready:
            nodes["PrimaryEndpoint"] = self.endpoint(region, record, "primary")
            nodes["ReaderEndpoint"] = self.endpoint(region, record, "reader")
        return {
            **{key: said[key] for key in _KEPT if key in said},
            "ReplicationGroupId": name,
            "ARN": self.arn(region, "replicationgroup", name),
            "Description": record["description"],
            "Status": record["status"],
            "PendingModifiedValues": {},
            "MemberClusters": [node_name(record, number) for number in record["nodes"]],
            "NodeGroups": [nodes],
            "SnapshottingClusterId": node_name(record, self.snapshotting_node(record)),
            "AutomaticFailover": "enabled" if record["failover"] else "disabled",
            "MultiAZ": "enabled" if record["multi_zone"] else "disabled",
            "ClusterEnabled": False,
            "ClusterMode": "disabled",
            "AuthTokenEnabled": bool(record["tokens"]),
            "AuthTokenLastModifiedDate": self.shown(record["token_changed"]),
            "TransitEncryptionEnabled": record["transit"],
            "TransitEncryptionMode": record["transit_mode"] if record["transit"] else None,
            "AtRestEncryptionEnabled": record["at_rest"],
            "ReplicationGroupCreateTime": self.shown(record["created"]),
            "LogDeliveryConfigurations": [{**one, "Status": "active"} for one in record["logs"]],
            "Engine": record["engine"],
            "DataTiering": "disabled",
        }

    def endpoint(self, region: str, record: Mapping[str, Any], role: str) -> dict[str, Any]:
        """Return where clients reach a node, or whoever is `primary` or `reader`."""
        address = self.runtime.addresses.allocate(self.owner(region, record, role), record["port"])
        return {"Address": address.host, "Port": address.port}

    def owner(self, region: str, record: Mapping[str, Any], role: str) -> str:
        """Return the name under which an endpoint has its address."""
        return f"elasticache/{region}/{record['id']}/{role}"

    def snapshotting_node(self, record: Mapping[str, Any]) -> int:
        """Return which node snapshots are taken of: a replica where there is one."""
        replicas = [number for number in record["nodes"] if number != record["primary"]]
        return replicas[-1] if replicas else record["primary"]

    def _zones(self, region: str, record: Mapping[str, Any]) -> dict[int, str]:
        zones = record["zones"] or [f"{region}{letter}" for letter in "abc"]
        return {number: zones[(number - 1) % len(zones)] for number in record["nodes"]}

    def _shown_node(
        self, region: str, record: Mapping[str, Any], number: int, asked: Mapping[str, Any]
    ) -> dict[str, Any]:
        said, name = record["said"], node_name(record, number)
        shown = {
            **{key: said[key] for key in _KEPT if key in said},
            "CacheClusterId": name,
            "ARN": self.arn(region, "cluster", name),
            "CacheClusterStatus": record["status"],
            "CacheClusterCreateTime": self.shown(record["created"]),
            "Engine": record["engine"],
            "EngineVersion": record["version"],
            "NumCacheNodes": 1,
            "PreferredAvailabilityZone": self._zones(region, record)[number],
            "CacheParameterGroup": {
                "CacheParameterGroupName": record["parameter_group"],
                "ParameterApplyStatus": "in-sync",
                "CacheNodeIdsToReboot": [],
            },
            "CacheSubnetGroupName": record["subnet_group"] or "default",
            "SecurityGroups": [
                {"SecurityGroupId": one, "Status": "active"} for one in record["security_groups"]
            ],
            "ReplicationGroupId": record["id"],
            "AuthTokenEnabled": bool(record["tokens"]),
            "TransitEncryptionEnabled": record["transit"],
            "AtRestEncryptionEnabled": record["at_rest"],
        }
        if asked.get("ShowCacheNodeInfo"):
            shown["CacheNodes"] = [
                {
                    "CacheNodeId": "0001",
                    "CacheNodeStatus": record["status"],
                    "CacheNodeCreateTime": self.shown(record["created"]),
                    "Endpoint": self.endpoint(region, record, name),
                    "ParameterGroupStatus": "in-sync",
                }
            ]
        return shown

    def _check_creation(self, asked: Mapping[str, Any], count: int) -> None:
        if not 1 <= count <= _MOST_NODES:
            raise invalid(f"A replication group has 1 to {_MOST_NODES} nodes, not {count}.")
        if asked.get("AutomaticFailoverEnabled") and count < 2:
            raise combination("Automatic failover needs at least 2 nodes.")
        if asked.get("MultiAZEnabled") and not asked.get("AutomaticFailoverEnabled"):
            raise combination("MultiAZ needs automatic failover.")
        if asked.get("AuthToken"):
            if not asked.get("TransitEncryptionEnabled"):
                raise combination("An AuthToken needs encryption in transit.")
            _check_token(asked["AuthToken"])
        if not str(asked.get("CacheNodeType", "cache.")).startswith("cache."):
            raise invalid(f"Invalid cache node type: {asked['CacheNodeType']}")

    def _check_modification(self, record: Mapping[str, Any], asked: Mapping[str, Any]) -> None:
        if asked.get("AutomaticFailoverEnabled") and len(record["nodes"]) < 2:
            raise combination("Automatic failover needs at least 2 nodes.")
        if asked.get("AuthToken"):
            _check_token(asked["AuthToken"])
            if not record["transit"]:
                raise combination("An AuthToken needs encryption in transit.")
        if asked.get("AuthToken") and not asked.get("AuthTokenUpdateStrategy"):
            raise combination("An AuthToken needs an AuthTokenUpdateStrategy.")

    def _change_token(self, record: dict[str, Any], asked: Mapping[str, Any]) -> None:
        """SET replaces the tokens, ROTATE lets the latest one work too, DELETE takes all away."""
        strategy, token = asked.get("AuthTokenUpdateStrategy"), asked.get("AuthToken")
        if strategy == "DELETE":
            record["tokens"] = []
        elif strategy == "SET" and token:
            record["tokens"] = [digest(token)]
        elif token:
            record["tokens"] = [*record["tokens"][-1:], digest(token)]
        else:
            return
        record["token_changed"] = self.runtime.now()

    def _set_count(self, call: Call, *, grows: bool) -> dict[str, Any]:
        asked = call.parameters
        record = self.available_group(call.region, asked["ReplicationGroupId"])
        replicas = asked.get("NewReplicaCount")
        if replicas is None:
            removed = len(asked.get("ReplicasToRemove") or ())
            replicas = len(record["nodes"]) - 1 - removed
        if grows != (replicas + 1 > len(record["nodes"])):
            raise ServiceError("NoOperationFault", f"There are {len(record['nodes'])} nodes.")
        if replicas + 1 > _MOST_NODES or replicas < int(record["failover"]):
            raise invalid(f"{replicas} replicas are not possible.")
        record["status"] = "modifying"
        self.plan(call.region, record, "count", nodes=replicas + 1)
        return {"ReplicationGroup": self.shown_group(call.region, record)}


def node_name(record: Mapping[str, Any], number: int) -> str:
    """Return the name of a node, such as `sessions-001`."""
    return f"{record['id']}-{number:03}"


def _number(record: Mapping[str, Any], name: str) -> int:
    for number in record["nodes"]:
        if node_name(record, number) == name:
            return number
    raise ServiceError("CacheClusterNotFound", f"CacheCluster {name} not found.", 404)


def _said(asked: Mapping[str, Any]) -> dict[str, Any]:
    return {key: asked[key] for key in _KEPT if asked.get(key) is not None}


def _node_count(asked: Mapping[str, Any]) -> int:
    if (asked.get("NumNodeGroups") or 1) > 1:
        raise invalid("The local region has replication groups of one node group only.")
    if asked.get("ReplicasPerNodeGroup") is not None:
        return asked["ReplicasPerNodeGroup"] + 1
    return asked.get("NumCacheClusters") or 1


def _full_version(engine: str, asked: str | None) -> str:
    versions = VERSIONS.get(engine)
    if versions is None:
        raise invalid(f"The local region has no engine {engine}.")
    if asked is None:
        return list(versions.values())[-1]
    for short, full in versions.items():
        if asked in {short, full} or (asked == "6.x" and short == "6.2"):
            return full
    raise invalid(f"Cannot find version {asked} for {engine}")


def _family(engine: str, version: str) -> str:
    major = version.partition(".")[0]
    return f"{engine}6.x" if major == "6" else f"{engine}{major}"


def _check_token(token: str) -> None:
    if not 16 <= len(token) <= 128 or any(one in '/@" ' or one > "~" for one in token):
        raise invalid(
            "Invalid AuthToken provided: it has 16 to 128 printable characters without '/', '@', "
            "'\"' and blanks."
        )
