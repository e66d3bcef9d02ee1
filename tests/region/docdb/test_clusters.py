"""DocumentDB: clusters whose documents are really there, judged by MongoDB's driver."""

from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError
from pymongo import MongoClient
from pymongo.errors import ConnectionFailure, OperationFailure
from support.databases import PASSWORD, eventually, unique
from support.region import RunningRegion, running_region


def described(region: RunningRegion, name: str) -> dict[str, Any]:
    """Return a cluster as `DescribeDBClusters` shows it."""
    docdb = region.client("docdb")
    return docdb.describe_db_clusters(DBClusterIdentifier=name)["DBClusters"][0]


def available(region: RunningRegion, name: str) -> dict[str, Any]:
    """Wait until a cluster is available."""
    return eventually(lambda: described(region, name), lambda seen: seen["Status"] == "available")


def make_cluster(region: RunningRegion, name: str, **more: Any) -> dict[str, Any]:
    """Create a cluster and wait until it is available."""
    region.client("docdb").create_db_cluster(
        **{
            "DBClusterIdentifier": name,
            "Engine": "docdb",
            "MasterUsername": "aura",
            "MasterUserPassword": PASSWORD,
            "StorageEncrypted": True,
            **more,
        }
    )
    return available(region, name)


def connect(
    region: RunningRegion, host: str, port: int, password: str = PASSWORD, *, tls: bool = True
) -> MongoClient[dict[str, Any]]:
    """Return a client as an application has it: TLS, certificate and host name checked."""
    secure = (
        {"tls": True, "tlsCAFile": str(region.root / "certificates" / "authority.pem")}
        if tls
        else {}
    )
    return MongoClient(
        host=host,
        port=port,
        username="aura",
        password=password,
        directConnection=True,
        retryWrites=False,
        serverSelectionTimeoutMS=5000,
        **secure,
    )


@pytest.fixture(scope="module", name="cluster")
def _cluster(region: RunningRegion):
    shape = make_cluster(region, unique("journal"))
    yield shape
    region.client("docdb").delete_db_cluster(
        DBClusterIdentifier=shape["DBClusterIdentifier"], SkipFinalSnapshot=True
    )


def test_what_is_written_at_the_cluster_is_read_at_the_reader(region, cluster):
    with connect(region, cluster["Endpoint"], cluster["Port"]) as writer:
        writer["aura"]["entries"].insert_one({"_id": 1, "text": "glad"})
    with connect(region, cluster["ReaderEndpoint"], cluster["Port"]) as reader:
        assert reader["aura"]["entries"].find_one() == {"_id": 1, "text": "glad"}


def test_nobody_gets_in_without_tls_or_with_another_password(region, cluster):
    place = (cluster["Endpoint"], cluster["Port"])
    with (
        connect(region, *place, tls=False) as plain,
        pytest.raises(ConnectionFailure),
    ):
        plain["aura"].command("ping")
    with (
        connect(region, *place, password="guess") as guess,  # a wrong one
        pytest.raises(OperationFailure, match="Authentication failed"),
    ):
        guess["aura"]["entries"].find_one()


def test_an_instance_has_an_endpoint_of_its_own_and_the_first_one_writes(region, cluster):
    docdb, name = region.client("docdb"), unique("one")
    docdb.create_db_instance(
        DBInstanceIdentifier=name,
        DBInstanceClass="db.t3.medium",
        Engine="docdb",
        DBClusterIdentifier=cluster["DBClusterIdentifier"],
    )
    docdb.get_waiter("db_instance_available").wait(
        DBInstanceIdentifier=name, WaiterConfig={"Delay": 1}
    )

    (member,) = described(region, cluster["DBClusterIdentifier"])["DBClusterMembers"]
    instance = docdb.describe_db_instances(DBInstanceIdentifier=name)["DBInstances"][0]
    assert (member["DBInstanceIdentifier"], member["IsClusterWriter"]) == (name, True)

    def pinged() -> bool:
        with connect(region, instance["Endpoint"]["Address"], cluster["Port"]) as client:
            try:
                return client["aura"].command("ping")["ok"] == 1.0
            except ConnectionFailure:
                return False

    assert eventually(pinged)
    with pytest.raises(ClientError, match="still has instances"):
        docdb.delete_db_cluster(
            DBClusterIdentifier=cluster["DBClusterIdentifier"], SkipFinalSnapshot=True
        )
    docdb.delete_db_instance(DBInstanceIdentifier=name)


def test_a_final_snapshot_brings_the_documents_back(region):
    docdb, name, final = region.client("docdb"), unique("gone"), unique("final")
    source = make_cluster(region, name)
    with connect(region, source["Endpoint"], source["Port"]) as client:
        client["aura"]["entries"].insert_many([{"_id": n} for n in range(50)])
    docdb.delete_db_cluster(DBClusterIdentifier=name, FinalDBSnapshotIdentifier=final)
    with pytest.raises(ClientError) as caught:
        described(region, name)
    assert caught.value.response["Error"]["Code"] == "DBClusterNotFoundFault"

    docdb.restore_db_cluster_from_snapshot(
        DBClusterIdentifier=f"{name}-again", SnapshotIdentifier=final, Engine="docdb"
    )

    restored = available(region, f"{name}-again")
    with connect(region, restored["Endpoint"], restored["Port"]) as client:
        assert client["aura"]["entries"].count_documents({}) == 50
    docdb.delete_db_cluster(DBClusterIdentifier=f"{name}-again", SkipFinalSnapshot=True)


def test_documents_and_addresses_outlast_a_stop_of_the_region(tmp_path: Path):
    with running_region(tmp_path) as region:
        name = unique("journal")
        source = make_cluster(region, name)
        with connect(region, source["Endpoint"], source["Port"]) as client:
            client["aura"]["entries"].insert_one({"_id": "kept"})

        region.stop()
        region.start()

        again = described(region, name)
        assert (again["Endpoint"], again["Port"]) == (source["Endpoint"], source["Port"])
        # The driver itself waits until the server is there again.
        with connect(region, again["Endpoint"], again["Port"]) as client:
            assert client["aura"]["entries"].find_one() == {"_id": "kept"}


def test_protected_clusters_stay(region, cluster):
    docdb, name = region.client("docdb"), cluster["DBClusterIdentifier"]
    docdb.modify_db_cluster(DBClusterIdentifier=name, DeletionProtection=True)

    with pytest.raises(ClientError, match="Cannot delete protected"):
        docdb.delete_db_cluster(DBClusterIdentifier=name, SkipFinalSnapshot=True)
    docdb.modify_db_cluster(DBClusterIdentifier=name, DeletionProtection=False)
