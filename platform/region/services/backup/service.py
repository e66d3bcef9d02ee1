"""AWS Backup as the region serves it."""

import asyncio
import fnmatch
import logging
from collections.abc import Mapping
from typing import Any

from botocore.exceptions import ClientError

from platformctl.region.services.application_autoscaling import schedules
from platformctl.region.services.backup.jobs import PROBLEMS, JobOperations

_LOG = logging.getLogger(__name__)
_PACE = 1.0
"""Seconds between two looks at the schedules."""


class Backups(JobOperations):
    """Vaults, plans that are followed, jobs that are done."""

    async def start(self) -> None:
        """Take up the jobs that were running, and follow the plans."""
        for region in self.runtime.store.regions(self.name):
            for job in self._running(region, "backup-jobs"):
                self.resume_backup(region, job)
            for job in self._running(region, "copy-jobs"):
                self.resume_copy(region, job)
            for job in self._running(region, "restore-jobs", "Status"):
                job |= {"Status": "ABORTED", "StatusMessage": "the region was stopped meanwhile"}
                self.table(region, "restore-jobs")[job["RestoreJobId"]] = job
        self._work = self.runtime.spawn("backup/work", self._follow())

    async def stop(self) -> None:
        """Follow the plans no more."""
        self._work.cancel()

    def _running(self, region: str, kind: str, state: str = "State") -> list[dict[str, Any]]:
        return [job for job in self.table(region, kind).values() if job[state] == "RUNNING"]

    async def _follow(self) -> None:
        """Do what is due, for ever; what was due while nothing ran is not made up for."""
        done = self.runtime.now()
        while True:
            await asyncio.sleep(_PACE)
            now = self.runtime.now()
            for region in self.runtime.store.regions(self.name):
                if self.runtime.is_stopped(region):
                    continue
                try:
                    await self._follow_plans(region, done, now)
                    for point in self.expired(region):
                        await self.remove_point(region, point)
                except PROBLEMS as error:
                    _LOG.warning("backup/%s: a plan was not followed: %s", region, error)
            done = now

    async def _follow_plans(self, region: str, done: float, now: float) -> None:
        for plan in self.table(region, "plans").values():
            due = [rule for rule in plan["BackupPlan"]["Rules"] if _is_due(plan, rule, done, now)]
            if not due:
                continue
            plan["LastExecutionDate"] = now
            self.table(region, "plans")[plan["BackupPlanId"]] = plan
            for rule in due:
                for selection in self.selections_of(region, plan["BackupPlanId"]):
                    await self._back_up(region, plan, rule, selection["BackupSelection"])

    async def _back_up(
        self,
        region: str,
        plan: Mapping[str, Any],
        rule: Mapping[str, Any],
        selection: Mapping[str, Any],
    ) -> None:
        created = {
            "BackupPlanId": plan["BackupPlanId"],
            "BackupPlanArn": plan["BackupPlanArn"],
            "BackupPlanVersion": plan["VersionId"],
            "BackupRuleId": rule["RuleId"],
        }
        for resource in await self._selected(region, selection):
            self.begin_backup(
                region,
                rule["TargetBackupVaultName"],
                resource,
                selection["IamRoleArn"],
                Lifecycle=rule.get("Lifecycle"),
                Tags=rule.get("RecoveryPointTags"),
                CopyActions=rule.get("CopyActions"),
                CreatedBy=created,
            )

    async def _selected(self, region: str, selection: Mapping[str, Any]) -> list[str]:
        """Return the ARNs that a selection is about."""
        patterns, tags = selection.get("Resources") or ["*"], selection.get("ListOfTags") or ()
        if not selection.get("Resources") and not tags:
            patterns = []
        found = []
        for arn, tagged in (await self._resources(region)).items():
            named = any(fnmatch.fnmatchcase(arn, pattern) for pattern in patterns)
            spared = any(fnmatch.fnmatchcase(arn, no) for no in selection.get("NotResources") or ())
            carries = not tags or any(
                tagged.get(tag["ConditionKey"]) == tag["ConditionValue"] for tag in tags
            )
            if named and carries and not spared and _meets(selection.get("Conditions"), tagged):
                found.append(arn)
        return found

    async def _resources(self, region: str) -> dict[str, dict[str, str]]:
        """Return every resource that can be backed up, with its tags."""
        found: dict[str, dict[str, str]] = {}
        databases = await self.runtime.call("rds", region, "describe_db_instances", {})
        for instance in databases["DBInstances"]:
            found[instance["DBInstanceArn"]] = _plain(instance.get("TagList") or ())
        tables = await self.runtime.call("dynamodb", region, "list_tables", {})
        for name in tables["TableNames"]:
            arn = f"arn:aws:dynamodb:{region}:{self.runtime.account}:table/{name}"
            asked = {"ResourceArn": arn}
            tags = await self.runtime.call("dynamodb", region, "list_tags_of_resource", asked)
            found[arn] = _plain(tags.get("Tags") or ())
        for bucket in (await self.runtime.call("s3", region, "list_buckets", {}))["Buckets"]:
            asked = {"Bucket": bucket["Name"]}
            place = await self.runtime.call("s3", region, "get_bucket_location", asked)
            if (place.get("LocationConstraint") or "us-east-1") == region:
                found[f"arn:aws:s3:::{bucket['Name']}"] = await self._bucket_tags(region, asked)
        return found

    async def _bucket_tags(self, region: str, asked: Mapping[str, str]) -> dict[str, str]:
        try:
            answer = await self.runtime.call("s3", region, "get_bucket_tagging", asked)
        except ClientError as error:
            if error.response["Error"]["Code"] != "NoSuchTagSet":
                raise
            return {}
        return _plain(answer["TagSet"])


def _is_due(plan: Mapping[str, Any], rule: Mapping[str, Any], done: float, now: float) -> bool:
    expression = rule.get("ScheduleExpression")
    if not expression:
        return False
    zone = rule.get("ScheduleExpressionTimezone") or "UTC"
    created = plan["CreationDate"]
    return schedules.due(expression, zone, max(done, created), now, created=created)


def _plain(tags: Any) -> dict[str, str]:
    return {tag["Key"]: tag["Value"] for tag in tags}


def _meets(conditions: Mapping[str, Any] | None, tags: Mapping[str, str]) -> bool:
    """Tell whether tags meet every condition; keys are written `aws:ResourceTag/<key>`."""
    for kind, wanted in (conditions or {}).items():
        for condition in wanted:
            value = tags.get(condition["ConditionKey"].partition("/")[2])
            same = value is not None and fnmatch.fnmatchcase(value, condition["ConditionValue"])
            if same == ("Not" in kind):
                return False
    return True
