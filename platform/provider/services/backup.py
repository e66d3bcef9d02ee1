"""AWS Backup: vaults and their locks, plans and their selections, tests of restores."""

from typing import Any

from platformctl.provider.context import Context
from platformctl.provider.identity import assigned, joined, name, parameter
from platformctl.provider.spec import (
    Ask,
    Fidelity,
    Name,
    ResourceSpec,
    Send,
    Tagging,
    Update,
)

VAULT = {"BackupVaultName": "{id}"}
PLAN = {"BackupPlanId": "{id}"}
SELECTION = {"BackupPlanId": "{planId}", "SelectionId": "{id}"}
TESTING_PLAN = {"RestoreTestingPlanName": "{id}"}
TESTING_SELECTION = {
    "RestoreTestingPlanName": "{restoreTestingPlanName}",
    "RestoreTestingSelectionName": "{name}",
}
RULE = {
    "rules.targetVaultName": "TargetBackupVaultName",
    "rules.schedule": "ScheduleExpression",
    "rules.copyActions.destinationVaultArn": "DestinationBackupVaultArn",
    "rules.startWindow": "StartWindowMinutes",
    "rules.completionWindow": "CompletionWindowMinutes",
    "rules.targetLogicallyAirGappedBackupVaultArn": "TargetLogicallyAirGappedBackupVaultArn",
    **{
        f"{place}.{key}": member
        for place in ("rules.lifecycle", "rules.copyActions.lifecycle")
        for key, member in (
            ("coldStorageAfter", "MoveToColdStorageAfterDays"),
            ("deleteAfter", "DeleteAfterDays"),
        )
    },
}
"""Names of what a rule says, where they are not the API's."""
CONDITIONS = {
    f"conditions.{kind}.{key}": f"Condition{key.capitalize()}"
    for kind in ("stringEquals", "stringLikes", "stringNotEquals", "stringNotLikes")
    for key in ("key", "value")
}


def tagging(member: str, arn: str) -> Tagging:
    """Return how a resource of AWS Backup with this ARN is tagged."""
    return Tagging(
        member=member,
        form="map",
        add="tag_resource",
        remove="untag_resource",
        resource={"ResourceArn": arn},
        read=Ask("list_tags", {"ResourceArn": arn}, "Tags"),
        keys_member="TagKeyList",
    )


def _delete_vault(context: Context) -> None:
    """Delete a vault, with its recovery points when `forceDestroy` says so."""
    if context.inputs.get("forceDestroy"):
        asked = {"BackupVaultName": context.id}
        answer = context.call("list_recovery_points_by_backup_vault", **asked)
        for point in answer["RecoveryPoints"]:
            context.call(
                "delete_recovery_point", **asked, RecoveryPointArn=point["RecoveryPointArn"]
            )
    context.call("delete_backup_vault", BackupVaultName=context.id)


def _remember(context: Context) -> None:  # every function of a row has it
    """Do nothing: `forceDestroy` is for the deletion."""


def _read_lock(context: Context) -> Any:
    """Describe the lock of a vault, None without one."""
    vault = context.find(Ask("describe_backup_vault", VAULT))
    return vault if vault and vault["Locked"] else None


SPECS = (
    ResourceSpec(
        type="aws:backup/vault:Vault",
        service="backup",
        identity=name(),
        fidelity=Fidelity.LIVE,
        create=Send("create_backup_vault"),
        read=Ask("describe_backup_vault", VAULT),
        delete=_delete_vault,
        names={"name": "BackupVaultName", "kmsKeyArn": "EncryptionKeyArn"},
        reads={"arn": "BackupVaultArn", "recoveryPoints": "NumberOfRecoveryPoints"},
        defaults={"forceDestroy": False},
        unread=("forceDestroy",),
        handled=("forceDestroy",),
        updates=(Update(_remember, ("forceDestroy",)),),
        name=Name("name", 50),
        tags=tagging("BackupVaultTags", "{arn}"),
        note="keeps recovery points of RDS (snapshots), DynamoDB and S3 (files), in any region",
    ),
    ResourceSpec(
        type="aws:backup/vaultLockConfiguration:VaultLockConfiguration",
        service="backup",
        identity=parameter("backupVaultName"),
        fidelity=Fidelity.LIVE,
        create=Send("put_backup_vault_lock_configuration"),
        read=_read_lock,
        updates=(Update(Send("put_backup_vault_lock_configuration", VAULT)),),
        delete=Ask("delete_backup_vault_lock_configuration", VAULT),
        reads={"backupVaultArn": "BackupVaultArn"},
        unread=("changeableForDays",),
        replace=("backupVaultName",),
        note="recovery points of a locked vault cannot be deleted",
    ),
    ResourceSpec(
        type="aws:backup/plan:Plan",
        service="backup",
        identity=assigned("BackupPlanId"),
        fidelity=Fidelity.LIVE,
        create=Send("create_backup_plan"),
        read=Ask("get_backup_plan", PLAN),
        updates=(Update(Send("update_backup_plan", PLAN)),),
        delete=Ask("delete_backup_plan", PLAN),
        names={
            "name": "BackupPlan.BackupPlanName",
            "rules": "BackupPlan.Rules",
            "advancedBackupSettings": "BackupPlan.AdvancedBackupSettings",
            "scanSettings": "BackupPlan.ScanSettings",
            **RULE,
        },
        reads={"arn": "BackupPlanArn", "version": "VersionId"},
        name=Name("name", 50),
        tags=tagging("BackupPlanTags", "{arn}"),
        note="rules are followed at their time; start and completion windows are not waited for",
    ),
    ResourceSpec(
        type="aws:backup/selection:Selection",
        service="backup",
        identity=assigned("SelectionId"),
        fidelity=Fidelity.LIVE,
        create=Send("create_backup_selection", {"BackupPlanId": "{planId}"}),
        read=Ask("get_backup_selection", SELECTION),
        delete=Ask("delete_backup_selection", SELECTION),
        names={
            "name": "BackupSelection.SelectionName",
            "iamRoleArn": "BackupSelection.IamRoleArn",
            "resources": "BackupSelection.Resources",
            "notResources": "BackupSelection.NotResources",
            "selectionTags": "BackupSelection.ListOfTags",
            "selectionTags.type": "ConditionType",
            "selectionTags.key": "ConditionKey",
            "selectionTags.value": "ConditionValue",
            "conditions": "BackupSelection.Conditions",
            **CONDITIONS,
        },
        reads={"planId": "BackupPlanId"},
        name=Name("name", 50),
    ),
    ResourceSpec(
        type="aws:backup/restoreTestingPlan:RestoreTestingPlan",
        service="backup",
        identity=name(),
        fidelity=Fidelity.API,
        create=Send("create_restore_testing_plan"),
        read=Ask("get_restore_testing_plan", TESTING_PLAN),
        updates=(
            Update(
                Send(
                    "update_restore_testing_plan",
                    TESTING_PLAN,
                    leave=("name",),
                ),
            ),
        ),
        delete=Ask("delete_restore_testing_plan", TESTING_PLAN),
        names={
            key: f"RestoreTestingPlan.{member}"
            for key, member in (
                ("name", "RestoreTestingPlanName"),
                ("recoveryPointSelection", "RecoveryPointSelection"),
                ("scheduleExpression", "ScheduleExpression"),
                ("scheduleExpressionTimezone", "ScheduleExpressionTimezone"),
                ("startWindowHours", "StartWindowHours"),
            )
        },
        reads={"arn": "RestoreTestingPlan.RestoreTestingPlanArn"},
        defaults={"startWindowHours": 24, "scheduleExpressionTimezone": "Etc/UTC"},
        name=Name("name", 50),
        tags=tagging("Tags", "{arn}"),
        note="recorded; no restore is tested by itself",
    ),
    ResourceSpec(
        type="aws:backup/restoreTestingSelection:RestoreTestingSelection",
        service="backup",
        identity=joined("name", "restoreTestingPlanName"),
        fidelity=Fidelity.API,
        create=Send("create_restore_testing_selection"),
        read=Ask("get_restore_testing_selection", TESTING_SELECTION),
        updates=(
            Update(
                Send(
                    "update_restore_testing_selection",
                    TESTING_SELECTION,
                    leave=("name", "protectedResourceType", "restoreTestingPlanName"),
                ),
            ),
        ),
        delete=Ask("delete_restore_testing_selection", TESTING_SELECTION),
        names={
            "restoreTestingPlanName": "RestoreTestingPlanName",
            **{
                key: f"RestoreTestingSelection.{member}"
                for key, member in (
                    ("name", "RestoreTestingSelectionName"),
                    ("iamRoleArn", "IamRoleArn"),
                    ("protectedResourceArns", "ProtectedResourceArns"),
                    ("protectedResourceConditions", "ProtectedResourceConditions"),
                    ("protectedResourceType", "ProtectedResourceType"),
                    ("restoreMetadataOverrides", "RestoreMetadataOverrides"),
                    ("validationWindowHours", "ValidationWindowHours"),
                )
            },
        },
        reads={"restoreTestingPlanName": "RestoreTestingSelection.RestoreTestingPlanName"},
        defaults={"validationWindowHours": 0},
        name=Name("name", 50),
        note="recorded; no restore is tested by itself",
    ),
)
