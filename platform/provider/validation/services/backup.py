"""Backup vaults, plans, selections, and tests that a backup can be restored."""

from platformctl.plugin.provider import CheckFailure
from platformctl.provider.validation.formats import arn, schedule
from platformctl.provider.validation.paths import block, objects
from platformctl.provider.validation.rules import (
    AtLeastOne,
    Count,
    Custom,
    Distinct,
    ExactlyOne,
    Failures,
    Follows,
    Inputs,
    OneOf,
    Pattern,
    Range,
    Row,
)

NAME = r"[a-zA-Z0-9\-_.]{1,50}"
VAULT = r"[a-zA-Z0-9\-_]{2,50}"
COLD_DAYS = 90
"""Days that a backup stays in cold storage at least."""
CONTINUOUS_DAYS = 35
MARGIN = 60


def _lifecycles(inputs: Inputs) -> Failures:
    """What goes to cold storage stays there for 90 days; continuous backups live 35."""
    for path in ("rules[].lifecycle", "rules[].copyActions[].lifecycle"):
        for place, lifecycle in objects(inputs, path):
            cold, days = lifecycle.get("coldStorageAfter"), lifecycle.get("deleteAfter")
            if isinstance(cold, int) and isinstance(days, int) and days < cold + COLD_DAYS:
                yield CheckFailure(
                    f"{place}.deleteAfter",
                    f"{place}.deleteAfter must be at least {cold + COLD_DAYS}, not {days}",
                )
    for place, each in objects(inputs, "rules[]"):
        days = block(each, "lifecycle").get("deleteAfter")
        if each.get("enableContinuousBackup") is True:
            yield from Range("deleteAfter", 1, CONTINUOUS_DAYS).judge({"deleteAfter": days})
        start, end = each.get("startWindow"), each.get("completionWindow")
        if isinstance(start, int) and isinstance(end, int) and end < start + MARGIN:
            yield CheckFailure(
                f"{place}.completionWindow",
                f"{place}.completionWindow must be at least {start + MARGIN} minutes, not {end}",
            )


ROWS = {
    "aws:backup/vault:Vault": Row(
        "backup/vault.go", (Pattern("name", VAULT), Follows("kmsKeyArn", arn))
    ),
    "aws:backup/vaultLockConfiguration:VaultLockConfiguration": Row(
        "backup/vault_lock_configuration.go",
        (
            Pattern("backupVaultName", VAULT),
            Range("changeableForDays", 3, 36500),
            Range("minRetentionDays", 1, 36500),
            Range("maxRetentionDays", 1, 36500),
        ),
    ),
    "aws:backup/plan:Plan": Row(
        "backup/plan.go",
        (
            Pattern("name", NAME),
            Count("rules", 1),
            Pattern("rules[].ruleName", NAME),
            Distinct("rules[].ruleName"),
            Pattern("rules[].targetVaultName", VAULT),
            Follows("rules[].schedule", schedule),
            Range("rules[].startWindow", 60),
            Follows("rules[].copyActions[].destinationVaultArn", arn),
            Custom(_lifecycles),
        ),
    ),
    "aws:backup/selection:Selection": Row(
        "backup/selection.go",
        (
            Pattern("name", NAME),
            Follows("iamRoleArn", arn),
            AtLeastOne(("resources", "selectionTags", "notResources")),
            OneOf("selectionTags[].type", ("STRINGEQUALS",)),
            # `*` means every resource; everything else is an ARN, with wildcards.
            Pattern("resources[]", r"\*|arn:.+"),
            *(
                Pattern(f"conditions[].{each}[].key", r"aws:ResourceTag/.+")
                for each in ("stringEquals", "stringNotEquals", "stringLikes", "stringNotLikes")
            ),
            Count("selectionTags", 0, 500),
        ),
    ),
    "aws:backup/restoreTestingPlan:RestoreTestingPlan": Row(
        "backup/restore_testing_plan.go",
        (
            Pattern("name", r"\w{1,50}", "up to 50 letters, digits and underscores"),
            Follows("scheduleExpression", schedule),
            Range("startWindowHours", 1, 168),
            Count("recoveryPointSelection.includeVaults", 1),
            Count("recoveryPointSelection.recoveryPointTypes", 1),
            Range("recoveryPointSelection.selectionWindowDays", 1, 365),
            Pattern("recoveryPointSelection.includeVaults[]", r"\*|arn:.+"),
            Pattern("recoveryPointSelection.excludeVaults[]", r"\*|arn:.+"),
            OneOf(
                "recoveryPointSelection.algorithm", ("LATEST_WITHIN_WINDOW", "RANDOM_WITHIN_WINDOW")
            ),
            OneOf("recoveryPointSelection.recoveryPointTypes[]", ("CONTINUOUS", "SNAPSHOT")),
        ),
    ),
    "aws:backup/restoreTestingSelection:RestoreTestingSelection": Row(
        "backup/restore_testing_selection.go",
        (
            Pattern("name", r"\w{1,50}", "up to 50 letters, digits and underscores"),
            Pattern("restoreTestingPlanName", r"\w{1,50}"),
            Follows("iamRoleArn", arn),
            ExactlyOne(("protectedResourceArns", "protectedResourceConditions")),
            Range("validationWindowHours", 0, 168),
            Pattern("protectedResourceArns[]", r"\*|arn:.+"),
            Pattern("protectedResourceConditions.stringEquals[].key", r"aws:ResourceTag/.+"),
            OneOf(
                "protectedResourceType",
                (
                    "Aurora",
                    "DocumentDB",
                    "DynamoDB",
                    "EBS",
                    "EC2",
                    "EFS",
                    "FSx",
                    "Neptune",
                    "RDS",
                    "S3",
                ),
            ),
        ),
    ),
}
