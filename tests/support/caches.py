"""What tests of Redis in the local region share."""

from typing import Any

import redis
from support.databases import eventually
from support.region import RunningRegion

TOKEN = "a-token-of-32-characters-or-so-1"


def make_cache(
    region: RunningRegion, name: str, where: str = "us-east-1", nodes: int = 2, **more: Any
) -> dict[str, Any]:
    """Create a replication group with TLS and a token, and wait until it is available."""
    region.client("elasticache", where).create_replication_group(
        **{
            "ReplicationGroupId": name,
            "ReplicationGroupDescription": "a test",
            "CacheNodeType": "cache.t3.micro",
            "Engine": "redis",
            "EngineVersion": "7.0",
            "NumCacheClusters": nodes,
            "AutomaticFailoverEnabled": nodes > 1,
            "TransitEncryptionEnabled": True,
            "AtRestEncryptionEnabled": True,
            "AuthToken": TOKEN,
            **more,
        }
    )
    return available_cache(region, name, where)


def described_cache(region: RunningRegion, name: str, where: str = "us-east-1") -> dict[str, Any]:
    """Return a group as `DescribeReplicationGroups` shows it."""
    elasticache = region.client("elasticache", where)
    return elasticache.describe_replication_groups(ReplicationGroupId=name)["ReplicationGroups"][0]


def available_cache(region: RunningRegion, name: str, where: str = "us-east-1") -> dict[str, Any]:
    """Wait until a group is available; return its description."""
    shape = eventually(
        lambda: described_cache(region, name, where),
        lambda seen: seen["Status"] in {"available", "create-failed"},
    )
    assert shape["Status"] == "available"
    return shape


def endpoint(shape: dict[str, Any], kind: str = "PrimaryEndpoint") -> dict[str, Any]:
    """Return an endpoint of a group."""
    return shape["NodeGroups"][0][kind]


def open_cache(
    region: RunningRegion, place: dict[str, Any], token: str | None = TOKEN, **more: Any
) -> Any:
    """Connect as an application does: verified TLS and the token."""
    parameters: dict[str, Any] = {
        "host": place["Address"],
        "port": place["Port"],
        "password": token,
        "ssl": True,
        "ssl_ca_certs": str(region.root / "certificates" / "authority.pem"),
        "ssl_check_hostname": True,
        "decode_responses": True,
        "socket_timeout": 10,
        **more,
    }
    return redis.Redis(**parameters)


def primary_of(shape: dict[str, Any]) -> str:
    """Return the name of the primary node."""
    members = shape["NodeGroups"][0]["NodeGroupMembers"]
    return next(one["CacheClusterId"] for one in members if one["CurrentRole"] == "primary")
