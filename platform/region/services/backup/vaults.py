"""Vaults: where recovery points are kept, and what keeps them from being deleted."""

import re
from typing import Any

from platformctl.region.services.backup.records import DAY, Records, invalid, missing, refused
from platformctl.region.services.base import Call, ServiceError

NAME = re.compile(r"[a-zA-Z0-9_-]{2,50}")
_TIMES = ("CreationDate", "LockDate")
_FIRST_LOCK_DAYS = 3
"""Days that a lock can still be taken back at least."""


class VaultOperations(Records):
    """The operations on vaults."""

    def create_backup_vault(self, call: Call) -> dict[str, Any]:
        """Create a vault."""
        asked = call.parameters
        name = asked["BackupVaultName"]
        if not NAME.fullmatch(name):
            raise invalid(f"{name} is not a vault name: 2 to 50 letters, digits, '_' and '-'.")
        if name in self.table(call.region, "vaults"):
            raise ServiceError("AlreadyExistsException", f"Backup vault {name} already exists.")
        record = {
            "BackupVaultName": name,
            "BackupVaultArn": self.arn(call.region, "backup-vault", name),
            "EncryptionKeyArn": asked.get("EncryptionKeyArn"),
            "CreatorRequestId": asked.get("CreatorRequestId"),
            "CreationDate": self.runtime.now(),
            "VaultType": "BACKUP_VAULT",
            "VaultState": "AVAILABLE",
            "Locked": False,
        }
        self.table(call.region, "vaults")[name] = record
        self.set_tags(call.region, record["BackupVaultArn"], asked.get("BackupVaultTags"))
        return self._shown_vault(call.region, record)

    def describe_backup_vault(self, call: Call) -> dict[str, Any]:
        """Describe a vault."""
        name = call.parameters["BackupVaultName"]
        return self._shown_vault(call.region, self.vault(call.region, name))

    def list_backup_vaults(self, call: Call) -> dict[str, Any]:
        """List the vaults."""
        vaults = self.table(call.region, "vaults").values()
        shown = [self._shown_vault(call.region, record) for record in vaults]
        return self.listed(call, "BackupVaultList", shown)

    def delete_backup_vault(self, call: Call) -> dict[str, Any]:
        """Delete a vault that is empty."""
        record = self.vault(call.region, call.parameters["BackupVaultName"])
        name = record["BackupVaultName"]
        if self.points_in(call.region, name):
            raise refused(f"Backup vault {name} cannot be deleted because it has recovery points.")
        self.forget_tags(call.region, record["BackupVaultArn"])
        del self.table(call.region, "vaults")[name]
        return {}

    def put_backup_vault_lock_configuration(self, call: Call) -> dict[str, Any]:
        """Lock a vault: its recovery points can no longer be deleted by hand."""
        asked = call.parameters
        record = self.vault(call.region, asked["BackupVaultName"])
        self._refuse_when_sealed(record)
        shortest, longest = asked.get("MinRetentionDays"), asked.get("MaxRetentionDays")
        if shortest is not None and longest is not None and shortest > longest:
            raise invalid("MinRetentionDays must not exceed MaxRetentionDays.")
        days = asked.get("ChangeableForDays")
        if days is not None and days < _FIRST_LOCK_DAYS:
            raise invalid(f"ChangeableForDays must be at least {_FIRST_LOCK_DAYS}.")
        record |= {
            "Locked": True,
            "MinRetentionDays": shortest,
            "MaxRetentionDays": longest,
            "LockDate": None if days is None else self.runtime.now() + days * DAY,
        }
        self.table(call.region, "vaults")[record["BackupVaultName"]] = record
        return {}

    def delete_backup_vault_lock_configuration(self, call: Call) -> dict[str, Any]:
        """Take a lock back, as long as that is possible."""
        record = self.vault(call.region, call.parameters["BackupVaultName"])
        self._refuse_when_sealed(record)
        kept = {
            key: value
            for key, value in record.items()
            if key not in ("MinRetentionDays", "MaxRetentionDays", "LockDate")
        }
        self.table(call.region, "vaults")[record["BackupVaultName"]] = {**kept, "Locked": False}
        return {}

    def vault(self, region: str, reference: str) -> dict[str, Any]:
        """Return a vault's record by name or ARN.

        Raises:
            ServiceError: There is none.
        """
        return self.record(region, "vaults", reference.rpartition(":")[2], "Backup vault")

    def points_in(self, region: str, vault: str) -> list[dict[str, Any]]:
        """Return the recovery points of a vault, oldest first."""
        points = self.table(region, "points").values()
        return [point for point in points if point["BackupVaultName"] == vault]

    def check_retention(self, region: str, vault: str, days: int | None) -> None:
        """Check how long something may be kept in a vault.

        Raises:
            ServiceError: The vault's lock allows it not.
        """
        record = self.vault(region, vault)
        if not record["Locked"]:
            return
        shortest, longest = record.get("MinRetentionDays"), record.get("MaxRetentionDays")
        if shortest is not None and days is not None and days < shortest:
            raise invalid(f"Vault {vault} keeps recovery points {shortest} days or longer.")
        if longest is not None and (days is None or days > longest):
            raise invalid(f"Vault {vault} keeps recovery points {longest} days or shorter.")

    def _refuse_when_sealed(self, record: dict[str, Any]) -> None:
        sealed = record.get("LockDate")
        if sealed is not None and sealed <= self.runtime.now():
            raise refused(f"The lock of vault {record['BackupVaultName']} cannot be changed.")

    def _shown_vault(self, region: str, record: dict[str, Any]) -> dict[str, Any]:
        count = len(self.points_in(region, record["BackupVaultName"]))
        return {**self.shown(record, *_TIMES), "NumberOfRecoveryPoints": count}


def recovery_point_missing(arn: str) -> ServiceError:
    """Return the error for a recovery point that does not exist."""
    return missing(f"Recovery point {arn}")
