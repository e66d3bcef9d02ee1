"""Deleting a vault does not delete its backups."""

from platformctl.policies.rule import HIGH, Rule
from platformctl.policies.vocabulary import not_true

RULE = Rule(
    id="backup-vault-no-force-destroy",
    title="Deleting a vault does not delete its backups",
    why="A vault must outlive every mistake made with the stack.",
    fix="leave `force_destroy` unset, as BackupPlan does",
    severity=HIGH,
    types=("aws:backup/vault:Vault",),
    judge=not_true("forceDestroy"),
    before={"forceDestroy": True},
    after={"forceDestroy": False},
)
