"""AWS Backup: recovery points hold what was there, survive their source, and come back."""

import uuid
from typing import Any

import pytest
from botocore.exceptions import ClientError
from support.databases import available, eventually, make_database, query, unique
from support.region import RunningRegion

ROLE = "arn:aws:iam::000000000000:role/backup"
DONE = {"COMPLETED", "FAILED", "ABORTED"}


@pytest.fixture(name="vault")
def _vault(region: RunningRegion) -> str:
    name = f"vault-{uuid.uuid4().hex[:8]}"
    region.client("backup").create_backup_vault(BackupVaultName=name)
    return name


def back_up(region: RunningRegion, vault: str, resource: str, **more: Any) -> dict[str, Any]:
    """Take a recovery point and return the job."""
    client = region.client("backup")
    started = client.start_backup_job(
        BackupVaultName=vault, ResourceArn=resource, IamRoleArn=ROLE, **more
    )
    job = eventually(
        lambda: client.describe_backup_job(BackupJobId=started["BackupJobId"]),
        lambda seen: seen["State"] in DONE,
    )
    assert job["State"] == "COMPLETED", job
    return job


def restore(
    region: RunningRegion, point: str, metadata: dict[str, str], where: str = "us-east-1"
) -> dict[str, Any]:
    """Restore a recovery point and return the job."""
    client = region.client("backup", where)
    started = client.start_restore_job(RecoveryPointArn=point, Metadata=metadata, IamRoleArn=ROLE)
    job = eventually(
        lambda: client.describe_restore_job(RestoreJobId=started["RestoreJobId"]),
        lambda seen: seen["Status"] in DONE,
    )
    assert job["Status"] == "COMPLETED", job
    return job


def make_table(region: RunningRegion, name: str, tags: dict[str, str] | None = None) -> str:
    """Create a table with three items and return its ARN."""
    client = region.client("dynamodb")
    made = client.create_table(
        TableName=name,
        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
        BillingMode="PAY_PER_REQUEST",
        Tags=[{"Key": key, "Value": value} for key, value in (tags or {}).items()],
    )
    for number in range(3):
        client.put_item(
            TableName=name, Item={"id": {"S": str(number)}, "data": {"B": bytes([number, 255])}}
        )
    return made["TableDescription"]["TableArn"]


def items(region: RunningRegion, name: str, where: str = "us-east-1") -> list[dict[str, Any]]:
    """Return the items of a table in order."""
    found = region.client("dynamodb", where).scan(TableName=name)["Items"]
    return sorted(found, key=lambda item: item["id"]["S"])


def code(caught: pytest.ExceptionInfo[ClientError]) -> str:
    return caught.value.response["Error"]["Code"]


def test_a_database_comes_back_from_its_recovery_point_with_what_was_in_it(region, vault):
    name, copy = unique("backed"), unique("restored")
    source = make_database(region, name)
    query(region, source, "CREATE TABLE orders AS SELECT generate_series(1, 100) AS number")
    job = back_up(region, vault, source["DBInstanceArn"])
    query(region, source, "DELETE FROM orders")

    done = restore(
        region,
        job["RecoveryPointArn"],
        {"DBInstanceIdentifier": copy, "DBInstanceClass": "db.t3.micro"},
    )

    restored = available(region, copy)
    assert done["CreatedResourceArn"] == restored["DBInstanceArn"]
    assert query(region, restored, "SELECT count(*), sum(number) FROM orders") == [(100, 5050)]
    for each in (name, copy):
        region.client("rds").delete_db_instance(DBInstanceIdentifier=each, SkipFinalSnapshot=True)


def test_a_table_comes_back_although_it_was_deleted(region, vault):
    name = unique("events")
    arn = make_table(region, name)
    before = items(region, name)
    job = back_up(region, vault, arn)
    region.client("dynamodb").delete_table(TableName=name)

    restore(region, job["RecoveryPointArn"], {"targetTableName": f"{name}-again"})

    assert items(region, f"{name}-again") == before
    assert len(before) == 3


def test_a_bucket_comes_back_with_its_objects(region, vault):
    s3, name = region.client("s3"), unique("reports")
    s3.create_bucket(Bucket=name)
    s3.put_object(Bucket=name, Key="2026/one.txt", Body=b"first")
    job = back_up(region, vault, f"arn:aws:s3:::{name}")
    s3.put_object(Bucket=name, Key="2026/one.txt", Body=b"overwritten")

    restore(region, job["RecoveryPointArn"], {"DestinationBucketName": name})

    assert s3.get_object(Bucket=name, Key="2026/one.txt")["Body"].read() == b"first"


def test_a_copy_in_another_region_restores_there(region, vault):
    name = unique("events")
    arn = make_table(region, name)
    west = region.client("backup", "us-west-2")
    far = west.create_backup_vault(BackupVaultName=vault)["BackupVaultArn"]
    job = back_up(region, vault, arn)
    client = region.client("backup")
    started = client.start_copy_job(
        RecoveryPointArn=job["RecoveryPointArn"],
        SourceBackupVaultName=vault,
        DestinationBackupVaultArn=far,
        IamRoleArn=ROLE,
    )
    copied = eventually(
        lambda: client.describe_copy_job(CopyJobId=started["CopyJobId"])["CopyJob"],
        lambda seen: seen["State"] in DONE,
    )
    assert copied["State"] == "COMPLETED", copied

    point = copied["DestinationRecoveryPointArn"]
    restore(region, point, {"targetTableName": f"{name}-west"}, "us-west-2")

    assert items(region, f"{name}-west", "us-west-2") == items(region, name)


def test_a_plan_backs_up_what_carries_its_tag_and_nothing_else(region, vault):
    client, owner = region.client("backup"), unique("owner")
    mine = make_table(region, unique("mine"), {"BackupPlan": owner})
    make_table(region, unique("other"), {"BackupPlan": "another"})
    plan = client.create_backup_plan(
        BackupPlan={
            "BackupPlanName": "often",
            "Rules": [
                {
                    "RuleName": "minutely",
                    "TargetBackupVaultName": vault,
                    "ScheduleExpression": "cron(* * * * ? *)",
                    "Lifecycle": {"DeleteAfterDays": 35},
                }
            ],
        }
    )["BackupPlanId"]
    client.create_backup_selection(
        BackupPlanId=plan,
        BackupSelection={
            "SelectionName": "tagged",
            "IamRoleArn": ROLE,
            "Resources": ["*"],
            "Conditions": {
                "StringEquals": [
                    {"ConditionKey": "aws:ResourceTag/BackupPlan", "ConditionValue": owner}
                ]
            },
        },
    )

    points = eventually(
        lambda: client.list_recovery_points_by_backup_vault(BackupVaultName=vault)[
            "RecoveryPoints"
        ],
        seconds=75,
    )

    assert {point["ResourceArn"] for point in points} == {mine}
    assert points[0]["CreatedBy"]["BackupPlanId"] == plan
    kept = points[0]["CalculatedLifecycle"]["DeleteAt"] - points[0]["CreationDate"]
    assert kept.days == 35
    for selection in client.list_backup_selections(BackupPlanId=plan)["BackupSelectionsList"]:
        client.delete_backup_selection(BackupPlanId=plan, SelectionId=selection["SelectionId"])
    client.delete_backup_plan(BackupPlanId=plan)


def test_a_locked_vault_gives_nothing_away(region, vault):
    client = region.client("backup")
    job = back_up(region, vault, make_table(region, unique("kept")))
    client.put_backup_vault_lock_configuration(BackupVaultName=vault, MinRetentionDays=7)

    with pytest.raises(ClientError) as caught:
        client.delete_recovery_point(
            BackupVaultName=vault, RecoveryPointArn=job["RecoveryPointArn"]
        )
    assert code(caught) == "InvalidRequestException"
    with pytest.raises(ClientError) as caught:
        client.start_backup_job(
            BackupVaultName=vault,
            ResourceArn=job["ResourceArn"],
            IamRoleArn=ROLE,
            Lifecycle={"DeleteAfterDays": 1},
        )
    assert code(caught) == "InvalidParameterValueException"
    client.delete_backup_vault_lock_configuration(BackupVaultName=vault)
    client.delete_recovery_point(BackupVaultName=vault, RecoveryPointArn=job["RecoveryPointArn"])
    client.delete_backup_vault(BackupVaultName=vault)


def test_a_vault_with_recovery_points_is_not_deleted(region, vault):
    back_up(region, vault, make_table(region, unique("kept")))

    with pytest.raises(ClientError) as caught:
        region.client("backup").delete_backup_vault(BackupVaultName=vault)
    assert code(caught) == "InvalidRequestException"


def test_cold_storage_for_less_than_ninety_days_is_refused(region, vault):
    with pytest.raises(ClientError, match="at least 90 days") as caught:
        region.client("backup").start_backup_job(
            BackupVaultName=vault,
            ResourceArn="arn:aws:s3:::any",
            IamRoleArn=ROLE,
            Lifecycle={"MoveToColdStorageAfterDays": 30, "DeleteAfterDays": 60},
        )
    assert code(caught) == "InvalidParameterValueException"


def test_a_job_for_what_is_not_there_fails_with_the_reason(region, vault):
    client = region.client("backup")
    started = client.start_backup_job(
        BackupVaultName=vault,
        ResourceArn="arn:aws:dynamodb:us-east-1:000000000000:table/nobody",
        IamRoleArn=ROLE,
    )
    job = eventually(
        lambda: client.describe_backup_job(BackupJobId=started["BackupJobId"]),
        lambda seen: seen["State"] in DONE,
    )

    assert job["State"] == "FAILED"
    assert "nobody" in job["StatusMessage"]
