"""RDS Proxy: an endpoint of its own that passes connections on to the registered instance.

Locally the proxy enforces TLS, the idle timeout, the connection limit and the borrow timeout. It
does not share one server connection among several clients.
"""

from collections.abc import Mapping
from typing import Any

from platformctl.region.services.base import Call, ServiceError
from platformctl.region.services.rds.changes import ChangeOperations
from platformctl.region.services.rds.names import identifier, last, resource_id

PORT = 5432
_POOL_DEFAULTS = {
    "MaxConnectionsPercent": 100,
    "MaxIdleConnectionsPercent": 50,
    "ConnectionBorrowTimeout": 120,
    "SessionPinningFilters": [],
}
_MAX_CONNECTIONS = 200
"""Connections of a server whose parameter group does not say otherwise."""


class ProxyOperations(ChangeOperations):
    """The operations on proxies, their target groups and targets."""

    def create_db_proxy(self, call: Call) -> dict[str, Any]:
        """Create a proxy; clients reach it when a target is registered."""
        asked = call.parameters
        name = identifier(asked["DBProxyName"], "DBProxyName")
        proxies = self.table(call.region, "proxies")
        if name in proxies:
            raise ServiceError("DBProxyAlreadyExistsFault", f"DB Proxy {name} already exists.")
        if asked["EngineFamily"] != "POSTGRESQL":
            raise ServiceError(
                "InvalidParameterValue", f"The local region has no {asked['EngineFamily']} proxies."
            )
        now = self.runtime.now()
        resource = resource_id("prx").lower()
        address = self.runtime.addresses.allocate(f"rds/{call.region}/{resource}", PORT)
        proxies[name] = {
            "shape": {
                "DBProxyName": name,
                "DBProxyArn": self.arn(call.region, "db-proxy", resource),
                "Status": "available",
                "EngineFamily": asked["EngineFamily"],
                "VpcSecurityGroupIds": list(asked.get("VpcSecurityGroupIds") or ()),
                "VpcSubnetIds": list(asked["VpcSubnetIds"]),
                "Auth": [_shown_auth(one) for one in asked.get("Auth") or ()],
                "RoleArn": asked["RoleArn"],
                "Endpoint": address.host,
                "RequireTLS": bool(asked.get("RequireTLS")),
                "IdleClientTimeout": asked.get("IdleClientTimeout") or 1800,
                "DebugLogging": bool(asked.get("DebugLogging")),
                "DefaultAuthScheme": asked.get("DefaultAuthScheme") or "NONE",
            },
            "address": [address.host, address.port],
            "created": now,
            "updated": now,
            "group": {
                "arn": self.arn(call.region, "target-group", resource_id("prx-tg").lower()),
                "pool": dict(_POOL_DEFAULTS),
                "updated": now,
            },
            "targets": [],
        }
        self.set_tags(call.region, proxies[name]["shape"]["DBProxyArn"], asked.get("Tags") or ())
        return {"DBProxy": self._shown_proxy(proxies[name])}

    def describe_db_proxies(self, call: Call) -> dict[str, Any]:
        """Describe one proxy, or all."""
        wanted = call.parameters.get("DBProxyName")
        if wanted:
            return {"DBProxies": [self._shown_proxy(self.proxy(call.region, wanted))]}
        proxies = self.table(call.region, "proxies").values()
        return {"DBProxies": [self._shown_proxy(record) for record in proxies]}

    def modify_db_proxy(self, call: Call) -> dict[str, Any]:
        """Change a proxy; its clients have to connect again."""
        asked = call.parameters
        record = self.proxy(call.region, asked["DBProxyName"])
        shape = record["shape"]
        for member, key in (
            ("RequireTLS", "RequireTLS"),
            ("IdleClientTimeout", "IdleClientTimeout"),
            ("DebugLogging", "DebugLogging"),
            ("RoleArn", "RoleArn"),
            ("SecurityGroups", "VpcSecurityGroupIds"),
            ("DefaultAuthScheme", "DefaultAuthScheme"),
        ):
            if asked.get(member) is not None:
                shape[key] = asked[member]
        if asked.get("Auth") is not None:
            shape["Auth"] = [_shown_auth(one) for one in asked["Auth"]]
        record["updated"] = self.runtime.now()
        self._put_proxy(call.region, record)
        return {"DBProxy": self._shown_proxy(record)}

    def delete_db_proxy(self, call: Call) -> dict[str, Any]:
        """Delete a proxy; its clients are disconnected."""
        record = self.proxy(call.region, call.parameters["DBProxyName"])
        shape = record["shape"]
        self.forget_tags(call.region, shape["DBProxyArn"])
        del self.table(call.region, "proxies")[shape["DBProxyName"]]
        self.runtime.addresses.release(f"rds/{call.region}/{last(shape['DBProxyArn'])}")
        self.publish(call.region)
        return {"DBProxy": {**self._shown_proxy(record), "Status": "deleting"}}

    def describe_db_proxy_target_groups(self, call: Call) -> dict[str, Any]:
        """Describe a proxy's target group: there is one, `default`."""
        record = self.proxy(call.region, call.parameters["DBProxyName"])
        _check_group(call.parameters.get("TargetGroupName"))
        return {"TargetGroups": [self._shown_group(record)]}

    def modify_db_proxy_target_group(self, call: Call) -> dict[str, Any]:
        """Change the limits of a proxy's connections."""
        record = self.proxy(call.region, call.parameters["DBProxyName"])
        _check_group(call.parameters.get("TargetGroupName"))
        change = call.parameters.get("ConnectionPoolConfig") or {}
        record["group"]["pool"].update(
            {key: value for key, value in change.items() if value is not None}
        )
        record["group"]["updated"] = self.runtime.now()
        self._put_proxy(call.region, record)
        return {"DBProxyTargetGroup": self._shown_group(record)}

    def register_db_proxy_targets(self, call: Call) -> dict[str, Any]:
        """Register the instance behind a proxy."""
        asked = call.parameters
        record = self.proxy(call.region, asked["DBProxyName"])
        names = [last(name) for name in asked.get("DBInstanceIdentifiers") or ()]
        if len(names) != 1 or asked.get("DBClusterIdentifiers"):
            raise ServiceError(
                "InvalidParameterCombination", "Specify exactly one DB instance as the target."
            )
        if record["targets"]:
            raise ServiceError(
                "DBProxyTargetAlreadyRegisteredFault",
                f"{record['targets'][0]} is already registered with this proxy.",
            )
        self.instance(call.region, names[0])
        record["targets"] = names
        self._put_proxy(call.region, record)
        return {"DBProxyTargets": self._shown_targets(call.region, record)}

    def deregister_db_proxy_targets(self, call: Call) -> dict[str, Any]:
        """Take the instance away from a proxy."""
        record = self.proxy(call.region, call.parameters["DBProxyName"])
        for name in call.parameters.get("DBInstanceIdentifiers") or ():
            if last(name) not in record["targets"]:
                raise ServiceError(
                    "DBProxyTargetNotFoundFault", f"{name} is not registered with this proxy."
                )
            record["targets"].remove(last(name))
        self._put_proxy(call.region, record)
        return {}

    def describe_db_proxy_targets(self, call: Call) -> dict[str, Any]:
        """Describe the instance behind a proxy and whether it can be reached."""
        record = self.proxy(call.region, call.parameters["DBProxyName"])
        return {"Targets": self._shown_targets(call.region, record)}

    def proxy(self, region: str, reference: str) -> dict[str, Any]:
        """Return a proxy's record by name.

        Raises:
            ServiceError: There is none.
        """
        record = self.table(region, "proxies").get(last(reference))
        if record is None:
            raise ServiceError("DBProxyNotFoundFault", f"DB Proxy {reference} not found.", 404)
        return record

    def proxy_limit(self, region: str, record: Mapping[str, Any]) -> int:
        """Return how many clients a proxy lets in at once."""
        target = self.instance(region, record["targets"][0])
        asked = self.parameter_values(region, target).get("max_connections", "")
        most = int(asked) if asked.isdigit() else _MAX_CONNECTIONS
        return max(1, most * record["group"]["pool"]["MaxConnectionsPercent"] // 100)

    def _put_proxy(self, region: str, record: dict[str, Any]) -> None:
        self.table(region, "proxies")[record["shape"]["DBProxyName"]] = record
        self.publish(region)

    def _shown_proxy(self, record: Mapping[str, Any]) -> dict[str, Any]:
        created, updated = self.shown(record["created"]), self.shown(record["updated"])
        return {**record["shape"], "CreatedDate": created, "UpdatedDate": updated}

    def _shown_group(self, record: Mapping[str, Any]) -> dict[str, Any]:
        return {
            "DBProxyName": record["shape"]["DBProxyName"],
            "TargetGroupName": "default",
            "TargetGroupArn": record["group"]["arn"],
            "IsDefault": True,
            "Status": "available",
            "ConnectionPoolConfig": record["group"]["pool"],
            "CreatedDate": self.shown(record["created"]),
            "UpdatedDate": self.shown(record["group"]["updated"]),
        }

    def _shown_targets(self, region: str, record: Mapping[str, Any]) -> list[dict[str, Any]]:
        shown = []
        for name in record["targets"]:
            instance = self.table(region, "instances").get(name)
            keeper = self.keepers.get((region, name))
            if instance is None:
                health = {"State": "UNAVAILABLE", "Reason": "UNREACHABLE"}
            elif keeper is not None and keeper.ready:
                health = {"State": "AVAILABLE"}
            else:
                health = {"State": "UNAVAILABLE", "Reason": "CONNECTION_FAILED"}
            replica = instance is not None and instance["upstream"] is not None
            host, port = instance["address"] if instance else ("", 0)
            shown.append(
                {
                    "RdsResourceId": name,
                    "TargetArn": self.arn(region, "db", name),
                    "Type": "RDS_INSTANCE",
                    "Role": "READ_ONLY" if replica else "READ_WRITE",
                    "Endpoint": host,
                    "Port": port,
                    "TargetHealth": health,
                }
            )
        return shown


def _check_group(name: str | None) -> None:
    if name not in {None, "default"}:
        raise ServiceError(
            "DBProxyTargetGroupNotFoundFault", f"Target group {name} not found.", 404
        )


def _shown_auth(auth: Mapping[str, Any]) -> dict[str, Any]:
    defaults = {"ClientPasswordAuthType": "POSTGRES_SCRAM_SHA_256"}
    return {**defaults, **{key: value for key, value in auth.items() if value is not None}}
