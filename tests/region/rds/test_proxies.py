"""RDS Proxy: an endpoint of its own with TLS, limits and time-outs."""

from collections.abc import Iterator
from typing import Any

import psycopg
import pytest
from botocore.exceptions import ClientError
from support.databases import connect, eventually, query, retried, unique


@pytest.fixture
def proxy(region, database) -> Iterator[dict[str, Any]]:
    """Yield a proxy in front of the shared database, in the form of its endpoint."""
    rds, name = region.client("rds"), unique("proxy")
    made = rds.create_db_proxy(
        DBProxyName=name,
        EngineFamily="POSTGRESQL",
        Auth=[
            {
                "AuthScheme": "SECRETS",
                "SecretArn": "arn:aws:secretsmanager:x",
                "IAMAuth": "DISABLED",
            }
        ],
        RoleArn="arn:aws:iam::000000000000:role/proxy",
        VpcSubnetIds=["subnet-a", "subnet-b"],
        RequireTLS=True,
        IdleClientTimeout=1,
    )["DBProxy"]
    rds.register_db_proxy_targets(
        DBProxyName=name, DBInstanceIdentifiers=[database["DBInstanceIdentifier"]]
    )
    place = {"DBProxyName": name, "Endpoint": {"Address": made["Endpoint"], "Port": 5432}}
    eventually(lambda: retried(lambda: query(region, place, "SELECT 1")))
    yield place
    rds.delete_db_proxy(DBProxyName=name)


def test_a_proxy_passes_on_to_its_target(region, database, proxy):
    assert query(region, proxy, "SELECT count(*) FROM items") == [(3,)]
    targets = region.client("rds").describe_db_proxy_targets(DBProxyName=proxy["DBProxyName"])
    assert targets["Targets"][0]["RdsResourceId"] == database["DBInstanceIdentifier"]
    assert targets["Targets"][0]["TargetHealth"]["State"] == "AVAILABLE"


def test_a_proxy_requires_tls_and_the_right_password(region, proxy):
    with pytest.raises(psycopg.OperationalError, match="no encryption"):
        connect(region, proxy, sslmode="disable")
    with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
        connect(region, proxy, password="wrong")


def test_idle_clients_are_disconnected(region, proxy):
    with connect(region, proxy) as connection:
        connection.execute("SELECT 1")

        def cut() -> bool:
            # Looking at the socket sends nothing, so the connection stays idle.
            connection.pgconn.consume_input()
            return False

        with pytest.raises(psycopg.OperationalError):
            eventually(cut)


def test_clients_over_the_limit_wait_and_are_then_refused(region, proxy):
    rds = region.client("rds")
    rds.modify_db_proxy(DBProxyName=proxy["DBProxyName"], IdleClientTimeout=1800)
    rds.modify_db_proxy_target_group(
        DBProxyName=proxy["DBProxyName"],
        TargetGroupName="default",
        ConnectionPoolConfig={"MaxConnectionsPercent": 1, "ConnectionBorrowTimeout": 1},
    )
    groups = rds.describe_db_proxy_target_groups(DBProxyName=proxy["DBProxyName"])["TargetGroups"]
    assert groups[0]["ConnectionPoolConfig"]["MaxConnectionsPercent"] == 1

    def full() -> bool:
        try:
            held.append(connect(region, proxy))
        except psycopg.OperationalError as error:
            return "Timed-out waiting to acquire" in str(error)
        return False

    held: list[Any] = []
    try:
        eventually(full)
        assert len(held) == 2  # One per cent of 200.
        held.pop().close()
        held.append(connect(region, proxy))
    finally:
        for connection in held:
            connection.close()


def test_a_proxy_that_is_deleted_refuses_connections(region, database):
    rds, name = region.client("rds"), unique("proxy")
    rds.create_db_proxy(
        DBProxyName=name,
        EngineFamily="POSTGRESQL",
        RoleArn="arn:aws:iam::000000000000:role/proxy",
        VpcSubnetIds=["subnet-a", "subnet-b"],
    )
    rds.delete_db_proxy(DBProxyName=name)
    with pytest.raises(ClientError) as caught:
        rds.describe_db_proxies(DBProxyName=name)
    assert caught.value.response["Error"]["Code"] == "DBProxyNotFoundFault"
