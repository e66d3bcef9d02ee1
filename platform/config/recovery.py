"""Recovery: backups, and what of each product stands ready in the other region."""

from typing import Literal

from pydantic import Field

from platformctl.config.base import Count, Section
from platformctl.config.data import ReplicaConfig


class BackupConfig(Section):
    """Backups of all stores by AWS Backup, besides those that the stores make themselves."""

    interval_hours: Literal[1, 2, 3, 4, 6, 8, 12, 24] = Field(
        default=24,
        description="Hours between two backups, which are also copied to the recovery region.",
    )
    retention_days: int = Field(
        default=35, ge=1, le=36500, description="Days to keep a backup and its copy."
    )


class RecoveryConfig(Section):
    """What the loss of the region may cost a product, and what stands ready in the other one."""

    rto_minutes: int = Field(
        ge=1, description="Minutes until the product serves again (recovery time objective)."
    )
    rpo_minutes: int = Field(
        ge=1, description="Minutes of data that may be lost (recovery point objective)."
    )
    replica: ReplicaConfig | None = Field(
        default=None,
        description="Replica of the database in the recovery region, seconds behind; without it, "
        "the last copied backup is what there is.",
    )
    standby_count: Count = Field(
        default=0,
        description="Tasks of each service that run there all the time; the rest is started when "
        "the region takes over.",
    )

    @property
    def stands_ready(self) -> bool:
        """Whether anything of the product runs in the recovery region all the time."""
        return self.replica is not None or self.standby_count > 0
