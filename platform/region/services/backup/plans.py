"""Plans and what they are about; plans that test restores."""

from typing import Any

from platformctl.region.services.application_autoscaling import schedules
from platformctl.region.services.backup.records import check_lifecycle, invalid, refused
from platformctl.region.services.backup.vaults import VaultOperations
from platformctl.region.services.base import Call, ServiceError

_TIMES = (
    "CreationDate",
    "CreationTime",
    "LastExecutionDate",
    "LastUpdateTime",
    "LastExecutionTime",
)


class PlanOperations(VaultOperations):
    """The operations on plans and selections."""

    # Plans.

    def create_backup_plan(self, call: Call) -> dict[str, Any]:
        """Create a plan."""
        plan = self._checked_plan(call.region, call.parameters["BackupPlan"])
        identifier, now = self.new_id(), self.runtime.now()
        record = {
            "BackupPlanId": identifier,
            "BackupPlanArn": self.arn(call.region, "backup-plan", identifier),
            "VersionId": self.new_id(),
            "CreationDate": now,
            "BackupPlan": plan,
        }
        self.table(call.region, "plans")[identifier] = record
        self.set_tags(call.region, record["BackupPlanArn"], call.parameters.get("BackupPlanTags"))
        return self._shown_plan(record)

    def get_backup_plan(self, call: Call) -> dict[str, Any]:
        """Describe a plan."""
        return self._shown_plan(self._plan(call))

    def list_backup_plans(self, call: Call) -> dict[str, Any]:
        """List the plans."""
        shown = [
            {
                **{
                    key: value
                    for key, value in self._shown_plan(one).items()
                    if key != "BackupPlan"
                },
                "BackupPlanName": one["BackupPlan"]["BackupPlanName"],
            }
            for one in self.table(call.region, "plans").values()
        ]
        return self.listed(call, "BackupPlansList", shown)

    def update_backup_plan(self, call: Call) -> dict[str, Any]:
        """Change a plan; its rules keep their ids by name."""
        record = self._plan(call)
        before = {rule["RuleName"]: rule["RuleId"] for rule in record["BackupPlan"]["Rules"]}
        plan = self._checked_plan(call.region, call.parameters["BackupPlan"], before)
        record |= {"BackupPlan": plan, "VersionId": self.new_id()}
        self.table(call.region, "plans")[record["BackupPlanId"]] = record
        return self._shown_plan(record)

    def delete_backup_plan(self, call: Call) -> dict[str, Any]:
        """Delete a plan that selects nothing any more."""
        record = self._plan(call)
        if self.selections_of(call.region, record["BackupPlanId"]):
            raise refused(
                "Related backup plan selections must be deleted prior to backup plan deletion."
            )
        self.forget_tags(call.region, record["BackupPlanArn"])
        del self.table(call.region, "plans")[record["BackupPlanId"]]
        return self._shown_plan(record)

    def _plan(self, call: Call) -> dict[str, Any]:
        return self.record(call.region, "plans", call.parameters["BackupPlanId"], "Backup plan")

    def _shown_plan(self, record: dict[str, Any]) -> dict[str, Any]:
        return self.shown(record, *_TIMES)

    def _checked_plan(
        self, region: str, plan: dict[str, Any], ids: dict[str, str] | None = None
    ) -> dict[str, Any]:
        """Return a plan with ids of its rules.

        Raises:
            ServiceError: A rule cannot be.
        """
        rules = []
        for rule in plan["Rules"]:
            self.vault(region, rule["TargetBackupVaultName"])
            check_lifecycle(rule.get("Lifecycle"))
            for action in rule.get("CopyActions") or ():
                check_lifecycle(action.get("Lifecycle"))
            schedule = rule.get("ScheduleExpression")
            if schedule:
                _check_schedule(schedule, rule.get("ScheduleExpressionTimezone"))
            name = rule["RuleName"]
            rules.append({**rule, "RuleId": (ids or {}).get(name) or self.new_id()})
        return {**plan, "Rules": rules}

    # Selections.

    def create_backup_selection(self, call: Call) -> dict[str, Any]:
        """Say what a plan is about."""
        record = self._plan(call)
        identifier = self.new_id()
        selection = {
            "SelectionId": identifier,
            "BackupPlanId": record["BackupPlanId"],
            "BackupSelection": call.parameters["BackupSelection"],
            "CreationDate": self.runtime.now(),
        }
        self.table(call.region, "selections")[identifier] = selection
        return self.shown(selection, *_TIMES)

    def get_backup_selection(self, call: Call) -> dict[str, Any]:
        """Describe a selection."""
        return self.shown(self._selection(call), *_TIMES)

    def list_backup_selections(self, call: Call) -> dict[str, Any]:
        """List the selections of a plan."""
        shown = [
            {
                **self.shown({k: v for k, v in one.items() if k != "BackupSelection"}, *_TIMES),
                "SelectionName": one["BackupSelection"]["SelectionName"],
                "IamRoleArn": one["BackupSelection"]["IamRoleArn"],
            }
            for one in self.selections_of(call.region, self._plan(call)["BackupPlanId"])
        ]
        return self.listed(call, "BackupSelectionsList", shown)

    def delete_backup_selection(self, call: Call) -> dict[str, Any]:
        """Delete a selection."""
        del self.table(call.region, "selections")[self._selection(call)["SelectionId"]]
        return {}

    def selections_of(self, region: str, plan: str) -> list[dict[str, Any]]:
        """Return the selections of a plan."""
        found = self.table(region, "selections").values()
        return [one for one in found if one["BackupPlanId"] == plan]

    def _selection(self, call: Call) -> dict[str, Any]:
        name = call.parameters["SelectionId"]
        return self.record(call.region, "selections", name, "Backup selection")


class RestoreTestingOperations(PlanOperations):
    """The operations on plans that test restores; they are recorded and not carried out."""

    def create_restore_testing_plan(self, call: Call) -> dict[str, Any]:
        """Create a plan that tests restores."""
        said = call.parameters["RestoreTestingPlan"]
        name = said["RestoreTestingPlanName"]
        if name in self.table(call.region, "restore-testing-plans"):
            raise ServiceError("AlreadyExistsException", f"{name} already exists.")
        _check_schedule(said["ScheduleExpression"], said.get("ScheduleExpressionTimezone"))
        now = self.runtime.now()
        record = {
            "ScheduleExpressionTimezone": "Etc/UTC",
            "StartWindowHours": 24,
            **said,
            "RestoreTestingPlanArn": self.arn(call.region, "restore-testing-plan", name),
            "CreationTime": now,
            "LastUpdateTime": now,
        }
        self.table(call.region, "restore-testing-plans")[name] = record
        self.set_tags(call.region, record["RestoreTestingPlanArn"], call.parameters.get("Tags"))
        return self._named(record)

    def get_restore_testing_plan(self, call: Call) -> dict[str, Any]:
        """Describe a plan that tests restores."""
        return {"RestoreTestingPlan": self.shown(self._testing_plan(call), *_TIMES)}

    def list_restore_testing_plans(self, call: Call) -> dict[str, Any]:
        """List the plans that test restores."""
        plans = self.table(call.region, "restore-testing-plans").values()
        return self.listed(call, "RestoreTestingPlans", [self.shown(one, *_TIMES) for one in plans])

    def update_restore_testing_plan(self, call: Call) -> dict[str, Any]:
        """Change a plan that tests restores."""
        record, said = self._testing_plan(call), call.parameters["RestoreTestingPlan"]
        record |= {**said, "LastUpdateTime": self.runtime.now()}
        self.table(call.region, "restore-testing-plans")[record["RestoreTestingPlanName"]] = record
        return {**self._named(record), "UpdateTime": self._time(record["LastUpdateTime"])}

    def delete_restore_testing_plan(self, call: Call) -> dict[str, Any]:
        """Delete a plan that tests restores."""
        name = self._testing_plan(call)["RestoreTestingPlanName"]
        if any(
            one["RestoreTestingPlanName"] == name
            for one in self.table(call.region, "restore-testing-selections").values()
        ):
            raise refused(f"The selections of {name} must be deleted first.")
        del self.table(call.region, "restore-testing-plans")[name]
        return {}

    def create_restore_testing_selection(self, call: Call) -> dict[str, Any]:
        """Say what is restored to test it."""
        plan, said = self._testing_plan(call), call.parameters["RestoreTestingSelection"]
        key = f"{plan['RestoreTestingPlanName']}:{said['RestoreTestingSelectionName']}"
        if key in self.table(call.region, "restore-testing-selections"):
            raise ServiceError("AlreadyExistsException", f"{key} already exists.")
        record = {
            "ValidationWindowHours": 0,
            **said,
            "RestoreTestingPlanName": plan["RestoreTestingPlanName"],
            "CreationTime": self.runtime.now(),
        }
        self.table(call.region, "restore-testing-selections")[key] = record
        return self._named(plan, record)

    def get_restore_testing_selection(self, call: Call) -> dict[str, Any]:
        """Describe what is restored to test it."""
        return {"RestoreTestingSelection": self.shown(self._testing_selection(call)[1], *_TIMES)}

    def list_restore_testing_selections(self, call: Call) -> dict[str, Any]:
        """List what a plan restores."""
        name = self._testing_plan(call)["RestoreTestingPlanName"]
        found = self.table(call.region, "restore-testing-selections").values()
        shown = [self.shown(one, *_TIMES) for one in found if one["RestoreTestingPlanName"] == name]
        return self.listed(call, "RestoreTestingSelections", shown)

    def update_restore_testing_selection(self, call: Call) -> dict[str, Any]:
        """Change what is restored to test it."""
        key, record = self._testing_selection(call)
        record |= call.parameters["RestoreTestingSelection"]
        self.table(call.region, "restore-testing-selections")[key] = record
        updated = {"UpdateTime": self._time(self.runtime.now())}
        return {**self._named(self._testing_plan(call), record), **updated}

    def delete_restore_testing_selection(self, call: Call) -> dict[str, Any]:
        """Restore it no more."""
        del self.table(call.region, "restore-testing-selections")[self._testing_selection(call)[0]]
        return {}

    def _testing_plan(self, call: Call) -> dict[str, Any]:
        name = call.parameters["RestoreTestingPlanName"]
        return self.record(call.region, "restore-testing-plans", name, "Restore testing plan")

    def _testing_selection(self, call: Call) -> tuple[str, dict[str, Any]]:
        asked = call.parameters
        key = f"{asked['RestoreTestingPlanName']}:{asked['RestoreTestingSelectionName']}"
        kind = "restore-testing-selections"
        return key, self.record(call.region, kind, key, "Restore testing selection")

    def _named(
        self, plan: dict[str, Any], selection: dict[str, Any] | None = None
    ) -> dict[str, Any]:
        record = selection or plan
        named = {key: plan[key] for key in ("RestoreTestingPlanArn", "RestoreTestingPlanName")}
        if selection is not None:
            named["RestoreTestingSelectionName"] = selection["RestoreTestingSelectionName"]
        return {**named, "CreationTime": self._time(record["CreationTime"])}

    def _time(self, seconds: float) -> Any:
        return self.shown({"at": seconds}, "at")["at"]


def _check_schedule(expression: str, zone: str | None) -> None:
    try:
        schedules.due(expression, zone or "UTC", 0.0, 0.0, created=0.0)
    except schedules.ScheduleError as error:
        raise invalid(f"ScheduleExpression is not valid: {error}.") from error
