"""Backup vaults and the plans that fill them."""

# pulumi_aws loads its modules when they are first named; annotations must not name them.
from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pulumi
import pulumi_aws as aws

from platformctl.components.base import Args, Component
from platformctl.components.security.roles import ServiceRole, ServiceRoleArgs

VAULT_NAME = re.compile(r"[0-9A-Za-z_-]{2,50}")
PLAN_NAME = re.compile(r"[0-9A-Za-z_.-]{1,50}")
CRON = re.compile(r"cron\(\S+( \S+){5}\)")
COLD_DAYS = 90
"""Days that AWS charges for cold storage at least, so that nothing may leave earlier."""
MOST_CONTINUOUS_DAYS = 35
FEWEST_LOCK_DAYS = 3
POLICIES = (
    "service-role/AWSBackupServiceRolePolicyForBackup",
    "service-role/AWSBackupServiceRolePolicyForRestores",
    "AWSBackupServiceRolePolicyForS3Backup",
    "AWSBackupServiceRolePolicyForS3Restore",
)
"""What AWS Backup needs for all types of resources, as AWS maintains it."""


@dataclass(frozen=True, kw_only=True)
class VaultLock:
    """What keeps the recovery points of a vault from being deleted.

    Attributes:
        shortest_days: Fewest days that a recovery point is kept.
        longest_days: Most days, if there is a limit.
        sealed_after_days: Days, 3 or more, after which nobody can take the lock back any more,
            AWS included; whoever may unlock it can always do so without it.
    """

    shortest_days: int = 7
    longest_days: int | None = None
    sealed_after_days: int | None = None

    def mistakes(self) -> Iterator[str]:
        """Yield one sentence for what cannot be."""
        longest, sealed = self.longest_days, self.sealed_after_days
        if self.shortest_days < 1:
            yield f"lock has shortest_days {self.shortest_days}: must be 1 or more"
        if longest is not None and longest < self.shortest_days:
            yield f"lock has longest_days {longest}: must not be below {self.shortest_days}"
        if sealed is not None and sealed < FEWEST_LOCK_DAYS:
            yield f"lock has sealed_after_days {sealed}: must be {FEWEST_LOCK_DAYS} or more"


@dataclass(frozen=True, kw_only=True)
class BackupVaultArgs(Args):
    """What a vault is.

    Attributes:
        vault_name: Its name.
        key_arn: KMS key of its recovery points, in its own region; AWS Backup's own without it.
        lock: What keeps its recovery points from being deleted, if wanted.
        deletion_protection: Whether Pulumi refuses to delete it.
        force_destroy: Whether it is deleted with all recovery points that are in it.
    """

    vault_name: str
    key_arn: pulumi.Input[str] | None = None
    lock: VaultLock | None = None
    deletion_protection: bool = True
    force_destroy: bool = False

    def mistakes(self) -> Iterator[str]:
        """Yield one sentence for each argument that cannot be."""
        if not VAULT_NAME.fullmatch(self.vault_name):
            yield f"vault_name is {self.vault_name!r}: 2 to 50 letters, digits, '_' and '-'"
        if self.lock is not None:
            yield from self.lock.mistakes()


class BackupVault(Component):
    """An encrypted vault of AWS Backup, in the region of the provider that it is given.

    Example::

        BackupVault("main", BackupVaultArgs(vault_name="production", key_arn=keys.arns["data"],
                                            lock=VaultLock(shortest_days=7)))

    Monthly cost: the vault is free; a GB of database snapshots is $0.095, of tables $0.10, of
    buckets $0.05.

    Attributes:
        vault_name: Its name.
        arn: Its ARN.
    """

    vault_name: pulumi.Output[str]
    arn: pulumi.Output[str]

    def __init__(
        self, name: str, args: BackupVaultArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("data:BackupVault", name, args, opts)
        self.vault = self.child(
            "",
            aws.backup.Vault,
            name=args.vault_name,
            kms_key_arn=args.key_arn,
            force_destroy=args.force_destroy,
            options=pulumi.ResourceOptions(protect=args.deletion_protection),
        )
        if args.lock is not None:
            self.child(
                "lock",
                aws.backup.VaultLockConfiguration,
                backup_vault_name=self.vault.name,
                min_retention_days=args.lock.shortest_days,
                max_retention_days=args.lock.longest_days,
                changeable_for_days=args.lock.sealed_after_days,
            )
        self.vault_name = self.vault.name
        self.arn = self.vault.arn
        self.finish("vault_name", "arn")


@dataclass(frozen=True, kw_only=True)
class BackupRule:
    """When recovery points are taken, and how long they are kept.

    Attributes:
        key: Stable name of the rule.
        schedule: When, as a cron expression in UTC.
        keep_days: Days until they are deleted.
        cold_after_days: Days until they move to cold storage, 90 or more before they are deleted;
            only some types can (DynamoDB can, RDS and S3 cannot).
        continuous: Whether any second of the time can be restored, where the type can do that
            (RDS and S3); AWS Backup then owns the backup window of a database.
        start_minutes: Minutes within which it begins, 60 or more.
        complete_minutes: Minutes within which it ends.
    """

    key: str
    schedule: str
    keep_days: int
    cold_after_days: int | None = None
    continuous: bool = False
    start_minutes: int = 60
    complete_minutes: int = 480

    def mistakes(self) -> Iterator[str]:
        """Yield one sentence for what cannot be."""
        where = f"rule {self.key!r}"
        cold = self.cold_after_days
        if not PLAN_NAME.fullmatch(self.key):
            yield f"{where}: 1 to 50 letters, digits, '.', '_' and '-' make a name"
        if not CRON.fullmatch(self.schedule):
            yield f"{where} has schedule {self.schedule!r}: must read like cron(0 5 * * ? *)"
        if self.keep_days < 1:
            yield f"{where} has keep_days {self.keep_days}: must be 1 or more"
        if cold is not None and self.keep_days < cold + COLD_DAYS:
            yield f"{where} has keep_days {self.keep_days}: must be {COLD_DAYS} above {cold}"
        if self.continuous and (self.keep_days > MOST_CONTINUOUS_DAYS or cold is not None):
            yield f"{where} is continuous: at most {MOST_CONTINUOUS_DAYS} days, no cold storage"
        if not 60 <= self.start_minutes < self.complete_minutes:
            yield f"{where} has start_minutes {self.start_minutes}: 60 to complete_minutes"


DAILY = BackupRule(key="daily", schedule="cron(0 5 * * ? *)", keep_days=35)
WEEKLY = BackupRule(key="weekly", schedule="cron(0 6 ? * SUN *)", keep_days=90)


@dataclass(frozen=True, kw_only=True)
class RestoreTesting:
    """Restores that are made only to see that they can be.

    Attributes:
        schedule: When, as a cron expression in UTC.
        types: Types of resources as AWS Backup names them, such as `RDS`.
        window_days: Days from which the newest recovery point is taken, 1 to 365.
        validation_hours: Hours, 1 to 168, that the restored resource lives for further checks.
    """

    schedule: str = "cron(0 8 ? * SUN *)"
    types: Sequence[str] = ("RDS", "DynamoDB")
    window_days: int = 7
    validation_hours: int = 4

    def mistakes(self) -> Iterator[str]:
        """Yield one sentence for what cannot be."""
        if not CRON.fullmatch(self.schedule):
            yield f"restore_testing has schedule {self.schedule!r}: must read like a cron(…)"
        if not 1 <= self.window_days <= 365:
            yield f"restore_testing has window_days {self.window_days}: must be 1 to 365"
        if not 1 <= self.validation_hours <= 168:
            yield f"restore_testing has validation_hours {self.validation_hours}: must be 1 to 168"


@dataclass(frozen=True, kw_only=True)
class BackupPlanArgs(Args):
    """What is backed up when.

    Attributes:
        plan_name: Its name.
        vault_name: Vault that the recovery points go to.
        vault_arn: ARN of that vault, for the tests of restores.
        selected_tags: What carries all these tags is backed up.
        rules: When, and how long it is kept.
        copy_to: ARNs of vaults, usually in another region, that get a copy of every recovery
            point and keep it as long.
        restore_testing: Restores that are tried regularly, if wanted.
    """

    plan_name: str
    vault_name: pulumi.Input[str]
    vault_arn: pulumi.Input[str]
    selected_tags: Mapping[str, str]
    rules: Sequence[BackupRule] = (DAILY, WEEKLY)
    copy_to: Sequence[pulumi.Input[str]] = ()
    restore_testing: RestoreTesting | None = None

    def mistakes(self) -> Iterator[str]:
        """Yield one sentence for each argument that cannot be."""
        if not PLAN_NAME.fullmatch(self.plan_name):
            yield f"plan_name is {self.plan_name!r}: 1 to 50 letters, digits, '.', '_' and '-'"
        if not self.selected_tags:
            yield "selected_tags is empty: name the tags of what is to be backed up"
        if not self.rules:
            yield "rules is empty: nothing would be backed up"
        keys = [rule.key for rule in self.rules]
        if len(set(keys)) < len(keys):
            yield "rules has two of the same key"
        for rule in self.rules:
            yield from rule.mistakes()
        if self.restore_testing is not None:
            yield from self.restore_testing.mistakes()


class BackupPlan(Component):
    """A plan of AWS Backup for everything that carries a tag, copied to other regions if wanted.

    Example::

        BackupPlan("main", BackupPlanArgs(
            plan_name="production", vault_name=vault.vault_name, vault_arn=vault.arn,
            selected_tags={"Environment": "production"}, copy_to=[recovery_vault.arn],
            restore_testing=RestoreTesting()))

    Monthly cost in us-east-1: storage of the vaults, $0.04 for each GB copied to another region,
    and what a tested restore costs for its hours.

    Attributes:
        plan_id: Its id.
        arn: Its ARN.
        role_arn: ARN of the role with which AWS Backup works.
    """

    plan_id: pulumi.Output[str]
    arn: pulumi.Output[str]
    role_arn: pulumi.Output[str]

    def __init__(
        self, name: str, args: BackupPlanArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("data:BackupPlan", name, args, opts)
        self.args = args
        self.role = ServiceRole(
            f"{name}-role",
            ServiceRoleArgs(service="backup.amazonaws.com", tags=args.tags),
            self.options(),
        )
        for policy in POLICIES:
            key = policy.rpartition("/")[2].removeprefix("AWSBackupServiceRolePolicyFor").lower()
            self.child(
                f"may-{key}",
                aws.iam.RolePolicyAttachment,
                role=self.role.role_name,
                policy_arn=f"arn:aws:iam::aws:policy/{policy}",
            )
        self.plan = self.child(
            "",
            aws.backup.Plan,
            name=args.plan_name,
            rules=[_rule(args, rule) for rule in args.rules],
        )
        self.child(
            "selection",
            aws.backup.Selection,
            name="tagged",
            plan_id=self.plan.id,
            iam_role_arn=self.role.arn,
            resources=["*"],
            conditions=[{"string_equals": _conditions(args)}],
        )
        if args.restore_testing is not None:
            _test_restores(self, args.restore_testing)
        self.plan_id = self.plan.id
        self.arn = self.plan.arn
        self.role_arn = self.role.arn
        self.finish("plan_id", "arn", "role_arn")


def _conditions(args: BackupPlanArgs) -> list[dict[str, str]]:
    return [
        {"key": f"aws:ResourceTag/{key}", "value": value}
        for key, value in sorted(args.selected_tags.items())
    ]


def _rule(args: BackupPlanArgs, rule: BackupRule) -> dict[str, Any]:
    lifecycle = {"delete_after": rule.keep_days}
    if rule.cold_after_days is not None:
        lifecycle["cold_storage_after"] = rule.cold_after_days
    return {
        "rule_name": rule.key,
        "target_vault_name": args.vault_name,
        "schedule": rule.schedule,
        "start_window": rule.start_minutes,
        "completion_window": rule.complete_minutes,
        "enable_continuous_backup": rule.continuous,
        "lifecycle": lifecycle,
        "recovery_point_tags": dict(args.tags),
        "copy_actions": [
            {"destination_vault_arn": vault, "lifecycle": lifecycle} for vault in args.copy_to
        ],
    }


def _test_restores(component: BackupPlan, testing: RestoreTesting) -> None:
    args = component.args
    # Names of these plans have letters, digits and underscores only.
    plan = component.child(
        "restore-testing",
        aws.backup.RestoreTestingPlan,
        name=re.sub(r"\W", "_", args.plan_name),
        schedule_expression=testing.schedule,
        recovery_point_selection={
            "algorithm": "LATEST_WITHIN_WINDOW",
            "include_vaults": [args.vault_arn],
            "recovery_point_types": ["CONTINUOUS", "SNAPSHOT"],
            "selection_window_days": testing.window_days,
        },
    )
    for kind in testing.types:
        component.child(
            f"restore-{kind.lower()}",
            aws.backup.RestoreTestingSelection,
            name=kind.lower(),
            restore_testing_plan_name=plan.name,
            protected_resource_type=kind,
            # By ARN or by tag, not both.
            protected_resource_conditions={"string_equals": _conditions(args)},
            iam_role_arn=component.role.arn,
            validation_window_hours=testing.validation_hours,
        )
