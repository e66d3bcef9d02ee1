"""Parameter groups and subnet groups."""

from typing import Any

import psycopg
import pytest
from botocore.exceptions import ClientError
from support.databases import (
    available,
    connect,
    described,
    eventually,
    make_database,
    query,
    unique,
)


def refused(call: Any, **parameters: Any) -> tuple[str, str]:
    with pytest.raises(ClientError) as caught:
        call(**parameters)
    error = caught.value.response["Error"]
    return error["Code"], error["Message"]


def test_dynamic_parameters_take_effect_at_once_and_static_ones_at_a_reboot(region):
    rds, group, name = region.client("rds"), unique("group"), unique("tuned")
    rds.create_db_parameter_group(
        DBParameterGroupName=group, DBParameterGroupFamily="postgres15", Description="a test"
    )
    shape = make_database(region, name, DBParameterGroupName=group, BackupRetentionPeriod=0)
    rds.modify_db_parameter_group(
        DBParameterGroupName=group,
        Parameters=[
            {"ParameterName": "work_mem", "ParameterValue": "8192", "ApplyMethod": "immediate"},
            {
                "ParameterName": "max_connections",
                "ParameterValue": "55",
                "ApplyMethod": "pending-reboot",
            },
        ],
    )
    eventually(lambda: query(region, shape, "SHOW work_mem") == [("8MB",)])
    eventually(
        lambda: (
            described(region, name)["DBParameterGroups"][0]["ParameterApplyStatus"]
            == "pending-reboot"
        )
    )
    assert query(region, shape, "SHOW max_connections") != [("55",)]
    rds.reboot_db_instance(DBInstanceIdentifier=name)
    after = eventually(
        lambda: described(region, name), lambda seen: seen["DBInstanceStatus"] == "available"
    )
    assert query(region, shape, "SHOW max_connections") == [("55",)]
    assert after["DBParameterGroups"][0]["ParameterApplyStatus"] == "in-sync"
    code, _ = refused(rds.delete_db_parameter_group, DBParameterGroupName=group)
    assert code == "InvalidDBParameterGroupState"
    rds.delete_db_instance(DBInstanceIdentifier=name, SkipFinalSnapshot=True)


def test_tls_can_be_made_optional(region):
    rds, group, name = region.client("rds"), unique("group"), unique("open")
    rds.create_db_parameter_group(
        DBParameterGroupName=group, DBParameterGroupFamily="postgres15", Description="a test"
    )
    rds.modify_db_parameter_group(
        DBParameterGroupName=group,
        Parameters=[
            {"ParameterName": "rds.force_ssl", "ParameterValue": "0", "ApplyMethod": "immediate"}
        ],
    )
    shape = make_database(region, name, DBParameterGroupName=group, BackupRetentionPeriod=0)
    with connect(region, shape, sslmode="disable") as connection:
        assert connection.execute("SELECT 1").fetchone() == (1,)
    rds.reset_db_parameter_group(DBParameterGroupName=group, ResetAllParameters=True)

    def plain_is_refused() -> bool:
        try:
            connect(region, shape, sslmode="disable").close()
        except psycopg.OperationalError:
            return True
        return False

    eventually(plain_is_refused)
    rds.delete_db_instance(DBInstanceIdentifier=name, SkipFinalSnapshot=True)


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("no_such_parameter", "1", "Could not find parameter with name: no_such_parameter"),
        ("archive_command", "false", "cannot be modified"),
        ("max_connections", "-5", "allowed values are"),
    ],
)
def test_a_wrong_parameter_is_refused_and_nothing_is_changed(region, name, value, words):
    rds, group = region.client("rds"), unique("group")
    rds.create_db_parameter_group(
        DBParameterGroupName=group, DBParameterGroupFamily="postgres15", Description="a test"
    )
    code, message = refused(
        rds.modify_db_parameter_group,
        DBParameterGroupName=group,
        Parameters=[
            {"ParameterName": "work_mem", "ParameterValue": "8192"},
            {"ParameterName": name, "ParameterValue": value},
        ],
    )
    assert (code, words in message) == ("InvalidParameterValue", True)
    pages = rds.get_paginator("describe_db_parameters").paginate(
        DBParameterGroupName=group, Source="user"
    )
    assert [one for page in pages for one in page["Parameters"]] == []
    rds.delete_db_parameter_group(DBParameterGroupName=group)


def test_a_group_of_another_family_does_not_fit(region):
    rds, group = region.client("rds"), unique("group")
    rds.create_db_parameter_group(
        DBParameterGroupName=group, DBParameterGroupFamily="postgres16", Description="a test"
    )
    code, message = refused(
        rds.create_db_instance,
        DBInstanceIdentifier=unique("wrong"),
        Engine="postgres",
        EngineVersion="15",
        DBInstanceClass="db.t3.micro",
        MasterUsername="owner",
        MasterUserPassword="correct-horse-1",
        DBParameterGroupName=group,
    )
    assert (code, "postgres16" in message) == ("InvalidParameterCombination", True)


def test_a_subnet_group_is_made_of_subnets_in_two_zones(region):
    rds, ec2, name = region.client("rds"), region.client("ec2"), unique("subnets")
    vpc = ec2.create_vpc(CidrBlock="10.7.0.0/16")["Vpc"]["VpcId"]
    subnets = [
        ec2.create_subnet(
            VpcId=vpc, CidrBlock=f"10.7.{number}.0/24", AvailabilityZone=f"us-east-1{letter}"
        )["Subnet"]["SubnetId"]
        for number, letter in enumerate("ab", start=1)
    ]
    code, _ = refused(
        rds.create_db_subnet_group,
        DBSubnetGroupName=name,
        DBSubnetGroupDescription="a test",
        SubnetIds=subnets[:1],
    )
    assert code == "DBSubnetGroupDoesNotCoverEnoughAZs"
    made = rds.create_db_subnet_group(
        DBSubnetGroupName=name, DBSubnetGroupDescription="a test", SubnetIds=subnets
    )["DBSubnetGroup"]
    assert made["VpcId"] == vpc
    database = unique("placed")
    shape = make_database(region, database, DBSubnetGroupName=name, BackupRetentionPeriod=0)
    assert shape["DBSubnetGroup"]["VpcId"] == vpc
    code, _ = refused(rds.delete_db_subnet_group, DBSubnetGroupName=name)
    assert code == "InvalidDBSubnetGroupStateFault"
    rds.delete_db_instance(DBInstanceIdentifier=database, SkipFinalSnapshot=True)
    rds.get_waiter("db_instance_deleted").wait(
        DBInstanceIdentifier=database, WaiterConfig={"Delay": 1}
    )
    rds.delete_db_subnet_group(DBSubnetGroupName=name)


def test_an_instance_runs_the_major_version_that_was_asked_for(region):
    name = unique("newer")
    shape = make_database(region, name, EngineVersion="16", BackupRetentionPeriod=0)
    assert shape["EngineVersion"].startswith("16.")
    assert query(region, shape, "SHOW server_version_num")[0][0].startswith("16")
    assert available(region, name)
    region.client("rds").delete_db_instance(DBInstanceIdentifier=name, SkipFinalSnapshot=True)
