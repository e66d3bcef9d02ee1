"""Jobs: taking, copying and restoring recovery points; and the recovery points themselves."""

import logging
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from platformctl.errors import RegionError
from platformctl.region.services.backup.contents import TYPES, Contents, Place
from platformctl.region.services.backup.plans import RestoreTestingOperations
from platformctl.region.services.backup.records import (
    DAY,
    check_lifecycle,
    invalid,
    refused,
)
from platformctl.region.services.backup.vaults import recovery_point_missing
from platformctl.region.services.base import Call, ServiceError

_LOG = logging.getLogger(__name__)
_TIMES = ("CreationDate", "CompletionDate", "RecoveryPointCreationDate", "LastRestoreTime")
PROBLEMS = (ClientError, BotoCoreError, RegionError, ServiceError, OSError, KeyError)
"""What can go wrong while something is backed up."""


class JobOperations(RestoreTestingOperations):
    """The operations on jobs and recovery points."""

    # Backup.

    def start_backup_job(self, call: Call) -> dict[str, Any]:
        """Take a recovery point of a resource."""
        asked = call.parameters
        lifecycle = asked.get("Lifecycle")
        check_lifecycle(lifecycle)
        vault = self.vault(call.region, asked["BackupVaultName"])["BackupVaultName"]
        self.check_retention(call.region, vault, (lifecycle or {}).get("DeleteAfterDays"))
        job = self.begin_backup(
            call.region,
            vault,
            asked["ResourceArn"],
            asked["IamRoleArn"],
            Lifecycle=lifecycle,
            Tags=asked.get("RecoveryPointTags"),
        )
        return {
            "BackupJobId": job["BackupJobId"],
            "CreationDate": self.shown(job, "CreationDate")["CreationDate"],
        }

    def begin_backup(
        self, region: str, vault: str, resource: str, role: str, **details: Any
    ) -> dict[str, Any]:
        """Begin to take a recovery point, and return the job's record.

        Raises:
            ServiceError: The resource is of no type that can be backed up here.
        """
        title, _ = _type_of(resource)
        job = {
            "BackupJobId": self.new_id(),
            "AccountId": self.runtime.account,
            "BackupVaultName": vault,
            "BackupVaultArn": self.vault(region, vault)["BackupVaultArn"],
            "ResourceArn": resource,
            "ResourceType": title,
            "IamRoleArn": role,
            "CreationDate": self.runtime.now(),
            "State": "RUNNING",
            "PercentDone": "0.0",
            **details,
        }
        self.table(region, "backup-jobs")[job["BackupJobId"]] = job
        self.resume_backup(region, job)
        return job

    def resume_backup(self, region: str, job: dict[str, Any]) -> None:
        """Have a job that is recorded as running run."""
        name = f"backup/{region}/job/{job['BackupJobId']}"
        self.runtime.spawn(name, self._finish(region, "backup-jobs", job, self._take(region, job)))

    async def _take(self, region: str, job: dict[str, Any]) -> None:
        name = f"awsbackup-job-{job['BackupJobId']}"
        file = self._file(region, job["BackupJobId"])
        contents = self._contents(job["ResourceArn"])
        taken = await contents.take(region, job["ResourceArn"], name, file)
        arn = taken.arn or self.arn(region, "recovery-point", job["BackupJobId"])
        kept = ("BackupVaultName", "BackupVaultArn", "ResourceArn", "ResourceType", "IamRoleArn")
        point = {
            **{key: job[key] for key in kept},
            "CreatedBy": job.get("CreatedBy"),
            "Lifecycle": job.get("Lifecycle"),
        }
        self._keep_point(region, arn, point, taken.size, file, job.get("Tags"))
        job |= {"RecoveryPointArn": arn, "BackupSizeInBytes": taken.size, "PercentDone": "100.0"}
        for action in job.get("CopyActions") or ():
            self._begin_copy(
                region,
                self.table(region, "points").get(arn) or {},
                action["DestinationBackupVaultArn"],
                job["IamRoleArn"],
                action.get("Lifecycle"),
            )

    def describe_backup_job(self, call: Call) -> dict[str, Any]:
        """Describe a backup job."""
        return self._shown_job(call, "backup-jobs", call.parameters["BackupJobId"])

    def list_backup_jobs(self, call: Call) -> dict[str, Any]:
        """List the backup jobs, newest first."""
        filters = {
            "ByResourceArn": "ResourceArn",
            "ByState": "State",
            "ByBackupVaultName": "BackupVaultName",
            "ByResourceType": "ResourceType",
        }
        return self.listed(call, "BackupJobs", self._jobs(call, "backup-jobs", filters))

    # Copies.

    def start_copy_job(self, call: Call) -> dict[str, Any]:
        """Copy a recovery point to another vault."""
        asked = call.parameters
        point = self._point(call.region, asked["RecoveryPointArn"])
        job = self._begin_copy(
            call.region,
            point,
            asked["DestinationBackupVaultArn"],
            asked["IamRoleArn"],
            asked.get("Lifecycle"),
        )
        shown = self.shown(job, "CreationDate")
        return {"CopyJobId": job["CopyJobId"], "CreationDate": shown["CreationDate"]}

    def _begin_copy(
        self,
        region: str,
        point: Mapping[str, Any],
        vault_arn: str,
        role: str,
        lifecycle: Mapping[str, Any] | None,
    ) -> dict[str, Any]:
        check_lifecycle(lifecycle)
        job = {
            "CopyJobId": self.new_id(),
            "AccountId": self.runtime.account,
            "SourceBackupVaultArn": point["BackupVaultArn"],
            "SourceRecoveryPointArn": point["RecoveryPointArn"],
            "DestinationBackupVaultArn": vault_arn,
            "DestinationRecoveryPointLifecycle": lifecycle,
            "ResourceArn": point["ResourceArn"],
            "ResourceType": point["ResourceType"],
            "IamRoleArn": role,
            "CreationDate": self.runtime.now(),
            "State": "RUNNING",
        }
        self.table(region, "copy-jobs")[job["CopyJobId"]] = job
        self.resume_copy(region, job)
        return job

    def resume_copy(self, region: str, job: dict[str, Any]) -> None:
        """Have a copy job that is recorded as running run."""
        name = f"backup/{region}/copy/{job['CopyJobId']}"
        self.runtime.spawn(name, self._finish(region, "copy-jobs", job, self._copy(region, job)))

    async def _copy(self, region: str, job: dict[str, Any]) -> None:
        point = self._point(region, job["SourceRecoveryPointArn"])
        there = job["DestinationBackupVaultArn"].split(":")[3]
        vault = self.vault(there, job["DestinationBackupVaultArn"])
        file = self._file(there, job["CopyJobId"])
        contents = self._contents(job["ResourceArn"])
        source, target = Place(region, Path(point["File"])), Place(there, file)
        name = f"awsbackup-copyjob-{job['CopyJobId']}"
        arn = await contents.copy(point, source, target, name) or self.arn(
            there, "recovery-point", job["CopyJobId"]
        )
        copied = {
            **{key: point[key] for key in ("ResourceArn", "ResourceType", "IamRoleArn")},
            "BackupVaultName": vault["BackupVaultName"],
            "BackupVaultArn": vault["BackupVaultArn"],
            "SourceBackupVaultArn": point["BackupVaultArn"],
            "Lifecycle": job.get("DestinationRecoveryPointLifecycle"),
        }
        size = point["BackupSizeInBytes"]
        self._keep_point(there, arn, copied, size, file, None)
        job |= {"DestinationRecoveryPointArn": arn, "BackupSizeInBytes": size}

    def describe_copy_job(self, call: Call) -> dict[str, Any]:
        """Describe a copy job."""
        return {"CopyJob": self._shown_job(call, "copy-jobs", call.parameters["CopyJobId"])}

    def list_copy_jobs(self, call: Call) -> dict[str, Any]:
        """List the copy jobs, newest first."""
        filters = {"ByResourceArn": "ResourceArn", "ByState": "State"}
        filters["ByDestinationVaultArn"] = "DestinationBackupVaultArn"
        return self.listed(call, "CopyJobs", self._jobs(call, "copy-jobs", filters))

    # Restores.

    def start_restore_job(self, call: Call) -> dict[str, Any]:
        """Make a new resource of a recovery point."""
        asked = call.parameters
        point = self._point(call.region, asked["RecoveryPointArn"])
        job = {
            "RestoreJobId": self.new_id(),
            "AccountId": self.runtime.account,
            "RecoveryPointArn": point["RecoveryPointArn"],
            "SourceResourceArn": point["ResourceArn"],
            "BackupVaultArn": point["BackupVaultArn"],
            "ResourceType": point["ResourceType"],
            "IamRoleArn": asked.get("IamRoleArn"),
            "RecoveryPointCreationDate": point["CreationDate"],
            "CreationDate": self.runtime.now(),
            "Status": "RUNNING",
            "PercentDone": "0.0",
            "Metadata": dict(asked["Metadata"]),
        }
        self.table(call.region, "restore-jobs")[job["RestoreJobId"]] = job
        work = self._restore(call.region, job, point)
        name = f"backup/{call.region}/restore/{job['RestoreJobId']}"
        self.runtime.spawn(name, self._finish(call.region, "restore-jobs", job, work))
        return {"RestoreJobId": job["RestoreJobId"]}

    async def _restore(self, region: str, job: dict[str, Any], point: dict[str, Any]) -> None:
        contents = self._contents(point["ResourceArn"])
        wanted = job["Metadata"]
        job["CreatedResourceArn"] = await contents.restore(
            region, point, Path(point["File"]), wanted
        )
        job["PercentDone"] = "100.0"
        point["LastRestoreTime"] = self.runtime.now()
        self.table(region, "points")[point["RecoveryPointArn"]] = point

    def describe_restore_job(self, call: Call) -> dict[str, Any]:
        """Describe a restore job."""
        return self._shown_job(call, "restore-jobs", call.parameters["RestoreJobId"])

    def list_restore_jobs(self, call: Call) -> dict[str, Any]:
        """List the restore jobs, newest first."""
        filters = {"ByStatus": "Status", "ByResourceType": "ResourceType"}
        return self.listed(call, "RestoreJobs", self._jobs(call, "restore-jobs", filters))

    # Recovery points.

    def describe_recovery_point(self, call: Call) -> dict[str, Any]:
        """Describe a recovery point."""
        return self._shown_point(self._asked_point(call))

    def list_recovery_points_by_backup_vault(self, call: Call) -> dict[str, Any]:
        """List the recovery points of a vault, newest first."""
        asked = call.parameters
        vault = self.vault(call.region, asked["BackupVaultName"])["BackupVaultName"]
        found = [
            point
            for point in reversed(self.points_in(call.region, vault))
            if asked.get("ByResourceArn") in (None, point["ResourceArn"])
            and asked.get("ByResourceType") in (None, point["ResourceType"])
        ]
        return self.listed(call, "RecoveryPoints", [self._shown_point(one) for one in found])

    def list_recovery_points_by_resource(self, call: Call) -> dict[str, Any]:
        """List the recovery points of a resource, newest first."""
        wanted = call.parameters["ResourceArn"]
        points = self.table(call.region, "points").values()
        found = [
            {key: shown[key] for key in _BY_RESOURCE if key in shown}
            for shown in map(self._shown_point, reversed(points))
            if shown["ResourceArn"] == wanted
        ]
        return self.listed(call, "RecoveryPoints", found)

    async def delete_recovery_point(self, call: Call) -> dict[str, Any]:
        """Delete a recovery point, unless its vault is locked."""
        point = self._asked_point(call)
        vault = self.vault(call.region, point["BackupVaultName"])
        if vault["Locked"]:
            raise refused(f"Vault {vault['BackupVaultName']} is locked.")
        await self.remove_point(call.region, point)
        return {}

    def get_recovery_point_restore_metadata(self, call: Call) -> dict[str, Any]:
        """Return what a restore of a recovery point can be told."""
        point = self._asked_point(call)
        name = point["ResourceArn"].rpartition(":")[2].rpartition("/")[2]
        word = {"RDS": "DBInstanceIdentifier", "DynamoDB": "originalTableName"}
        key = word.get(point["ResourceType"], "DestinationBucketName")
        return {
            "BackupVaultArn": point["BackupVaultArn"],
            "RecoveryPointArn": point["RecoveryPointArn"],
            "RestoreMetadata": {key: name},
        }

    async def remove_point(self, region: str, point: dict[str, Any]) -> None:
        """Remove a recovery point with its content."""
        await self._contents(point["ResourceArn"]).remove(region, point, Path(point["File"]))
        self.forget_tags(region, point["RecoveryPointArn"])
        table = self.table(region, "points")
        if point["RecoveryPointArn"] in table:
            del table[point["RecoveryPointArn"]]

    def expired(self, region: str) -> list[dict[str, Any]]:
        """Return the recovery points whose time is over."""
        now = self.runtime.now()
        return [
            point
            for point in self.table(region, "points").values()
            if (when := _deleted_at(point)) is not None and when <= now
        ]

    def _keep_point(
        self,
        region: str,
        arn: str,
        point: dict[str, Any],
        size: int,
        file: Path,
        tags: Mapping[str, str] | None,
    ) -> None:
        now = self.runtime.now()
        key = self.vault(region, point["BackupVaultName"]).get("EncryptionKeyArn")
        self.table(region, "points")[arn] = {
            **point,
            "RecoveryPointArn": arn,
            "Status": "COMPLETED",
            "CreationDate": now,
            "CompletionDate": now,
            "BackupSizeInBytes": size,
            "EncryptionKeyArn": key,
            "IsEncrypted": key is not None,
            "File": str(file),
        }
        self.set_tags(region, arn, tags)

    def _point(self, region: str, arn: str) -> dict[str, Any]:
        point = self.table(region, "points").get(arn)
        if point is None:
            raise recovery_point_missing(arn)
        return point

    def _asked_point(self, call: Call) -> dict[str, Any]:
        point = self._point(call.region, call.parameters["RecoveryPointArn"])
        if point["BackupVaultName"] != call.parameters["BackupVaultName"]:
            raise recovery_point_missing(point["RecoveryPointArn"])
        return point

    def _shown_point(self, point: dict[str, Any]) -> dict[str, Any]:
        kept = {key: value for key, value in point.items() if key != "File"}
        shown = self.shown(kept, *_TIMES)
        when = _deleted_at(point)
        if when is not None:
            shown["CalculatedLifecycle"] = self.shown({"DeleteAt": when}, "DeleteAt")
        return shown

    # What all jobs have in common.

    async def _finish(
        self, region: str, kind: str, job: dict[str, Any], work: Awaitable[None]
    ) -> None:
        """Do a job's work, and write down how it ended."""
        state = "Status" if kind == "restore-jobs" else "State"
        identifier = {"backup-jobs": "BackupJobId", "copy-jobs": "CopyJobId"}.get(
            kind, "RestoreJobId"
        )
        try:
            await work
            job[state] = "COMPLETED"
        except PROBLEMS as error:
            _LOG.warning("backup/%s %s failed: %s", region, job[identifier], error)
            job |= {state: "FAILED", "StatusMessage": str(error)}
        job["CompletionDate"] = self.runtime.now()
        self.table(region, kind)[job[identifier]] = job

    def _jobs(self, call: Call, kind: str, filters: Mapping[str, str]) -> list[dict[str, Any]]:
        asked = call.parameters
        return [
            self._shown(job)
            for job in reversed(self.table(call.region, kind).values())
            if all(asked.get(by) in (None, job.get(key)) for by, key in filters.items())
        ]

    def _shown_job(self, call: Call, kind: str, name: str) -> dict[str, Any]:
        return self._shown(self.record(call.region, kind, name, "Job"))

    def _shown(self, job: Mapping[str, Any]) -> dict[str, Any]:
        hidden = ("Tags", "Lifecycle", "CopyActions", "Metadata")
        return self.shown({k: v for k, v in job.items() if k not in hidden}, *_TIMES)

    def _contents(self, resource: str) -> Contents:
        return _type_of(resource)[1](self.runtime)

    def _file(self, region: str, name: str) -> Path:
        return self.folder(region) / name


_BY_RESOURCE = (
    *("RecoveryPointArn", "CreationDate", "Status", "EncryptionKeyArn", "BackupVaultName"),
    "ResourceName",
)


def _type_of(resource: str) -> tuple[str, Callable[..., Contents]]:
    parts = resource.split(":")
    known = TYPES.get(parts[2]) if len(parts) > 2 else None
    if known is None:
        raise invalid(f"{resource} is of no type that the local region backs up.")
    return known


def _deleted_at(point: Mapping[str, Any]) -> float | None:
    days = (point.get("Lifecycle") or {}).get("DeleteAfterDays")
    return None if days is None or days < 0 else point["CreationDate"] + days * DAY
