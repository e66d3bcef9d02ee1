"""What rules measure against, for each environment: a table rather than numbers in rules."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace


@dataclass(frozen=True, kw_only=True)
class Settings:
    """The figures of one environment.

    Attributes:
        environment: Its name.
        open_ports: Ports that the whole internet may reach.
        required_tags: Tags that everything carries.
        regions: Regions that resources may be in.
        recovery_region: Region of the recovery side; "" where there is none.
        backup_retention_days: Least days that database backups are kept.
        log_retention_days: Least days that logs are kept.
        plan_retention_days: Least days that backup plans keep what they make.
        key_deletion_days: Least days between the request to delete a key and its end.
        secret_rotation_days: Most days between two rotations of a secret.
        stream_retention_hours: Least hours that streams keep records.
        bake_minutes: Least minutes that both sides of a blue-green deployment run.
        zones: Least availability zones that things are spread over.
        costs: Product → what the stack is estimated to cost a month, in US dollars; empty where
            nobody estimated it.
    """

    environment: str
    open_ports: Sequence[int] = (80, 443)
    required_tags: Sequence[str] = (
        *("Environment", "Product", "ManagedBy", "CostCenter", "Owner"),
        *("Component", "DataClass"),
    )
    regions: Sequence[str] = ("us-east-1", "us-west-2")
    recovery_region: str = "us-west-2"
    backup_retention_days: int = 7
    log_retention_days: int = 365
    plan_retention_days: int = 35
    key_deletion_days: int = 14
    secret_rotation_days: int = 90
    stream_retention_hours: int = 24
    bake_minutes: int = 5
    zones: int = 3
    other_environments: Sequence[str] = field(default=())
    costs: Mapping[str, float] = field(default_factory=dict)


ENVIRONMENTS = ("local", "staging", "production")

PRODUCTION = Settings(environment="production", other_environments=("local", "staging"))
_TABLE: Mapping[str, Settings] = {
    "production": PRODUCTION,
    "staging": replace(
        PRODUCTION,
        environment="staging",
        other_environments=("local", "production"),
        recovery_region="",
        backup_retention_days=1,
        log_retention_days=30,
        plan_retention_days=7,
        key_deletion_days=7,
        zones=2,
    ),
    "local": replace(
        PRODUCTION,
        environment="local",
        other_environments=("staging", "production"),
        open_ports=(80, 443, 8080, 8443),
        recovery_region="",
        backup_retention_days=1,
        log_retention_days=1,
        plan_retention_days=1,
        key_deletion_days=7,
        zones=2,
    ),
}


def settings_for(environment: str) -> Settings:
    """Return the figures of an environment; production's for one that is not in the table."""
    return _TABLE.get(environment) or replace(PRODUCTION, environment=environment)
