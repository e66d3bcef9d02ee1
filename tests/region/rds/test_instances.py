"""Instances: created, reached, changed, stopped and deleted with plain boto3 and psycopg."""

import datetime as dt
import json
import os
import signal
from pathlib import Path
from typing import Any

import psutil
import psycopg
import pytest
from botocore.exceptions import ClientError
from support.databases import (
    PASSWORD,
    available,
    connect,
    described,
    events,
    eventually,
    make_database,
    query,
    retried,
    unique,
)


def refused(call: Any, **parameters: Any) -> tuple[str, str]:
    with pytest.raises(ClientError) as caught:
        call(**parameters)
    error = caught.value.response["Error"]
    return error["Code"], error["Message"]


def read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except FileNotFoundError:  # A temporary file of somebody at work.
        return b""


def test_a_new_instance_has_its_database_and_its_master_user(region, database):
    rows = query(region, database, "SELECT current_user, current_database()")
    assert rows == [("owner", "shop")]
    roles = query(
        region,
        database,
        "SELECT rolsuper, rolcreatedb, rolcreaterole FROM pg_roles WHERE rolname = current_user",
    )
    assert roles == [(False, True, True)]
    assert database["EngineVersion"].startswith("15.")
    assert database["DbiResourceId"].startswith("db-")


def test_waiters_and_paginators_of_boto3_work(region):
    rds = region.client("rds")
    name = unique("waited")
    rds.create_db_instance(
        DBInstanceIdentifier=name,
        Engine="postgres",
        DBInstanceClass="db.t3.micro",
        MasterUsername="owner",
        MasterUserPassword=PASSWORD,
        AllocatedStorage=20,
    )
    rds.get_waiter("db_instance_available").wait(
        DBInstanceIdentifier=name, WaiterConfig={"Delay": 1}
    )
    pages = rds.get_paginator("describe_db_instances").paginate(PaginationConfig={"PageSize": 20})
    assert name in {one["DBInstanceIdentifier"] for page in pages for one in page["DBInstances"]}
    rds.delete_db_instance(DBInstanceIdentifier=name, SkipFinalSnapshot=True)
    rds.get_waiter("db_instance_deleted").wait(DBInstanceIdentifier=name, WaiterConfig={"Delay": 1})
    code, _ = refused(rds.describe_db_instances, DBInstanceIdentifier=name)
    assert code == "DBInstanceNotFound"


def test_a_wrong_password_is_refused(region, database):
    with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
        connect(region, database, password="wrong")


def test_a_connection_without_tls_is_refused_as_rds_does_since_version_15(region, database):
    with pytest.raises(psycopg.OperationalError, match=r"no pg_hba.conf entry .* no encryption"):
        connect(region, database, sslmode="disable")


def test_the_certificate_is_not_trusted_without_the_authority(region, database, tmp_path: Path):
    other = tmp_path / "empty.pem"
    other.write_text("")
    with pytest.raises(psycopg.OperationalError):
        connect(region, database, sslrootcert=str(other))


def test_the_private_port_of_a_server_knows_no_passwordless_way_in(region, database):
    ports = {
        connection.laddr.port
        for process in psutil.process_iter(["name"])
        if process.info["name"] == "postgres" and str(region.root) in " ".join(process.cmdline())
        for connection in process.net_connections("tcp")
        if connection.status == psutil.CONN_LISTEN
        and connection.laddr.ip == database["Endpoint"]["Address"]
    }
    assert len(ports) == 1
    with pytest.raises(psycopg.OperationalError, match="no password supplied"):
        psycopg.connect(
            host=database["Endpoint"]["Address"], port=ports.pop(), user="rdsadmin", dbname="shop"
        )


@pytest.mark.parametrize(
    ("change", "code", "words"),
    [
        ({"Engine": "oracle-ee"}, "InvalidParameterValue", "oracle-ee"),
        ({"EngineVersion": "9.6"}, "InvalidParameterCombination", "Cannot find version 9.6"),
        ({"DBInstanceClass": "t3.micro"}, "InvalidParameterValue", "t3.micro"),
        ({"MasterUserPassword": "short"}, "InvalidParameterValue", "MasterUserPassword"),
        ({"MasterUserPassword": "with space 12"}, "InvalidParameterValue", "MasterUserPassword"),
        ({"MasterUsername": "rdsadmin"}, "InvalidParameterValue", "reserved"),
        ({"DBInstanceIdentifier": "9lives"}, "InvalidParameterValue", "identifier"),
        ({"DBSubnetGroupName": "nowhere"}, "DBSubnetGroupNotFoundFault", "nowhere"),
        ({"DBParameterGroupName": "nothing"}, "DBParameterGroupNotFound", "nothing"),
    ],
)
def test_a_wrong_request_is_refused_in_the_words_of_aws(region, change, code, words):
    parameters = {
        "DBInstanceIdentifier": unique("wrong"),
        "Engine": "postgres",
        "DBInstanceClass": "db.t3.micro",
        "MasterUsername": "owner",
        "MasterUserPassword": PASSWORD,
        "AllocatedStorage": 20,
        **change,
    }
    got, message = refused(region.client("rds").create_db_instance, **parameters)
    assert got == code
    assert words in message


def test_a_second_instance_of_the_same_name_is_refused(region, database):
    code, _ = refused(
        region.client("rds").create_db_instance,
        DBInstanceIdentifier=database["DBInstanceIdentifier"],
        Engine="postgres",
        DBInstanceClass="db.t3.micro",
        MasterUsername="owner",
        MasterUserPassword=PASSWORD,
    )
    assert code == "DBInstanceAlreadyExists"


def test_deletion_protection_holds_until_it_is_taken_away(region):
    name = unique("protected")
    rds = region.client("rds")
    make_database(region, name, DeletionProtection=True, BackupRetentionPeriod=0)
    code, message = refused(
        rds.delete_db_instance, DBInstanceIdentifier=name, SkipFinalSnapshot=True
    )
    assert (code, "protected" in message) == ("InvalidParameterCombination", True)
    rds.modify_db_instance(DBInstanceIdentifier=name, DeletionProtection=False)
    available(region, name)
    code, message = refused(rds.delete_db_instance, DBInstanceIdentifier=name)
    assert "FinalDBSnapshotIdentifier" in message
    rds.delete_db_instance(DBInstanceIdentifier=name, SkipFinalSnapshot=True)
    eventually(lambda: name not in str(rds.describe_db_instances()["DBInstances"]))


def test_a_new_master_password_replaces_the_old_one(region):
    name = unique("renewed")
    shape = make_database(region, name, BackupRetentionPeriod=0)
    region.client("rds").modify_db_instance(
        DBInstanceIdentifier=name, MasterUserPassword="another-one-2"
    )
    available(region, name)
    assert query(region, shape, "SELECT 1", password="another-one-2") == [(1,)]
    with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
        connect(region, shape)


def test_a_managed_password_is_in_secrets_manager_and_goes_with_the_instance(region):
    name = unique("managed")
    rds, secrets = region.client("rds"), region.client("secretsmanager")
    shape = make_database(
        region, name, MasterUserPassword="", ManageMasterUserPassword=True, BackupRetentionPeriod=0
    )
    arn = shape["MasterUserSecret"]["SecretArn"]
    secret = secrets.get_secret_value(SecretId=arn)["SecretString"]
    known = json.loads(secret)
    assert known["username"] == "owner"
    assert query(region, shape, "SELECT 1", password=known["password"]) == [(1,)]
    rds.delete_db_instance(DBInstanceIdentifier=name, SkipFinalSnapshot=True)
    rds.get_waiter("db_instance_deleted").wait(DBInstanceIdentifier=name, WaiterConfig={"Delay": 1})
    with pytest.raises(secrets.exceptions.ResourceNotFoundException):
        secrets.get_secret_value(SecretId=arn)


def test_a_stopped_instance_refuses_connections_and_keeps_its_content(region):
    name = unique("paused")
    rds = region.client("rds")
    shape = make_database(region, name, BackupRetentionPeriod=0)
    query(region, shape, "CREATE TABLE kept AS SELECT 42 AS answer")
    rds.stop_db_instance(DBInstanceIdentifier=name)
    eventually(lambda: described(region, name)["DBInstanceStatus"] == "stopped")
    with pytest.raises(psycopg.OperationalError, match="refused"):
        connect(region, shape)
    rds.start_db_instance(DBInstanceIdentifier=name)
    again = available(region, name)
    assert again["Endpoint"] == shape["Endpoint"]
    assert query(region, again, "SELECT answer FROM kept") == [(42,)]


def test_a_killed_server_comes_back_by_itself_with_what_was_committed(region):
    name = unique("killed")
    shape = make_database(region, name, BackupRetentionPeriod=0)
    query(region, shape, "CREATE TABLE kept AS SELECT 42 AS answer")
    process = next(
        one for one in region.controller.processes() if one["name"] == f"rds/us-east-1/{name}"
    )
    os.kill(process["pid"], signal.SIGKILL)
    rows = eventually(lambda: retried(lambda: query(region, shape, "SELECT answer FROM kept")))
    assert rows == [(42,)]
    eventually(lambda: f"{name}: DB instance restarted" in events(region))


def test_the_front_that_is_killed_comes_back_and_listens_where_it_did(region, database):
    process = next(
        one for one in region.controller.processes() if one["name"] == "rds/us-east-1/front"
    )
    os.kill(process["pid"], signal.SIGKILL)
    rows = eventually(
        lambda: retried(lambda: query(region, database, "SELECT count(*) FROM items"))
    )
    assert rows == [(3,)]


def test_other_connections_survive_when_an_instance_comes_and_goes(region, database):
    with connect(region, database) as connection:
        before = connection.execute("SELECT pg_backend_pid()").fetchone()
        name = unique("passing")
        make_database(region, name, BackupRetentionPeriod=0)
        region.client("rds").delete_db_instance(DBInstanceIdentifier=name, SkipFinalSnapshot=True)
        region.client("rds").get_waiter("db_instance_deleted").wait(
            DBInstanceIdentifier=name, WaiterConfig={"Delay": 1}
        )
        assert connection.execute("SELECT pg_backend_pid()").fetchone() == before


def test_deferred_changes_wait_for_a_reboot(region):
    name = unique("deferred")
    rds = region.client("rds")
    make_database(region, name, BackupRetentionPeriod=0)
    rds.modify_db_instance(DBInstanceIdentifier=name, DBInstanceClass="db.r5.large")
    waiting = available(region, name)
    assert waiting["DBInstanceClass"] == "db.t3.micro"
    assert waiting["PendingModifiedValues"] == {"DBInstanceClass": "db.r5.large"}
    rds.reboot_db_instance(DBInstanceIdentifier=name)
    done = eventually(
        lambda: described(region, name), lambda seen: seen["DBInstanceStatus"] == "available"
    )
    assert done["DBInstanceClass"] == "db.r5.large"
    assert done["PendingModifiedValues"] == {}


def test_a_renamed_instance_keeps_its_address_and_its_content(region):
    name, new = unique("before"), unique("after")
    shape = make_database(region, name, BackupRetentionPeriod=0)
    query(region, shape, "CREATE TABLE kept AS SELECT 42 AS answer")
    region.client("rds").modify_db_instance(
        DBInstanceIdentifier=name, NewDBInstanceIdentifier=new, ApplyImmediately=True
    )
    renamed = available(region, new)
    assert renamed["Endpoint"] == shape["Endpoint"]
    assert query(region, renamed, "SELECT answer FROM kept") == [(42,)]


def test_tags_can_be_added_listed_and_removed(region, database):
    rds, arn = region.client("rds"), database["DBInstanceArn"]
    rds.add_tags_to_resource(ResourceName=arn, Tags=[{"Key": "team", "Value": "data"}])
    assert {"Key": "team", "Value": "data"} in rds.list_tags_for_resource(ResourceName=arn)[
        "TagList"
    ]
    rds.remove_tags_from_resource(ResourceName=arn, TagKeys=["team"])
    assert rds.list_tags_for_resource(ResourceName=arn)["TagList"] == []


def test_figures_reach_cloudwatch(region, database):
    cloudwatch = region.client("cloudwatch")
    now = dt.datetime.now(dt.UTC)

    def connections() -> Any:
        return cloudwatch.get_metric_statistics(
            Namespace="AWS/RDS",
            MetricName="DatabaseConnections",
            Dimensions=[
                {"Name": "DBInstanceIdentifier", "Value": database["DBInstanceIdentifier"]}
            ],
            StartTime=now - dt.timedelta(minutes=5),
            EndTime=now + dt.timedelta(minutes=5),
            Period=60,
            Statistics=["Maximum"],
        )["Datapoints"]

    with connect(region, database):
        eventually(lambda: any(point["Maximum"] >= 1 for point in connections()))


def test_no_secret_is_in_records_logs_or_command_lines(region, database):
    files = [path for path in region.root.rglob("*") if path.is_file()]
    found = [
        path
        for path in files
        if "data" not in path.parts and path.suffix != ".gz" and PASSWORD.encode() in read(path)
    ]
    assert found == []
    lines = [" ".join(one.cmdline()) for one in psutil.process_iter() if one.name() == "postgres"]
    assert not any(PASSWORD in line for line in lines)


def test_what_rds_offers_can_be_asked(region):
    rds = region.client("rds")
    versions = rds.describe_db_engine_versions(Engine="postgres", EngineVersion="15")
    assert versions["DBEngineVersions"][0]["DBParameterGroupFamily"] == "postgres15"
    options = rds.describe_orderable_db_instance_options(
        Engine="postgres", DBInstanceClass="db.r5.large"
    )
    assert len(options["OrderableDBInstanceOptions"]) == 1
