"""Backups of all stores, copied to the recovery region and tried out."""

from platformctl.components import (
    BackupPlan,
    BackupPlanArgs,
    BackupRule,
    BackupVault,
    BackupVaultArgs,
    RestoreTesting,
    VaultLock,
)
from platformctl.config.recovery import BackupConfig
from platformctl.naming.tags import component_tags
from platformctl.stacks.layers.security import DATA
from platformctl.stacks.layers.shared import SHARED, Shared, tags

HOURS_A_DAY = 24
DAILY = "cron(0 5 * * ? *)"
LOCKED_DAYS = 7
RESTORED = ("RDS", "DynamoDB", "DocumentDB", "S3")
"""Types of stores whose backups are tried out; products keep data in all of them."""


def backups(shared: Shared) -> BackupPlan | None:
    """Make the plan, its vault here and the one in the recovery region; None if not wanted."""
    config = shared.config
    if config.backup is None:
        return None
    tested = config.environment == "production"
    here = _vault(shared, config.backup)
    elsewhere = _vault(shared.recovery, config.backup) if shared.recovery else None
    return BackupPlan(
        "backups",
        BackupPlanArgs(
            plan_name=f"platform-{config.environment}",
            vault_name=here.vault_name,
            vault_arn=here.arn,
            # Whatever holds data of people and customers says so in its tags.
            selected_tags={"Environment": config.environment, "DataClass": "confidential"},
            rules=[_rule(config.backup)],
            copy_to=[elsewhere.arn] if elsewhere else [],
            restore_testing=RestoreTesting(types=RESTORED) if tested else None,
            tags=component_tags(tags(config, SHARED), "backups", "confidential"),
        ),
    )


def _vault(side: Shared, backup: BackupConfig) -> BackupVault:
    protected = side.config.deletion_protection
    lock = VaultLock(shortest_days=min(LOCKED_DAYS, backup.retention_days)) if protected else None
    return BackupVault(
        f"{side.prefix}vault",
        BackupVaultArgs(
            vault_name=f"platform-{side.config.environment}",
            key_arn=side.keys.arns[DATA],
            lock=lock,
            deletion_protection=protected,
            force_destroy=side.config.environment == "local" or side.config.rehearsal,
            tags=component_tags(tags(side.config, SHARED), "backups", "confidential"),
        ),
        side.options,
    )


def _rule(backup: BackupConfig) -> BackupRule:
    """Return the one rule; a database also makes backups of its own, for any second of a week."""
    often = backup.interval_hours < HOURS_A_DAY
    return BackupRule(
        key=f"every-{backup.interval_hours}-hours",
        schedule=f"cron(0 0/{backup.interval_hours} * * ? *)" if often else DAILY,
        keep_days=backup.retention_days,
    )
