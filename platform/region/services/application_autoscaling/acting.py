"""What scaling does: from an alarm or a schedule to a desired count, and a note of it."""

import asyncio
import logging
import uuid
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from platformctl.region.services.application_autoscaling import policies, schedules
from platformctl.region.services.application_autoscaling.policies import Limits
from platformctl.region.services.base import ServiceError
from platformctl.region.services.cloudwatch.service import Monitoring
from platformctl.region.services.ecs.service import ContainerService

if TYPE_CHECKING:
    from platformctl.region.runtime import Runtime, Table

log = logging.getLogger(__name__)

SERVICE = "application-autoscaling"
DEFAULT_COOLDOWN = 300
KEPT_ACTIVITIES = 200


def target_key(members: Mapping[str, Any]) -> str:
    """Return the key of the scalable target that a request or a record is about."""
    return f"{members['ServiceNamespace']}|{members['ResourceId']}|{members['ScalableDimension']}"


class Scaling:
    """Changes the capacity of scalable targets."""

    def __init__(self, runtime: "Runtime") -> None:
        self._runtime = runtime

    def _table(self, region: str, kind: str) -> "Table":
        return self._runtime.store.table(SERVICE, region, kind)

    def activities(self, region: str) -> list[dict[str, Any]]:
        """Return what was scaled, newest first."""
        return self._table(region, "activities").values()[::-1]

    def capacity(self, region: str, target: Mapping[str, Any]) -> int | None:
        """Return the capacity of a target, None if there is no such service."""
        if target["ServiceNamespace"] != "ecs":
            return None
        _, cluster, service = target["ResourceId"].split("/")
        return self._runtime.service(ContainerService).desired_count(region, cluster, service)

    def enforce_limits(self, region: str, target: dict[str, Any]) -> None:
        """Bring the capacity of a target within its limits."""
        current = self.capacity(region, target)
        if current is None:
            return
        wanted = Limits(target["MinCapacity"], target["MaxCapacity"]).clamp(current)
        self._set(region, target, current, wanted, "minimum or maximum capacity was changed")

    def _set(
        self, region: str, target: Mapping[str, Any], current: int, wanted: int, cause: str
    ) -> bool:
        """Set the capacity and note the activity; say whether anything changed."""
        if wanted == current:
            return False
        _, cluster, service = target["ResourceId"].split("/")
        begin = self._runtime.now()
        try:
            self._runtime.service(ContainerService).set_desired_count(
                region, cluster, service, wanted
            )
        except ServiceError as error:
            status, message = "Failed", f"Failed to set desired count to {wanted}: {error.message}"
        else:
            status = "Successful"
            message = (
                f"Successfully set desired count to {wanted}. Change successfully fulfilled by ecs."
            )
        table = self._table(region, "activities")
        activity = str(uuid.uuid4())
        table[activity] = {
            "ActivityId": activity,
            **{
                member: target[member]
                for member in ("ServiceNamespace", "ResourceId", "ScalableDimension")
            },
            "Description": f"Setting desired count to {wanted}.",
            "Cause": cause,
            "StartTime": begin,
            "EndTime": self._runtime.now(),
            "StatusCode": status,
            "StatusMessage": message,
        }
        for old in table.keys()[:-KEPT_ACTIVITIES]:
            del table[old]
        return status == "Successful"

    async def alarmed(self, region: str, arn: str, alarm: Mapping[str, Any]) -> None:
        """Act on an alarm whose action is a scaling policy.

        Raises:
            LookupError: There is no such policy, or its target is gone.
        """
        table = self._table(region, "policies")
        policy = next((one for one in table.values() if one["PolicyARN"] == arn), None)
        target = policy and self._table(region, "targets").get(target_key(policy))
        if policy is None or target is None:
            raise LookupError(f"there is no scaling policy {arn}")
        current = self.capacity(region, target)
        value = self._value(region, alarm)
        if current is None or value is None:
            return
        wanted = self._wanted(region, policy, target, alarm, current, value)
        if wanted == current or self._held_back(region, policy, target, grows=wanted > current):
            return
        cause = (
            f"monitor alarm {alarm['AlarmName']} in state {alarm['StateValue']} triggered policy "
            f"{policy['PolicyName']}"
        )
        if self._set(region, target, current, wanted, cause):
            scaled = {"At": self._runtime.now(), "Grew": wanted > current}
            key = f"{target_key(policy)}|{policy['PolicyName']}"
            self._table(region, "cooldowns")[key] = scaled

    def _value(self, region: str, alarm: Mapping[str, Any]) -> float | None:
        """Return the newest value of an alarm's metric."""
        points = self._runtime.service(Monitoring).evaluation.points(region, alarm)
        return next((value for _, value in reversed(points) if value is not None), None)

    def _wanted(
        self,
        region: str,
        policy: Mapping[str, Any],
        target: Mapping[str, Any],
        alarm: Mapping[str, Any],
        current: int,
        value: float,
    ) -> int:
        limits = Limits(target["MinCapacity"], target["MaxCapacity"])
        if policy["PolicyType"] == "StepScaling":
            steps = policy["StepScalingPolicyConfiguration"]
            return limits.clamp(policies.stepped(steps, current, value, alarm["Threshold"]))
        wanted = policies.tracked(current, value, _goal(policy))
        if "-AlarmLow-" not in alarm["AlarmName"]:
            return limits.clamp(max(wanted, current))
        # All target tracking policies of a target must agree before it shrinks.
        others = self._proposals(region, target, policy, current)
        return limits.clamp(min(max([wanted, *others]), current))

    def _proposals(
        self, region: str, target: Mapping[str, Any], asking: Mapping[str, Any], current: int
    ) -> list[int]:
        """Return what the other target tracking policies of a target ask for."""
        monitoring = self._runtime.service(Monitoring)
        found: list[int] = []
        for policy in self._table(region, "policies").values():
            same = target_key(policy) == target_key(target)
            tracks = policy["PolicyType"] == "TargetTrackingScaling" and policy["Alarms"]
            if not same or not tracks or policy["PolicyName"] == asking["PolicyName"]:
                continue
            alarm = monitoring.alarms(region).get(policy["Alarms"][0]["AlarmName"])
            value = self._value(region, alarm) if alarm else None
            if value is not None:
                found.append(policies.tracked(current, value, _goal(policy)))
        return found

    def _held_back(
        self, region: str, policy: Mapping[str, Any], target: Mapping[str, Any], *, grows: bool
    ) -> bool:
        """Say whether scaling is suspended or still cooling down."""
        direction = "DynamicScalingOutSuspended" if grows else "DynamicScalingInSuspended"
        if target["SuspendedState"][direction]:
            return True
        key = f"{target_key(policy)}|{policy['PolicyName']}"
        scaled = self._table(region, "cooldowns").get(key)
        if scaled is None:
            return False
        # Growing does not wait for the pause after shrinking.
        if grows and not scaled["Grew"]:
            return False
        return self._runtime.now() < scaled["At"] + _cooldown(policy, grows=grows)

    async def run(self, pause: float = 1.0) -> None:
        """Carry out scheduled actions for ever."""
        while True:
            for region in self._runtime.store.regions(SERVICE):
                if not self._runtime.is_stopped(region):
                    self._follow_schedules(region)
            await asyncio.sleep(pause)

    def _follow_schedules(self, region: str) -> None:
        table = self._table(region, "scheduled-actions")
        now = self._runtime.now()
        for key, action in zip(table.keys(), table.values(), strict=True):
            inside = action.get("StartTime", 0.0) <= now <= action.get("EndTime", now)
            is_due = inside and schedules.due(
                action["Schedule"],
                action.get("Timezone") or "UTC",
                action["DoneUntil"],
                now,
                created=action["CreationTime"],
            )
            if is_due:
                table[key] = {**action, "DoneUntil": now}
                self._scheduled(region, action)

    def _scheduled(self, region: str, action: Mapping[str, Any]) -> None:
        targets = self._table(region, "targets")
        target = targets.get(target_key(action))
        if target is None or target["SuspendedState"]["ScheduledScalingSuspended"]:
            return
        changed = {**target, **action["ScalableTargetAction"]}
        targets[target_key(action)] = changed
        current = self.capacity(region, changed)
        if current is None:
            return
        wanted = Limits(changed["MinCapacity"], changed["MaxCapacity"]).clamp(current)
        cause = f"scheduled action name {action['ScheduledActionName']} was triggered"
        self._set(region, changed, current, wanted, cause)


def _goal(policy: Mapping[str, Any]) -> float:
    return policy["TargetTrackingScalingPolicyConfiguration"]["TargetValue"]


def _cooldown(policy: Mapping[str, Any], *, grows: bool) -> float:
    if policy["PolicyType"] == "StepScaling":
        return policy["StepScalingPolicyConfiguration"].get("Cooldown", DEFAULT_COOLDOWN)
    name = "ScaleOutCooldown" if grows else "ScaleInCooldown"
    return policy["TargetTrackingScalingPolicyConfiguration"].get(name, DEFAULT_COOLDOWN)
