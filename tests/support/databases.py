"""What tests of databases in the local region share."""

import time
import uuid
from collections.abc import Callable
from typing import Any, TypeVar

import psycopg
from support.region import RunningRegion

PASSWORD = "correct-horse-1"
Value = TypeVar("Value")


def unique(prefix: str) -> str:
    """Return a name nobody has."""
    return f"{prefix}-{uuid.uuid4().hex[:8]}"


def eventually(
    look: Callable[[], Value],
    accept: Callable[[Value], bool] = bool,
    seconds: float = 90.0,
) -> Value:
    """Look again until what is seen is accepted.

    Raises:
        AssertionError: It never was.
    """
    deadline = time.monotonic() + seconds
    while True:
        seen = look()
        if accept(seen):
            return seen
        assert time.monotonic() < deadline, f"still {seen!r} after {seconds} s"
        time.sleep(0.02)


def described(region: RunningRegion, name: str, where: str = "us-east-1") -> dict[str, Any]:
    """Return an instance as `DescribeDBInstances` shows it."""
    rds = region.client("rds", where)
    return rds.describe_db_instances(DBInstanceIdentifier=name)["DBInstances"][0]


def available(region: RunningRegion, name: str, where: str = "us-east-1") -> dict[str, Any]:
    """Wait until an instance is available; return its description."""
    shape = eventually(
        lambda: described(region, name, where),
        lambda seen: seen["DBInstanceStatus"] in {"available", "failed", "incompatible-restore"},
    )
    assert shape["DBInstanceStatus"] == "available", events(region, where)
    return shape


def events(region: RunningRegion, where: str = "us-east-1") -> list[str]:
    """Return the messages of the latest events."""
    answer = region.client("rds", where).describe_events()
    return [f"{one['SourceIdentifier']}: {one['Message']}" for one in answer["Events"]]


def make_database(
    region: RunningRegion, name: str, where: str = "us-east-1", **more: Any
) -> dict[str, Any]:
    """Create an instance and wait until it is available."""
    region.client("rds", where).create_db_instance(
        **{
            "DBInstanceIdentifier": name,
            "Engine": "postgres",
            "EngineVersion": "15",
            "DBInstanceClass": "db.t3.micro",
            "AllocatedStorage": 20,
            "MasterUsername": "owner",
            "MasterUserPassword": PASSWORD,
            "DBName": "shop",
            **more,
        }
    )
    return available(region, name, where)


def connect(
    region: RunningRegion, shape: dict[str, Any], **more: Any
) -> psycopg.Connection[tuple[Any, ...]]:
    """Connect to an instance as an application does: verified TLS."""
    endpoint = shape["Endpoint"]
    parameters = {
        "host": endpoint["Address"],
        "port": endpoint["Port"],
        "user": "owner",
        "password": PASSWORD,
        "dbname": "shop",
        "sslmode": "verify-full",
        "sslrootcert": str(region.root / "certificates" / "authority.pem"),
        "connect_timeout": 10,
        "autocommit": True,
        **more,
    }
    return psycopg.connect(**parameters)


def query(region: RunningRegion, shape: dict[str, Any], text: str, **more: Any) -> list[Any]:
    """Run one statement; return its rows."""
    with connect(region, shape, **more) as connection:
        cursor = connection.execute(text)
        return cursor.fetchall() if cursor.description else []


def retried(look: Callable[[], Value]) -> Value | None:
    """Look once; a server that cannot be reached yet is None."""
    try:
        return look()
    except psycopg.OperationalError:
        return None
