"""Backups are copied to a locked vault in the recovery region."""

from collections.abc import Iterator

from platformctl.policies import tokens
from platformctl.policies.relations import in_recovery, region_of
from platformctl.policies.rule import HIGH, OFF, Problem, StackRule, Violation
from platformctl.policies.settings import Settings
from platformctl.policies.view import ResourceView, StackView

_LOCK = "aws:backup/vaultLockConfiguration:VaultLockConfiguration"
_DESTINATION = "rules[].copyActions[].destinationVaultArn"


def _locked(stack: StackView, settings: Settings) -> Iterator[Problem]:
    if not settings.recovery_region:
        return
    for plan in stack.all(tokens.BACKUP_PLAN):
        if in_recovery(plan, settings):
            continue
        vaults = _vaults(plan, stack)
        away = [each for each in vaults if region_of(each) == settings.recovery_region]
        if not away:
            expected = f"a vault of this stack in {settings.recovery_region}"
            yield Violation(path=_DESTINATION, expected=expected, urn=plan.urn)
        for vault in away:
            if not stack.users(vault, _LOCK):
                yield Violation(expected="a vault lock", urn=vault.urn)


def _vaults(plan: ResourceView, stack: StackView) -> list[ResourceView]:
    """Return the vaults that a plan writes to; which of them are copies, their region tells."""
    return list(
        {
            each.urn: each
            for each in (
                *stack.targets(plan, _DESTINATION, tokens.BACKUP_VAULT),
                *stack.sources(plan, "rules", tokens.BACKUP_VAULT),
            )
        }.values()
    )


RULE = StackRule(
    id="backup-copied-and-locked",
    title="Backups are copied to a locked vault in the recovery region",
    why="Whoever takes over the account deletes the backups first; a locked vault refuses.",
    fix="give BackupPlan a `copy_to` with a locked BackupVault in the recovery region",
    severity=HIGH,
    staging=OFF,
    judge=_locked,
    before="BackupPlanArgs(copy_to=[])",
    after="BackupPlanArgs(copy_to=[CopyTo(vault_arn=vault.arn)]) and a vault with a lock",
)
